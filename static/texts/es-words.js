// @ts-check

/** Spanish: numbers, lists and plurals in sentences. Decimals keep the point, as in the code and the matrices beside them. */

import { formatNumber as short } from "../core/format.js";

/** @typedef {import("../core/types.d.ts").Cell} Cell */

/** @param {number} integer @returns {string} such as "12 345", with spaces that do not break; four digits stay together */
export const grouped = (integer) => integer < 10000 ? String(integer) : String(integer).replace(/\B(?=(\d{3})+$)/g, "\u202f");

/** @param {Iterable<string>} names @returns {string} such as "a, b y c" */
export const listed = (names) => new Intl.ListFormat("es").format(names);

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
 * @returns {string} "1 celda", "49 celdas"
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
export const known = (distance) => Number.isFinite(distance) ? short(distance) : "cargando";

/** @typedef {import("../core/rows.js").Run} Run */
/** @typedef {{ row: number, cell: Cell, runs: Run[] | null }} Place a row of the matrices */

/** @param {Place} place */
export const whole = ({ row, cell, runs }) => runs ? `Fila ${row}` : `Celda ${at(cell)}`;

/** @param {Place} place */
export const within = ({ row, cell, runs }) => runs ? `la fila ${row}` : `la celda ${at(cell)}`;

/**
 * @param {Run[]} runs of a row of the wrong reshape
 * @returns {string} what the row holds
 */
export function content(runs) {
  if (runs.length <= 2) {
    return runs.map(({ channel, first, last }) => `canal ${channel} de ${at(first)} a ${at(last)}`).join(" y ");
  }
  const [first, last] = [runs[0], runs[runs.length - 1]];
  return `canales ${first.channel} a ${last.channel}, desde ${at(first.first)} del primero hasta ${at(last.last)} del último`;
}
