// @ts-check

/** Spanish: what is said of the prior where it generates. */

import { percent } from "../core/format.js";
import { at, choose, count, grouped, listed } from "./es-words.js";

/** @typedef {import("../core/types.d.ts").Cell} Cell */

export const generate = {
  /** @param {string} title of the model that is shown */
  none: (title) => `${title} no tiene prior: no se entrenó un segundo modelo sobre sus códigos.`,
  noneAtAll: "Ningún modelo tiene aquí un prior. Entrena uno con «vqvae-explainer train-prior».",
  /** @param {string} title of a model that has a prior */
  choose: (title) => `Mostrar ${title}, que sí tiene uno`,

  /**
   * @param {Cell} cell
   * @param {number | null} code null while it is not written
   * @param {boolean} overruled
   */
  writtenCell: (cell, code, overruled) =>
    `Celda ${at(cell)}: ${code === null ? "sin escribir" : `código ${code}${overruled ? ", elegido por ti" : ""}`}`,
  /**
   * @param {number} written
   * @param {number} cells
   * @param {number} bits of the written codes
   */
  written: (written, cells, bits) => `${written} de ${count(cells, "código")}, ${bits.toFixed(1)} bits`,
  /** @param {boolean} coarse whether only codes of the coarse level are written */
  picture: (coarse) =>
    coarse
      ? "Decodificado solo del nivel superior: la imagen gruesa, antes de que se escriban sus detalles."
      : "Decodificado; las celdas aún sin escribir tienen los códigos de una página vacía.",
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
    `${level && `${level}: `}${level ? "para" : "Para"} un ${digit}, la celda ${at(cell)} recibe el código ${code}: probabilidad ${percent(share)}, ${bits.toFixed(1)} bits.`,
  /**
   * @param {number} digit
   * @param {number} bits
   * @param {number} uniform
   */
  finished: (digit, bits, uniform) =>
    `Un ${digit} en ${bits.toFixed(1)} bits; con todos los códigos igual de probables harían falta ${uniform.toFixed(1)}.`,
  /** @param {boolean} failed whether the last question ended in an error */
  waiting: (failed) => failed ? "No hubo respuesta. El próximo cambio vuelve a preguntar." : "Preguntando al prior.",
  /**
   * @param {number} code
   * @param {number} share
   */
  bar: (code, share) => `Código ${code}: ${percent(share)}`,

  /**
   * @param {number} rows
   * @param {number} of
   */
  kept: (rows, of) =>
    rows ? `Se ${choose(rows, "conserva", "conservan")} ${rows} de ${count(of, "fila")}` : "No se conserva nada: el prior lo escribe todo.",
  /**
   * @param {number} digit
   * @param {number} seed
   */
  completion: (digit, seed) => `como un ${digit}, semilla ${seed}`,
  /** @param {number[]} digits how many completions were made for each digit */
  completed(digits) {
    const found = digits.flatMap((n, digit) => n ? [`${n} × ${digit}`] : []);
    return `El prior vio en las filas conservadas: ${listed(found)}.`;
  },

  /**
   * @param {Cell} cell
   * @param {number} code
   * @param {number} bits NaN while they are not known
   */
  surprise: (cell, code, bits) => `Celda ${at(cell)}, código ${code}: ${bits.toFixed(1)} bits`,
  /** @param {number} most bits of the most surprising cell */
  surpriseMap: (most) => `Bits del código de cada celda, dados los anteriores; como máximo ${most.toFixed(1)}.`,
  /** @param {number} bits */
  ofUniform: (bits) => `de ${bits.toFixed(1)} si todos los códigos fueran igual de probables`,
  /**
   * @param {number} share of the bits
   * @param {number} cells
   */
  empty: (share, cells) =>
    `El ${Math.round(100 * share)}% de los bits está en ${choose(cells, "la", "las")} ${count(cells, "celda")} sin tinta, cuyos códigos llevan los trazos de al lado.`,
  /** @param {number} bits */
  classBits: (bits) => `${bits.toFixed(1)} bits`,
  /**
   * @param {number} digit
   * @param {number} share
   * @param {number} accuracy of such guesses on test digits
   */
  looksLike: (digit, share, accuracy) =>
    `Lo más probable es un ${digit} (${percent(share)}): explica los códigos con menos bits. Nada se entrenó para clasificar; ` +
    `con los dígitos de prueba, así se acierta en el ${percent(accuracy)}.`,
  /**
   * @param {number} replaced
   * @param {number} digit
   */
  restored: (replaced, digit) =>
    `${count(replaced, "código")} ${choose(replaced, "muestreado", "muestreados")} de nuevo, como para un ${digit}.`,

  /** @param {number} bits */
  stripBits: (bits) => `${bits.toFixed(1)} bits`,
  /**
   * @param {string} title of a strip
   * @param {number} n from 0, the class where the strip knows of classes
   */
  sample: (title, n) => `${title}: muestra ${n}`,

  /** @param {number} bits */
  size: (bits) => grouped(bits),
  /**
   * @param {number} bits
   * @param {number} least −log₂ p of the codes
   * @param {number} cells
   */
  unpacked: (bits, least, cells) =>
    `${count(bits, "bit")}; −log₂ p es ${least.toFixed(1)}. Al desempaquetarlos salen exactamente los mismos códigos (${cells}):`,
  damaged: "Al desempaquetarlos, estos bits no dieron los mismos códigos.",
};
