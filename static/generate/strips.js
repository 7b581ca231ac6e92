// @ts-check

/** Samples of ever better models of the codes. No DOM. */

import { cellCount } from "../core/grid.js";
import { anyChanged } from "../core/store.js";
import { unpack } from "../core/tensor.js";
import { pick, uniform } from "../kernel/random.js";
import { createDecodeQueue, createSampleQueue } from "./queue.js";
import { toRows } from "./writing.js";

/** @typedef {import("../core/types.d.ts").Prior} Prior */
/** @typedef {import("../core/types.d.ts").StripKind} StripKind */

/** Digits of a strip: one of each class. */
export const LENGTH = 10;

/** From knowing nothing to the prior. @type {StripKind[]} */
const KINDS = ["uniform", "unigram", "position", "prior"];

/**
 * Samples a grid, each cell on its own.
 * @param {Exclude<StripKind, "prior">} kind
 * @param {Prior} prior
 * @param {import("../core/grid.js").Grid} grid
 * @param {number} digit for which it is sampled, where the kind knows of classes
 * @param {number} seed
 * @returns {number[][]}
 */
export function sampleCells(kind, { code_usage, position_usage }, grid, digit, seed) {
  const even = Array(grid.numEmbeddings).fill(1);
  const codes = Array.from({ length: cellCount(grid) }, (_, row) => {
    const shares = kind === "uniform" ? even : kind === "unigram" ? code_usage : position_usage[digit][row];
    return pick(shares, uniform(seed, row));
  });
  return toRows(codes, grid);
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
    const { grid } = model;
    const temperature = store.get("temperature");

    /**
     * @param {StripKind} kind
     * @param {number} n place in the strip, and the class
     */
    const draw = async (kind, n) => {
      const seed = (store.get("seed") + n) % 2 ** 32;
      const indices = kind === "prior"
        ? (await samples.ask({ digit: n, temperature, seed }))?.codes
        : sampleCells(kind, card, grid, n, seed);
      const picture = indices && await pictures.ask({ indices });
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
