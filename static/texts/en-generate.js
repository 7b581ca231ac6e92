// @ts-check

/** English: what is said of the prior where it generates. */

import { percent } from "../core/format.js";
import { at, count, grouped, listed } from "./en-words.js";

/** @typedef {import("../core/types.d.ts").Cell} Cell */

export const generate = {
  /** @param {string} title of the model that is shown */
  none: (title) => `${title} has no prior: no second model was trained over its codes.`,
  noneAtAll: "No model here has a prior. Train one with “vqvae-explainer train-prior”.",
  /** @param {string} title of a model that has a prior */
  choose: (title) => `Show ${title}, which has one`,

  /**
   * @param {Cell} cell
   * @param {number | null} code null while it is not written
   * @param {boolean} overruled
   */
  writtenCell: (cell, code, overruled) =>
    `Cell ${at(cell)}: ${code === null ? "not written" : `code ${code}${overruled ? ", chosen by you" : ""}`}`,
  /**
   * @param {number} written
   * @param {number} cells
   * @param {number} bits of the written codes
   */
  written: (written, cells, bits) => `${written} of ${count(cells, "code")}, ${bits.toFixed(1)} bits`,
  /** @param {boolean} coarse whether only codes of the coarse level are written */
  picture: (coarse) =>
    coarse
      ? "Decoded from the top alone: the coarse picture, before its detail is written."
      : "Decoded; cells that are not written yet have the codes of an empty page.",
  /**
   * @param {object} next
   * @param {string} next.level of the cell; empty where there is only one
   * @param {Cell} next.cell
   * @param {number} next.digit
   * @param {number} next.code that was drawn
   * @param {number} next.share its probability
   * @param {number} next.bits
   */
  next: ({ level, cell, digit, code, share, bits }) =>
    `${level && `${level}: `}${level ? "as" : "As"} a ${digit}, cell ${at(cell)} gets code ${code}: probability ${percent(share)}, ${bits.toFixed(1)} bits.`,
  /**
   * @param {number} digit
   * @param {number} bits
   * @param {number} uniform
   */
  finished: (digit, bits, uniform) =>
    `A ${digit} in ${bits.toFixed(1)} bits; codes chosen evenly would take ${uniform.toFixed(1)}.`,
  /** @param {boolean} failed whether the last question ended in an error */
  waiting: (failed) => failed ? "There was no answer. The next change asks again." : "The prior is being asked.",
  /**
   * @param {number} code
   * @param {number} share
   */
  bar: (code, share) => `Code ${code}: ${percent(share)}`,

  /**
   * @param {number} rows
   * @param {number} of
   */
  kept: (rows, of) => rows ? `${rows} of ${count(of, "row")} kept` : "Nothing is kept: the prior writes everything.",
  /**
   * @param {number} digit
   * @param {number} seed
   */
  completion: (digit, seed) => `as a ${digit}, seed ${seed}`,
  /** @param {number[]} digits how many completions were made for each digit */
  completed(digits) {
    const found = digits.flatMap((n, digit) => n ? [`${n} × ${digit}`] : []);
    return `The prior took the kept rows for: ${listed(found)}.`;
  },

  /**
   * @param {Cell} cell
   * @param {number} code
   * @param {number} bits NaN while they are not known
   */
  surprise: (cell, code, bits) => `Cell ${at(cell)}, code ${code}: ${bits.toFixed(1)} bits`,
  /** @param {number} most bits of the most surprising cell */
  surpriseMap: (most) => `Bits of each cell’s code, given those before it; at most ${most.toFixed(1)}.`,
  /** @param {number} bits */
  ofUniform: (bits) => `of ${bits.toFixed(1)} if all codes were equally likely`,
  /**
   * @param {number} share of the bits
   * @param {number} cells
   */
  empty: (share, cells) =>
    `${Math.round(100 * share)}% of the bits are in the ${count(cells, "cell")} without ink, whose codes carry the strokes beside them.`,
  /** @param {number} bits */
  classBits: (bits) => `${bits.toFixed(1)} bits`,
  /**
   * @param {number} digit
   * @param {number} share
   * @param {number} accuracy of such guesses on test digits
   */
  looksLike: (digit, share, accuracy) =>
    `Most likely a ${digit} (${percent(share)}): it explains the codes in the fewest bits. Nothing was trained to classify; ` +
    `on test digits such guesses are right in ${percent(accuracy)}.`,
  /**
   * @param {number} replaced
   * @param {number} digit
   */
  restored: (replaced, digit) => `${count(replaced, "code")} sampled anew, as for a ${digit}.`,

  /** @param {number} bits */
  stripBits: (bits) => `${bits.toFixed(1)} bits`,
  /**
   * @param {string} title of a strip
   * @param {number} n from 0, the class where the strip knows of classes
   */
  sample: (title, n) => `${title}: sample ${n}`,

  /** @param {number} bits */
  size: (bits) => grouped(bits),
  /**
   * @param {number} bits
   * @param {number} least −log₂ p of the codes
   * @param {number} cells
   */
  unpacked: (bits, least, cells) =>
    `${count(bits, "bit")}, where −log₂ p is ${least.toFixed(1)}. Unpacked again, they gave exactly the same ${count(cells, "code")}:`,
  damaged: "Unpacked again, these bits did not give the same codes.",
};
