// @ts-check

/** Spanish: what is said in the sections about the models: health, comparison, playback. */

import { addUp, dimensions, percent, significant } from "../core/format.js";
import { choose, count, grouped, mixed, whole } from "./es-words.js";

/** @typedef {import("../core/types.d.ts").Cell} Cell */
/** @typedef {import("./es-words.js").Place} Place */

export const sections = {
  /** @type {Record<"name" | "grid" | "codes" | "error" | "used" | "perplexity" | "bits" | "compression" | "parameters" | "claim" | "found", string>} */
  columns: {
    name: "Modelo",
    grid: "Rejilla",
    codes: "Códigos × números",
    error: "Error de prueba",
    used: "Códigos en uso",
    perplexity: "Perplejidad",
    bits: "Bits",
    compression: "Compresión",
    parameters: "Parámetros",
    claim: "Publicado en la referencia",
    found: "Medido aquí",
  },
  noClaim: "No se ha publicado ningún resultado de esta configuración.",
  /** @param {number[]} grid */
  grid: (grid) => dimensions(grid),
  /**
   * @param {number} codes
   * @param {number} depth
   */
  codebook: (codes, depth) => `${codes} × ${depth}`,
  /**
   * @param {string} used of each level
   * @param {number} codes
   */
  used: (used, codes) => `${used} de ${codes}`,
  /** @param {number} ratio */
  compression: (ratio) => `${ratio.toFixed(1)}×`,
  /** @param {number} n */
  parameters: (n) => grouped(n),

  /**
   * @param {number} used
   * @param {number} codes
   * @param {number} perplexity
   * @param {number} share of a black picture's error, in percent
   */
  found(used, codes, perplexity, share) {
    const uses = used === codes
      ? codes === 1 ? "Se usa el único código." : `Se usan los ${codes} códigos.`
      : `Se ${choose(used, "usa", "usan")} ${used} de ${count(codes, "código")} (${percent(used / codes)}).`;
    return `${uses} Perplejidad: ${perplexity.toFixed(1)}. El error es el ${share < 10 ? share.toFixed(1) : Math.round(share)}% ` +
      "del de una imagen negra.";
  },

  /**
   * @param {number} code
   * @param {number} share of cells
   */
  share: (code, share) => `Código ${code}: ${percent(share)} de las celdas`,
  /**
   * @param {number} perplexity
   */
  allUsed: (perplexity) => `Ningún código está inactivo. ${evenly(perplexity)}`,
  /**
   * @param {number} idle
   * @param {number} codes
   * @param {number} perplexity
   */
  idle: (idle, codes, perplexity) => `${never(idle, codes)} ${evenly(perplexity)}`,
  /**
   * @param {number} idle
   * @param {number} codes
   * @param {number} perplexity
   */
  collapsed: (idle, codes, perplexity) => `Colapsado: ${never(idle, codes)} ${evenly(perplexity)}`,

  /**
   * @param {object} read
   * @param {Node} read.chip
   * @param {number} read.share of the test digits' cells
   * @param {boolean} read.inked whether only cells with ink are counted
   * @param {number} read.users
   * @param {number} read.cells
   * @param {Place | null} read.place
   */
  reading({ chip, share, inked, users, cells, place }) {
    const here = `${percent(share)} de todas las celdas${inked ? " con tinta" : ""}; ${users} de ${count(cells, "celda")} de este dibujo.`;
    return place ? mixed`${chip} ${here} Lo usa: ${whole(place)}.` : mixed`${chip} ${here}`;
  },
  readingHint: "Señala un código aquí o en cualquier lugar de la página para encontrarlo en todas las vistas.",

  /** @param {number} code */
  mapCode: (code) => `Código ${code}`,
  /**
   * @param {number} first share of the variance
   * @param {number} second
   */
  mapCaption(first, second) {
    const { terms: [one, other], total } = addUp([100 * first, 100 * second], 100 * (first + second), { least: 1, most: 3 });
    return `Los dos ejes muestran el ${total}% de la varianza del diccionario (${one}% y ${other}%). ` +
      "Las demás direcciones no se ven, así que puntos que parecen próximos pueden estar lejos. Los cuadrados huecos son " +
      "códigos que ningún dígito de prueba usa.";
  },

  noPlaybacks: "Ninguno de estos modelos trae instantáneas de su entrenamiento.",
  loading: "Cargando las instantáneas.",
  /**
   * @param {object} moment of a training run
   * @param {"learned" | "died"} moment.kind
   * @param {number} moment.run 0 for the first
   * @param {number} moment.step
   * @param {number} moment.before error, or codes in use
   * @param {number} moment.after
   */
  moment({ kind, run, step, before, after }) {
    const when = `${run ? "Segundo" : "Primer"} entrenamiento, paso ${grouped(step)}`;
    return kind === "died"
      ? `${when}: los códigos en uso bajan de ${before} a ${after}`
      : `${when}: el error baja de ${before.toFixed(3)} a ${after.toFixed(3)}`;
  },
  /**
   * @param {object} snapshot
   * @param {number} snapshot.step
   * @param {number} snapshot.epoch
   * @param {number} snapshot.used
   * @param {number} snapshot.codes
   * @param {number} snapshot.perplexity
   */
  snapshot: ({ step, epoch, used, codes, perplexity }) =>
    `Paso ${grouped(step)}, época ${epoch < 10 ? epoch.toFixed(1) : Math.round(epoch)}: ` +
    `${used} de ${count(codes, "código")} en uso, perplejidad ${perplexity.toFixed(1)}.`,
  /**
   * @param {string} level
   * @param {import("../core/types.d.ts").LevelUsage} use
   */
  snapshotOf: (level, { codes_used: used, usage, perplexity }) =>
    `Nivel ${level === "top" ? "superior" : "inferior"}: ${used} de ${count(usage.length, "código")} en uso, perplejidad ${perplexity.toFixed(1)}.`,
  /**
   * @param {number} reconstruction
   * @param {number} codebook
   */
  losses: (reconstruction, codebook) =>
    `Pérdidas (escala logarítmica): reconstrucción (línea continua) ${significant(reconstruction)}, diccionario (discontinua) ${significant(codebook)}`,
  /** @param {number} share */
  mostUsed: (share) => `${(100 * share).toFixed(0)}%`,
};

/**
 * @param {number} idle
 * @param {number} codes
 */
function never(idle, codes) {
  return `${count(idle, "código")} de ${codes} no se ${choose(idle, "elige", "eligen")} nunca.`;
}

/** @param {number} perplexity */
function evenly(perplexity) {
  return `Perplejidad ${perplexity.toFixed(1)}: tanta variedad como la de ${perplexity.toFixed(1)} códigos usados por igual.`;
}
