// @ts-check

/** English: what is said inside the vector quantizer. */

import { dimensions, formatNumber as short } from "../core/format.js";
import { at, choose, content, count, known, mixed, within } from "./en-words.js";

/** @typedef {import("../core/types.d.ts").Cell} Cell */
/** @typedef {import("./en-words.js").Place} Place */

export const quantizer = {
  /**
   * Titles of the listings by their ids; a listing that is not here keeps the server's title.
   * @type {Record<string, string | undefined>}
   */
  listings: { quantizer: "Vector quantizer", encoder: "Encoder", decoder: "Decoder", loss: "Loss" },
  scalar: "scalar",
  skipped: "skipped",
  ranInstead: "ran instead",
  ranToo: "ran as well",

  /**
   * @param {string} stage
   * @param {number} rows
   * @param {number} columns
   */
  copied: (stage, rows, columns) => `Copied ${stage} as CSV: ${count(rows, "row")} of ${columns}.`,

  /**
   * @param {number} code
   * @param {number} channel
   * @param {number} value
   */
  codeNumber: (code, channel, value) => `code ${code}, channel ${channel}: ${short(value)}`,
  /**
   * @param {Cell} cell
   * @param {number} value
   */
  gridNumber: (cell, value) => `cell ${at(cell)}: ${short(value)}`,
  /**
   * @param {number} row
   * @param {Cell} cell
   * @param {number} code
   */
  index: (row, cell, code) => `row ${row}, cell ${at(cell)}: code ${code}`,
  /**
   * @param {number} row
   * @param {Cell} cell
   * @param {number} code
   * @param {number} value
   */
  distance: (row, cell, code, value) => `row ${row}, cell ${at(cell)}, code ${code}: ${known(value)}`,
  /**
   * @param {number} row
   * @param {Cell} cell
   * @param {number} channel
   * @param {number} value
   */
  vectorNumber: (row, cell, channel, value) => `row ${row}, cell ${at(cell)}, channel ${channel}: ${short(value)}`,
  /**
   * A number of the wrong reshape.
   * @param {number} row
   * @param {number} d which number of the row
   * @param {{ channel: number, cell: Cell }} origin
   * @param {number} value
   */
  mixedNumber: (row, d, { channel, cell }, value) =>
    `row ${row}, number ${d}, channel ${channel} of cell ${at(cell)}: ${short(value)}`,
  /**
   * @param {number} row
   * @param {number} code
   * @param {number} value
   */
  mixedDistance: (row, code, value) => `row ${row}, code ${code}: ${known(value)}`,
  /**
   * @param {number} row
   * @param {number} code
   */
  mixedIndex: (row, code) => `row ${row}: code ${code}`,
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
  reshapeCell: (cell) => `Show it for ${at(cell)}`,

  /** @param {{ low: number, high: number }} range */
  range: ({ low, high }) => `${short(low)} … ${short(high)}`,
  /**
   * @param {string} vectors
   * @param {string} distances
   */
  sharedScale: (vectors, distances) => `vectors ${vectors}, distances ${distances}`,
  /**
   * @param {number} row
   * @param {string} feature
   * @param {string} distances
   */
  rowScale: (row, feature, distances) => `row ${row}: feature ${feature}, distances ${distances}`,
  rowScales: "each row from its own lowest to its highest value",

  vectorTable: "The feature f, the embedding e, and their difference, channel by channel",
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
    const from = place.runs ? `row ${place.row} (${content(place.runs)})` : within(place);
    return mixed`${element}${value}: from ${from} to ${chip}`;
  },
  loading: "loading",

  /**
   * @param {object} ranking
   * @param {Node} ranking.nearest chip
   * @param {string} ranking.distance
   * @param {{ chip: Node, distance: string, margin: Node } | null} ranking.second null when there is one code only
   * @param {number | null} ranking.place of the compared code, null when it is one of these two
   * @param {number} ranking.codes
   */
  ranking({ nearest, distance, second, place, codes }) {
    const found = mixed`Nearest ${nearest} ${distance}`;
    if (second) found.push(...mixed` · runner-up ${second.chip} ${second.distance} · margin ${second.margin}`);
    if (place !== null) found.push(` · this: ${place} of ${codes}`);
    return found;
  },

  /** @param {Node} chip */
  columnTitle: (chip) => mixed`${chip} is a column of the codebook`,
  /** @param {number} rows */
  columnHint: (rows) =>
    `${count(rows, "row")} of this drawing ${choose(rows, "chooses it and is", "choose it and are")} highlighted. ` +
    "Point at a row or at a distance to see how one number is computed.",
};
