// @ts-check

/** Spanish: what is said inside the vector quantizer. */

import { dimensions, formatNumber as short } from "../core/format.js";
import { at, choose, content, count, known, mixed, within } from "./es-words.js";

/** @typedef {import("../core/types.d.ts").Cell} Cell */
/** @typedef {import("./es-words.js").Place} Place */

export const quantizer = {
  /**
   * Titles of the listings by their ids; a listing that is not here keeps the server's title.
   * @type {Record<string, string | undefined>}
   */
  listings: { quantizer: "Cuantizador vectorial", encoder: "Codificador", decoder: "Decodificador", loss: "Pérdida" },
  scalar: "escalar",
  skipped: "omitida",
  ranInstead: "se ejecutó en su lugar",
  ranToo: "también se ejecutó",

  /**
   * @param {string} stage
   * @param {number} rows
   * @param {number} columns
   */
  copied: (stage, rows, columns) => `Se ha copiado ${stage} como CSV: ${count(rows, "fila")} de ${columns}.`,

  /**
   * @param {number} code
   * @param {number} channel
   * @param {number} value
   */
  codeNumber: (code, channel, value) => `código ${code}, canal ${channel}: ${short(value)}`,
  /**
   * @param {Cell} cell
   * @param {number} value
   */
  gridNumber: (cell, value) => `celda ${at(cell)}: ${short(value)}`,
  /**
   * @param {number} row
   * @param {Cell} cell
   * @param {number} code
   */
  index: (row, cell, code) => `fila ${row}, celda ${at(cell)}: código ${code}`,
  /**
   * @param {number} row
   * @param {Cell} cell
   * @param {number} code
   * @param {number} value
   */
  distance: (row, cell, code, value) => `fila ${row}, celda ${at(cell)}, código ${code}: ${known(value)}`,
  /**
   * @param {number} row
   * @param {Cell} cell
   * @param {number} channel
   * @param {number} value
   */
  vectorNumber: (row, cell, channel, value) => `fila ${row}, celda ${at(cell)}, canal ${channel}: ${short(value)}`,
  /**
   * A number of the wrong reshape.
   * @param {number} row
   * @param {number} d which number of the row
   * @param {{ channel: number, cell: Cell }} origin
   * @param {number} value
   */
  mixedNumber: (row, d, { channel, cell }, value) =>
    `fila ${row}, número ${d}, canal ${channel} de la celda ${at(cell)}: ${short(value)}`,
  /**
   * @param {number} row
   * @param {number} code
   * @param {number} value
   */
  mixedDistance: (row, code, value) => `fila ${row}, código ${code}: ${known(value)}`,
  /**
   * @param {number} row
   * @param {number} code
   */
  mixedIndex: (row, code) => `fila ${row}: código ${code}`,
  /**
   * @param {string} stage
   * @param {string} number
   */
  spoken: (stage, number) => `${stage}, ${number}`,

  /**
   * What a line of the code makes.
   * @param {string} name of a stage or a loss
   * @param {number[] | undefined} shape of the stage
   * @param {Partial<Record<string, number>>} [losses] of the drawing
   */
  peek(name, shape, losses) {
    const loss = losses?.[name.replace("_loss", "")];
    return shape ? `${name} ${dimensions(shape)}` : loss === undefined ? name : `${name} = ${loss.toFixed(4)}`;
  },

  /** @param {Cell} cell */
  reshapeCell: (cell) => `Mostrarlo para ${at(cell)}`,

  /** @param {{ low: number, high: number }} range */
  range: ({ low, high }) => `${short(low)} … ${short(high)}`,
  /**
   * @param {string} vectors
   * @param {string} distances
   */
  sharedScale: (vectors, distances) => `vectores ${vectors}, distancias ${distances}`,
  /**
   * @param {number} row
   * @param {string} feature
   * @param {string} distances
   */
  rowScale: (row, feature, distances) => `fila ${row}: característica ${feature}, distancias ${distances}`,
  rowScales: "cada fila, de su valor más bajo al más alto",

  vectorTable: "La característica f, el embedding e y su diferencia, canal por canal",
  /** @param {Node} chip */
  embeddingRow: (chip) => mixed`e ${chip}`,

  /**
   * @param {Node} element what the code calls the distance
   * @param {number | null} distance null while it is on its way
   * @param {Place} place
   * @param {Node} chip
   */
  distanceTitle(element, distance, place, chip) {
    const value = distance === null ? "" : ` = ${short(distance)}`;
    const from = place.runs ? `la fila ${place.row} (${content(place.runs)})` : within(place);
    return mixed`${element}${value}: de ${from} a ${chip}`;
  },
  loading: "cargando",

  /**
   * @param {object} ranking
   * @param {Node} ranking.nearest chip
   * @param {string} ranking.distance
   * @param {{ chip: Node, distance: string, margin: Node } | null} ranking.second null when there is one code only
   * @param {number | null} ranking.place of the compared code, null when it is one of these two
   * @param {number} ranking.codes
   */
  ranking({ nearest, distance, second, place, codes }) {
    const found = mixed`El más cercano: ${nearest} ${distance}`;
    if (second) found.push(...mixed` · el segundo: ${second.chip} ${second.distance} · margen ${second.margin}`);
    if (place !== null) found.push(` · este: ${place} de ${codes}`);
    return found;
  },

  /** @param {Node} chip */
  columnTitle: (chip) => mixed`${chip} es una columna del diccionario de códigos`,
  /** @param {number} rows */
  columnHint: (rows) =>
    choose(
      rows,
      `Está resaltada la única fila de este dibujo que lo elige. `,
      `Están resaltadas las filas de este dibujo que lo eligen: ${rows}. `,
    ) + "Señala una fila o una distancia para ver cómo se calcula un número.",
};
