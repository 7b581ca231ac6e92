// @ts-check

import { parseSafetensors } from "../kernel/safetensors.js";
import { readBytes, readJson } from "./reading.js";

/** @typedef {import("../core/types.d.ts").Tensor} Tensor */

/**
 * What the page asks the worker to load.
 * @typedef {object} LoadRequest
 * @property {"load"} type
 * @property {"model" | "prior"} kind
 * @property {string} key of the reply; what has the key of what was loaded, or is on its way, is not loaded again
 * @property {string} name of the model
 * @property {import("./reading.js").Source} document what is known of it beside the weights
 * @property {import("./reading.js").Source} weights
 */

/** @typedef {{ config: any, tensors: Record<string, Tensor>, codeUsage: number[] }} PriorWeights */

/** @typedef {{ type: "loaded", key: string, description?: object, error?: string }} LoadReply */

/**
 * The worker's side of loading: its files go from the network to the models without passing through the page.
 * @param {Promise<Pick<ReturnType<typeof import("./answers.js").createAnswers>, "add" | "addPrior">>} models get what is loaded;
 *   awaited while the files are on their way
 * @param {(weights: PriorWeights) => Promise<import("./answers.js").PriorAnswers>} createPrior
 */
export function createLoader(models, createPrior) {
  /** @type {Map<string, Promise<Pick<LoadReply, "description">>>} by key */
  const loads = new Map();

  /**
   * @param {LoadRequest} request
   * @returns {Promise<Pick<LoadReply, "description">>}
   */
  async function read({ kind, name, document, weights }) {
    const [text, file] = await Promise.all([readJson(document), readBytes(weights)]);
    const { metadata, tensors } = parseSafetensors(file);
    const config = JSON.parse(metadata.config);
    const { add, addPrior } = await models;
    if (kind === "prior") {
      addPrior(name, await createPrior({ config, tensors, codeUsage: text.code_usage }));
      return {};
    }
    add(name, { config, tensors, check: text.check });
    for (const [id, level] of Object.entries(text.detail.levels ?? {})) {
      level.embeddings = toRows(tensors[`${id}_quantizer.embeddings`]);
    }
    return { description: { ...text.detail, embeddings: toRows(tensors["quantizer.embeddings"]) } };
  }

  /**
   * @param {LoadRequest} request
   * @returns {Promise<LoadReply>}
   */
  return async (request) => {
    const { key } = request;
    const load = loads.get(key) ?? read(request);
    loads.set(key, load);
    try {
      return { type: "loaded", key, ...await load };
    } catch (error) {
      loads.delete(key);
      return { type: "loaded", key, error: String(error) };
    }
  };
}

/**
 * @param {Tensor} matrix
 * @returns {number[][]} with the fewest digits that identify each number, as a server writes them
 */
function toRows({ shape: [rows, columns], data }) {
  return Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * columns, (row + 1) * columns), shortest));
}

/** @param {number} value a float32 */
function shortest(value) {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
