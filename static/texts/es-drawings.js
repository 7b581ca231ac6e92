// @ts-check

/** Spanish: what is said of other drawings than the one on the pad. */

import { at, choose, count, grouped } from "./es-words.js";

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
      ? `Dónde tienen el código ${code} los dígitos de prueba. La más clara: la celda ${at(cell)}, en ${grouped(most)} de ${grouped(digits)}.`
      : `Ningún dígito de prueba tiene el código ${code}.`,
  /**
   * @param {number} found
   * @param {number} past
   */
  ownDrawings: (found, past) =>
    past === 1
      ? `${choose(found, "Tu último dibujo lo tiene", "Tu último dibujo no lo tiene")}. Tus dibujos se quedan en este navegador.`
      : `${found} de tus últimos ${count(past, "dibujo")} lo ${choose(found, "tiene", "tienen")}. Se quedan en este navegador.`,

  /** @param {number} digit */
  example: (digit) => `ejemplo ${digit}`,
  /** @param {number} n 1 for the last one */
  earlier: (n) => `tu dibujo, ${n} atrás`,
  /** @param {number[]} cells of the top and of the bottom */
  mixingOrder: ([top, bottom]) => `Primero van las ${top} celdas del nivel superior y después las ${bottom} del inferior.`,
};
