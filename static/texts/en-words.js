// @ts-check

/** English: numbers, lists and plurals in sentences. */

import { formatNumber as short } from "../core/format.js";

/** @typedef {import("../core/types.d.ts").Cell} Cell */

// The first number that Intl formats takes 10 ms, which the first reconstruction would wait for.

/** @param {number} integer @returns {string} such as "1,234" */
export const grouped = (integer) => String(integer).replace(/\B(?=(\d{3})+$)/g, ",");

/** @param {Iterable<string>} names @returns {string} such as "a, b, and c" */
export const listed = (names) => new Intl.ListFormat("en").format(names);

/**
 * @param {number} n
 * @param {string} one
 * @param {string} other
 */
export const choose = (n, one, other) => n === 1 ? one : other;

/**
 * @param {number} n
 * @param {string} one
 * @param {string} [other]
 * @returns {string} "1 cell", "49 cells"
 */
export const count = (n, one, other = `${one}s`) => `${n} ${choose(n, one, other)}`;

/** @param {Cell} cell */
export const at = ([i, j]) => `(${i}, ${j})`;

/**
 * A sentence with elements in it, in pieces that `replaceChildren` takes.
 * @param {TemplateStringsArray} words
 * @param {...(string | Node)} values
 * @returns {(string | Node)[]}
 */
export const mixed = (words, ...values) => words.flatMap((word, n) => n < values.length ? [word, values[n]] : [word]);

/** @param {number} distance NaN while it is on its way */
export const known = (distance) => Number.isFinite(distance) ? short(distance) : "loading";

/** @typedef {import("../core/rows.js").Run} Run */
/** @typedef {{ row: number, cell: Cell, runs: Run[] | null }} Place a row of the matrices */

/** @param {Place} place */
export const whole = ({ row, cell, runs }) => runs ? `Row ${row}` : `Cell ${at(cell)}`;

/** @param {Place} place */
export const within = ({ row, cell, runs }) => runs ? `row ${row}` : `cell ${at(cell)}`;

/**
 * @param {Run[]} runs of a row of the wrong reshape
 * @returns {string} what the row holds
 */
export function content(runs) {
  if (runs.length <= 2) {
    return runs.map(({ channel, first, last }) => `channel ${channel} from ${at(first)} to ${at(last)}`).join(" and ");
  }
  const [first, last] = [runs[0], runs[runs.length - 1]];
  return `channels ${first.channel} to ${last.channel}, from ${at(first.first)} of the first to ${at(last.last)} of the last`;
}
