// @ts-check

import { toBase64 } from "../core/tensor.js";
import { joinCodes, splitCodes, splitTensor } from "../core/level-codes.js";
import { compress, decompress } from "../kernel/compression.js";
import { levelsOf } from "../kernel/prior-layout.js";
import { sample } from "../kernel/sampling.js";
import { score } from "../kernel/scoring.js";
import { passes } from "./check.js";
import { previewCodes } from "./previews.js";

/** @typedef {import("../core/types.d.ts").Tensor} Tensor */
/** @typedef {import("../kernel/types.d.ts").Model} Model */
/** @typedef {import("../kernel/types.d.ts").Prior} Prior */

/**
 * @typedef {object} PriorWeights
 * @property {any} config
 * @property {Record<string, Tensor>} tensors
 * @property {number[]} codeUsage
 */

/**
 * A model's configuration and tensors, and those of its prior once they are here.
 * @typedef {object} Weights
 * @property {any} config
 * @property {Record<string, Tensor>} tensors
 * @property {import("./check.js").Check} check
 * @property {PriorWeights} [prior]
 */

/**
 * A model that may be asked; it and its prior are made when they are asked first.
 * @typedef {object} Known
 * @property {Weights} weights
 * @property {Model} model
 * @property {Prior} prior
 */

/** The kernel computes something else than the model of this title. */
class UnusableError extends Error {}

/** The tensors of a trace, of every level. */
const STAGES = ["features", "distances", "quantized", "reconstruction"];

/**
 * The worker's side of the messages: the requests of the stream, answered by models in JavaScript. Tensors are not packed.
 * @param {object} kernel
 * @param {(config: any, tensors: Record<string, Tensor>) => Model} kernel.createModel
 * @param {(config: any, tensors: Record<string, Tensor>) => Prior} kernel.createPrior
 * @param {() => number} [now] in milliseconds
 */
export function createAnswers({ createModel, createPrior }, now = () => performance.now()) {
  /** @type {Map<string, Known>} */
  const models = new Map();

  /** @type {Record<string, (known: Known, request: any) => object>} */
  const operations = {
    trace({ model }, { pixels, variant, stages = STAGES }) {
      const left = STAGES.filter((stage) => !stages.includes(stage));
      const fields = Object.entries(model.trace(pixels, variant)).filter(([name]) => !left.includes(name.split(".")[0]));
      return { variant, ...Object.fromEntries(fields) };
    },
    decode: ({ model }, request) => ({ reconstruction: model.decode(request) }),
    previews({ model, weights }, request) {
      const [size] = weights.tensors["quantizer.embeddings"].shape; // of every level
      return { pictures: previewCodes(model.decode, size, request) };
    },
    sample({ prior }, request) {
      const levels = levelsOf(prior.config);
      const given = joinCodes(levels, "given", request);
      const { digit, codes, probabilities, bits } = sample(prior, { ...request, given });
      return {
        digit,
        ...splitCodes(levels, "codes", codes),
        ...splitTensor(levels, "probabilities", probabilities, prior.config.num_embeddings),
        ...splitTensor(levels, "bits", bits),
      };
    },
    score({ prior, weights }, request) {
      const levels = levelsOf(prior.config);
      const { bits, ...numbers } = score(prior, weights.prior?.codeUsage ?? [], codesOf(levels, request));
      return { ...splitTensor(levels, "bits", bits), ...numbers };
    },
    compress({ prior, weights }, request) {
      const levels = levelsOf(prior.config);
      const codes = codesOf(levels, request);
      const { class_bits, total } = score(prior, weights.prior?.codeUsage ?? [], codes);
      const { digit, bits } = compress(prior, codes, class_bits);
      const unpacked = splitCodes(levels, "codes", decompress(prior, bits));
      return { digit, bits: bits.length, data: toBase64(toBytes(bits)), information: total, ...unpacked };
    },
    backward: ({ model }, { pixels, straight_through }) => ({
      straight_through,
      computed_by: "page",
      ...model.gradients(pixels, straight_through),
    }),
  };

  return {
    /**
     * @param {string} name of a model that may be asked from now on
     * @param {Weights} weights
     */
    add(name, weights) {
      /** @type {Model | undefined} */
      let model;
      /** @type {Prior | undefined} */
      let prior;
      models.set(name, {
        weights,
        get model() {
          if (model) return model;
          const made = createModel(weights.config, weights.tensors);
          if (!passes(made, weights.check)) throw new UnusableError(weights.config.title);
          return model = made;
        },
        get prior() {
          if (!weights.prior) throw new Error(`no prior of ${name}`);
          return prior ??= createPrior(weights.prior.config, weights.prior.tensors);
        },
      });
    },

    /**
     * @param {string} name of a model whose prior may be asked from now on
     * @param {PriorWeights} prior
     */
    addPrior(name, prior) {
      const known = models.get(name);
      if (known) known.weights.prior = prior;
    },

    /**
     * Makes a model before it is asked.
     * @param {string} name
     */
    prepare(name) {
      try {
        models.get(name)?.model;
      } catch {
        // It is made again, and fails again, when it is asked: only then is there somebody to tell.
      }
    },

    /**
     * @param {any} request
     * @returns {object} the reply of the stream
     */
    answer(request) {
      const { type, seq, model: name } = request;
      const start = now();
      try {
        const known = models.get(name);
        if (!known || !Object.hasOwn(operations, type)) throw new Error(`no ${type} of ${name}`);
        const fields = operations[type](known, request);
        return { type, seq, model: name, ...fields, server_ms: now() - start };
      } catch (error) {
        if (error instanceof UnusableError) return { type: "error", seq, code: "unusable", message: error.message };
        return { type: "error", seq, code: "internal", message: String(error) };
      }
    },
  };
}

/** @type {(levels: import("../core/level-codes.js").Level[], request: object) => number[]} */
const codesOf = (levels, request) => /** @type {number[]} */ (joinCodes(levels, "codes", request));

/**
 * @param {string} bits "0" and "1"
 * @returns {Uint8Array} the last byte filled up with zeros
 */
function toBytes(bits) {
  return Uint8Array.from(bits.match(/.{1,8}/g) ?? [], (byte) => parseInt(byte.padEnd(8, "0"), 2));
}
