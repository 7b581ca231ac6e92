// @ts-check

/** Samples of ever better models of the codes. No DOM. */

import { cellsOf, gridsOf, joinCodes, placeOf, splitCodes } from "../core/level-codes.js";
import { anyChanged } from "../core/store.js";
import { unpack } from "../core/tensor.js";
import { pick, uniform } from "../kernel/random.js";
import { createDecodeQueue, createSampleQueue } from "./queue.js";

/** @typedef {import("../core/types.d.ts").Prior} Prior */
/** @typedef {import("../core/types.d.ts").StripKind} StripKind */

/** Digits of a strip: one of each class. */
export const LENGTH = 10;

/** From knowing nothing to the prior. @type {StripKind[]} */
const KINDS = ["uniform", "unigram", "position", "prior"];

/**
 * Samples codes, each cell on its own.
 * @param {Exclude<StripKind, "prior">} kind
 * @param {Prior} prior
 * @param {ReturnType<typeof gridsOf>} levels
 * @param {number} digit for which they are sampled, where the kind knows of classes
 * @param {number} seed
 * @returns {number[]} of all levels
 */
export function sampleCells(kind, { code_usage, position_usage }, levels, digit, seed) {
  return Array.from({ length: cellsOf(levels) }, (_, cell) => {
    const { level } = placeOf(levels, cell);
    const size = level.numEmbeddings;
    const start = levels.indexOf(level) * size;
    const shares = kind === "uniform"
      ? Array(size).fill(1)
      : kind === "unigram"
      ? code_usage.slice(start, start + size)
      : position_usage[digit][cell];
    return pick(shares, uniform(seed, cell));
  });
}

/**
 * @param {StripKind} kind
 * @param {Prior} prior
 * @returns {number} bits of the codes of a test digit
 */
export function bitsOfKind(kind, { metrics }) {
  return kind === "prior" ? metrics.bits_given_class : metrics[`bits_${kind}`];
}

/**
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("./queue.js").Question} question
 */
export function createStrips(store, question) {
  const samples = createSampleQueue(question);
  const pictures = createDecodeQueue(question);
  let turn = 0;

  function begin() {
    const mine = ++turn;
    samples.clear();
    pictures.clear();
    store.set("strips", {});
    const model = store.get("model");
    const card = model && store.get("priors")[model.name];
    if (!model || !card) return;
    const levels = gridsOf(model);
    const temperature = store.get("temperature");

    /**
     * @param {StripKind} kind
     * @param {number} n place in the strip, and the class
     */
    const draw = async (kind, n) => {
      const seed = (store.get("seed") + n) % 2 ** 32;
      const sample = kind === "prior" ? await samples.ask({ digit: n, temperature, seed }) : null;
      const codes = kind === "prior"
        ? sample && joinCodes(levels, "codes", sample)
        : sampleCells(kind, card, levels, n, seed);
      const picture = codes && await pictures.ask(splitCodes(levels, "indices", codes));
      if (mine !== turn || !picture) return;
      const strips = store.get("strips");
      const strip = [...strips[kind] ?? []];
      strip[n] = unpack(picture.reconstruction);
      store.set("strips", { ...strips, [kind]: strip });
    };

    for (const kind of KINDS) for (let n = 0; n < LENGTH; n++) draw(kind, n);
  }

  return {
    /** @param {Set<import("../core/types.d.ts").Key>} changed */
    update(changed) {
      if (store.get("model")?.prior && anyChanged(changed, ["model", "priors", "seed", "temperature"])) begin();
    },
  };
}
