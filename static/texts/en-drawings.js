// @ts-check

/** English: what is said of other drawings than the one on the pad. */

import { at, choose, count, grouped } from "./en-words.js";

/** @typedef {import("../core/types.d.ts").Cell} Cell */

export const drawings = {
  /**
   * @param {number} code
   * @param {number} most test digits that have it in the same cell
   * @param {number} digits
   * @param {Cell} cell
   */
  places: (code, most, digits, cell) =>
    most
      ? `Where test digits have code ${code}. Brightest: cell ${at(cell)}, in ${grouped(most)} of ${grouped(digits)}.`
      : `No test digit has code ${code}.`,
  /**
   * @param {number} found
   * @param {number} past
   */
  ownDrawings: (found, past) =>
    `${found} of your last ${count(past, "drawing")} ${choose(found, "has", "have")} it. They stay in this browser.`,

  /** @param {number} digit */
  example: (digit) => `example ${digit}`,
  /** @param {number} n 1 for the last one */
  earlier: (n) => `your drawing, ${n} back`,
  /** @param {number[]} cells of the top and of the bottom */
  mixingOrder: ([top, bottom]) => `The ${top} cells of the top come first, then the ${bottom} of the bottom.`,
};
