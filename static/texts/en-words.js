// @ts-check

/** English: numbers, lists and plurals in sentences. */

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
