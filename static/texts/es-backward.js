// @ts-check

/** Spanish: what is said of a backward pass. */

import { significant } from "../core/format.js";
import { at, choose, count } from "./es-words.js";

/** @typedef {import("../core/types.d.ts").Cell} Cell */
/** @typedef {import("../core/types.d.ts").Loss} Loss */

export const backward = {
  /** @type {Record<Loss, string>} */
  losses: {
    reconstruction: "Reconstrucción",
    codebook: "Diccionario",
    commitment: "Compromiso",
  },
  /**
   * Why no gradient of a term arrives at an end.
   * @type {Record<Loss, Record<"encoder" | "codebook", string>>}
   */
  blocked: {
    reconstruction: { encoder: "argmin no tiene gradiente", codebook: "la línea straight-through lo desvía" },
    codebook: { encoder: "sg lo bloquea en las características", codebook: "cada característica es igual a su código" },
    commitment: { encoder: "cada característica es igual a su código", codebook: "sg lo bloquea en los códigos" },
  },

  lineInPlace: "La línea está en su sitio: deja pasar cada gradiente sin cambios, así que los dos mapas son iguales.",
  lineRemoved: "La línea está quitada: el decodificador recibe los códigos mismos, argmin no tiene gradiente y al codificador " +
    "no le llega ninguno. El gradiente de la pérdida llega ahora al diccionario de códigos (abajo).",

  /** @type {Record<import("../core/types.d.ts").ComputedBy, string>} */
  computedBy: {
    pytorch: "Calculado por el autograd de PyTorch.",
    numpy: "Calculado con la regla de la cadena escrita en NumPy (explain/numpy_gradients.py), que da los mismos gradientes " +
      "que el autograd de PyTorch.",
    page: "Calculado en esta página por su propia copia del modelo, que da los mismos gradientes que el autograd de PyTorch.",
  },

  /**
   * @param {string} cell its name
   * @param {number} length
   */
  cellGradient: (cell, length) => `${cell}, gradiente ${significant(length)}`,
  /**
   * @param {Cell} cell
   * @param {number} quantized
   * @param {number} features
   */
  reading: (cell, quantized, features) =>
    `Celda ${at(cell)}: ${significant(quantized)} respecto a quantized, ${significant(features)} respecto a features.`,
  readingHint: "Cada celda muestra la longitud de su gradiente, un vector del mismo tamaño que la característica de la celda. " +
    "Señala una celda para leer su valor.",

  /**
   * @param {number} code
   * @param {number} [length]
   */
  code: (code, length) => length === undefined ? `Código ${code}` : `Código ${code}: ${significant(length)}`,
  /**
   * @param {number} moved
   * @param {number} codes
   * @param {number} longest
   */
  moved: (moved, codes, longest) =>
    `Se ${choose(moved, "movería", "moverían")} ${moved} de ${count(codes, "código")}; el gradiente más largo es ${significant(longest)}.`,
  /** @param {number} codes */
  unmoved: (codes) => `0 para ${codes === 1 ? "el único código" : `los ${codes} códigos`}: no se movería ninguno.`,
};
