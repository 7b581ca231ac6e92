// @ts-check

/** English: what is said of a backward pass. */

import { significant } from "../core/format.js";
import { at, count } from "./en-words.js";

/** @typedef {import("../core/types.d.ts").Cell} Cell */
/** @typedef {import("../core/types.d.ts").Loss} Loss */

export const backward = {
  /** @type {Record<Loss, string>} */
  losses: {
    reconstruction: "Reconstruction",
    codebook: "Codebook",
    commitment: "Commitment",
  },
  /**
   * Why no gradient of a term arrives at an end.
   * @type {Record<Loss, Record<"encoder" | "codebook", string>>}
   */
  blocked: {
    reconstruction: { encoder: "argmin has no gradient", codebook: "the straight-through line bypasses it" },
    codebook: { encoder: "sg blocks it at the features", codebook: "every feature equals its code" },
    commitment: { encoder: "every feature equals its code", codebook: "sg blocks it at the codes" },
  },

  lineInPlace: "The line is in place: it passes every gradient on unchanged, so the two maps are the same.",
  lineRemoved: "The line is removed: the decoder gets the codes themselves, argmin has no gradient, and the encoder gets " +
    "none. The gradient of the loss now reaches the codebook instead (below).",

  /** @type {Record<import("../core/types.d.ts").ComputedBy, string>} */
  computedBy: {
    pytorch: "Computed by PyTorch’s autograd.",
    numpy: "Computed by the chain rule written out in NumPy (explain/numpy_gradients.py), which gives the same gradients " +
      "as PyTorch’s autograd.",
    page: "Computed in this page by its own copy of the model, which gives the same gradients as PyTorch’s autograd.",
  },

  /**
   * @param {string} cell its name
   * @param {number} length
   */
  cellGradient: (cell, length) => `${cell}, gradient ${significant(length)}`,
  /**
   * @param {Cell} cell
   * @param {number} quantized
   * @param {number} features
   */
  reading: (cell, quantized, features) =>
    `Cell ${at(cell)}: ${significant(quantized)} with respect to quantized, ${significant(features)} with respect to features.`,
  readingHint: "Each cell shows the length of its gradient, a vector of the same size as the cell’s feature. " +
    "Point at a cell to read its value.",

  /**
   * @param {number} code
   * @param {number} [length]
   */
  code: (code, length) => length === undefined ? `Code ${code}` : `Code ${code}: ${significant(length)}`,
  /**
   * @param {number} moved
   * @param {number} codes
   * @param {number} longest
   */
  moved: (moved, codes, longest) =>
    `${moved} of ${count(codes, "code")} would move; the longest gradient is ${significant(longest)}.`,
  /** @param {number} codes */
  unmoved: (codes) => `0 for all ${count(codes, "code")}: none would move.`,
};
