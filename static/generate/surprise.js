// @ts-check

/** How surprising the drawing is to the prior, and its repair. No DOM. */

import { gridsOf, joinCodes, splitCodes } from "../core/level-codes.js";
import { SIZE } from "../core/state.js";
import { anyChanged } from "../core/store.js";
import { unpack } from "../core/tensor.js";
import { createDecodeQueue, createSampleQueue } from "./queue.js";

/** @typedef {import("../core/grid.js").Grid} Grid */
/** @typedef {import("../core/types.d.ts").Score} Score */

/** Codes of more bits than this are sampled anew by a repair. */
export const SURPRISING = 5;

/**
 * @param {number[]} classBits −log₂ p(codes | class)
 * @returns {number[]} p(class | codes) if all classes were equally probable before
 */
export function classProbabilities(classBits) {
  const least = Math.min(...classBits);
  const weights = classBits.map((bits) => 2 ** (least - bits));
  const sum = weights.reduce((part, weight) => part + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * @param {import("../core/types.d.ts").Trace | null} trace
 * @returns {boolean} whether nothing is drawn
 */
export const isBlank = (trace) => !trace?.pixels?.some((value) => value);

/**
 * @param {Uint8Array} pixels 28×28
 * @param {Grid} grid
 * @returns {boolean[]} for each cell whether its patch of the picture holds ink
 */
export function inkedCells(pixels, { height, width }) {
  const inked = Array(height * width).fill(false);
  pixels.forEach((value, n) => {
    if (!value) return;
    const i = Math.floor((Math.floor(n / SIZE) * height) / SIZE);
    const j = Math.floor(((n % SIZE) * width) / SIZE);
    inked[i * width + j] = true;
  });
  return inked;
}

/**
 * @param {Float32Array} bits of each cell
 * @param {boolean[]} inked
 * @returns {number} the share of the bits that lie in cells without ink
 */
export function emptyShare(bits, inked) {
  const total = bits.reduce((sum, value) => sum + value, 0);
  return bits.reduce((sum, value, row) => sum + (inked[row] ? 0 : value), 0) / total;
}

/**
 * @param {Score} score
 * @returns {number[]} the cells whose codes surprise, those of all levels counted
 */
export function surprisingCells({ bits }) {
  return [...bits.keys()].filter((row) => bits[row] > SURPRISING);
}

/**
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("./queue.js").Question} question
 */
export function createRepair(store, question) {
  const samples = createSampleQueue(question);
  const pictures = createDecodeQueue(question);
  /** Repairs of this drawing: each has a seed of its own. */
  let repairs = 0;

  function forget() {
    samples.clear();
    pictures.clear();
  }

  return {
    /** Samples the surprising codes anew, for the class that explains the drawing best. */
    async restore() {
      const score = store.get("score");
      const model = store.get("model");
      if (!score || !model) return;
      forget();
      const replaced = surprisingCells(score);
      const levels = gridsOf(model);
      const given = score.codes.map((code, cell) => replaced.includes(cell) ? null : code);
      const digit = score.classBits.indexOf(Math.min(...score.classBits));
      const seed = (store.get("seed") + repairs++) % 2 ** 32;
      const settings = { digit, temperature: store.get("temperature"), seed };
      const sample = await samples.ask({ ...settings, ...splitCodes(levels, "given", given) });
      const codes = sample && /** @type {number[]} */ (joinCodes(levels, "codes", sample));
      const picture = codes && await pictures.ask(splitCodes(levels, "indices", codes));
      if (store.get("score") !== score || !picture) return;
      store.set("restored", { digit, codes, replaced, picture: unpack(picture.reconstruction) });
    },

    /** @param {Set<import("../core/types.d.ts").Key>} changed */
    update(changed) {
      if (!anyChanged(changed, ["score", "model"])) return;
      forget();
      repairs = 0;
      store.set("restored", null);
    },
  };
}
