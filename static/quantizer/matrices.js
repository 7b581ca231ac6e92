// @ts-check

/** The matrices of the details view: the table behind their pictures, numbers and CSV. No DOM. */

import { cellCount, cellOf, rowOf } from "../core/grid.js";
import { originOf } from "../core/rows.js";
import { quantizer } from "../texts/quantizer.js";

/** @typedef {import("../core/types.d.ts").Model} Model */
/** @typedef {import("../core/types.d.ts").Selection} Selection */
/** @typedef {import("../core/types.d.ts").Stage} Stage */

/** What the matrices are made of: the store's `matrixSource`. */
/** @typedef {NonNullable<import("../core/types.d.ts").Values["matrixSource"]>} Source */

/**
 * `vectors`: a row for each grid cell, a column for each channel. `distances`: a row for each cell, a column for each
 * code. `codes`: the codebook transposed, a column for each code, aligned with the columns of the distances.
 * `column`: one code for each row. `grid`: the cube seen from the front.
 * @typedef {"vectors" | "distances" | "codes" | "column" | "grid"} Kind
 */

/** @type {{ stage: Stage, kind: Kind }[]} in the order in which the code makes them */
export const MATRICES = [
  { stage: "features", kind: "grid" },
  { stage: "feature_vectors", kind: "vectors" },
  { stage: "embeddings", kind: "codes" },
  { stage: "distances", kind: "distances" },
  { stage: "indices", kind: "column" },
  { stage: "quantized_vectors", kind: "vectors" },
  { stage: "quantized", kind: "grid" },
];

/**
 * @param {Stage} stage
 * @returns {Kind | undefined} undefined for a stage that is no matrix
 */
export function kindOf(stage) {
  return MATRICES.find((matrix) => matrix.stage === stage)?.kind;
}

/** The steps of the quantizer, numbered from 1. The codebook is given. */
const STEPS = MATRICES.map(({ stage }) => /** @type {string} */ (stage)).filter((stage) => stage !== "embeddings");

/**
 * @param {string} stage
 * @returns {number} 0 for a stage that is no step
 */
export function stepOf(stage) {
  return STEPS.indexOf(stage) + 1;
}

/**
 * A matrix as it is drawn.
 * @typedef {object} Reading
 * @property {number} rows
 * @property {number} columns
 * @property {(row: number, column: number) => number} value
 * @property {(row: number, column: number) => { low: number, high: number }} range what the number's black and white
 *   stand for: the lowest and highest of its vector, or of all
 */

/**
 * @param {Model} model
 * @param {Kind} kind
 * @returns {[rows: number, columns: number]}
 */
export function sizeOf({ grid, embedding_dim: depth }, kind) {
  switch (kind) {
    case "vectors": return [cellCount(grid), depth];
    case "distances": return [cellCount(grid), grid.numEmbeddings];
    case "codes": return [depth, grid.numEmbeddings];
    case "column": return [cellCount(grid), 1];
    case "grid": return [grid.height, grid.width];
  }
}

/**
 * @param {Source | null} source
 * @param {Stage} stage
 * @returns {Reading | null} null while there is no such matrix
 */
export function read(source, stage) {
  const kind = kindOf(stage);
  if (!source || !kind) return null;
  const { model, trace, channel, scaling } = source;
  const { grid, embeddings, embedding_dim: depth } = model;
  const [rows, columns] = sizeOf(model, kind);
  const distances = trace.distances?.data;
  if (kind === "distances" && !distances) return null;
  const features = source.features.data;
  const indices = source.indices.flat();

  /** @type {(vector: number, d: number) => number} number d of a vector: of a cell's, or of a code's */
  const number = stage === "embeddings" ? (code, d) => embeddings[code][d]
    : distances && kind === "distances" ? (row, code) => distances[row * columns + code]
    : kind === "column" ? (row) => indices[row]
    : stage.startsWith("quantized") ? (row, d) => embeddings[indices[row]][d]
    : (row, d) => features[row * depth + d];
  /** @type {(row: number, column: number) => number} which vector a number belongs to */
  const vectorAt = kind === "grid" ? (i, j) => rowOf([i, j], grid) : kind === "codes" ? (_, code) => code : (row) => row;
  /** @type {(row: number, column: number) => number} */
  const value = kind === "grid" ? (i, j) => number(rowOf([i, j], grid), channel)
    : kind === "codes" ? (d, code) => number(code, d)
    : number;

  if (scaling === "shared" || kind === "column") {
    const shared = kind === "distances" && distances ? rangeOf(distances.length, (n) => distances[n]) : model.scale;
    return { rows, columns, value, range: () => shared };
  }
  const length = kind === "distances" ? columns : depth;
  /** @type {{ low: number, high: number }[]} */
  const ranges = [];
  return {
    rows,
    columns,
    value,
    range(row, column) {
      const vector = vectorAt(row, column);
      return ranges[vector] ??= rangeOf(length, (d) => number(vector, d));
    },
  };
}

/**
 * @param {Source} source
 * @param {Stage} stage
 * @returns {unknown[]} what the matrix is made of: while that is the same, so is its picture
 */
export function sourcesOf({ model, trace, features, indices, channel, scaling }, stage) {
  /** @type {unknown} */
  const numbers = stage === "embeddings" ? null
    : stage === "distances" ? trace.distances
    : stage === "indices" || stage.startsWith("quantized") ? indices.join()
    : features;
  return [numbers, model, scaling, kindOf(stage) === "grid" && channel];
}

/**
 * @param {number} count
 * @param {(n: number) => number} value
 * @returns {{ low: number, high: number }}
 */
function rangeOf(count, value) {
  let low = Infinity, high = -Infinity;
  for (let n = 0; n < count; n++) {
    const v = value(n);
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return { low, high };
}

/**
 * @param {Model} model
 * @param {Stage} stage
 * @param {number} row
 * @param {number} column
 * @returns {Selection} what pointing at a number means
 */
export function selectionAt(model, stage, row, column) {
  switch (kindOf(stage)) {
    case "codes": return { cell: null, code: column, stage };
    case "distances": return { cell: cellOf(row, model.grid), code: column, stage };
    case "grid": return { cell: [row, column], code: null, stage };
    default: return { cell: cellOf(row, model.grid), code: null, stage };
  }
}

/**
 * @param {Model} model
 * @param {import("../core/types.d.ts").Variant} variant of the trace
 * @param {number} channel of grids
 * @param {Stage} stage
 * @param {number} row
 * @param {number} column
 * @param {number} value
 * @returns {string} the number with its place
 */
export function nameOf(model, variant, channel, stage, row, column, value) {
  const kind = kindOf(stage);
  if (variant === "wrong-reshape" && kind !== "codes") {
    const [vector, d] = kind === "grid" ? [rowOf([row, column], model.grid), channel] : [row, column];
    if (kind === "distances") return quantizer.mixedDistance(vector, column, value);
    if (kind === "column") return quantizer.mixedIndex(vector, value);
    return quantizer.mixedNumber(vector, d, originOf(model, variant, vector, d), value);
  }
  const cell = cellOf(row, model.grid);
  switch (kind) {
    case "codes": return quantizer.codeNumber(column, row, value);
    case "grid": return quantizer.gridNumber([row, column], value);
    case "distances": return quantizer.distance(row, cell, column, value);
    case "column": return quantizer.index(row, cell, value);
    default: return quantizer.vectorNumber(row, cell, column, value);
  }
}

/** Digits that the stream's 16 bits can fill, without the noise of single precision. */
const DIGITS = 8;

/**
 * Numbers only, one line a row, as `numpy.loadtxt(…, delimiter=",")` reads them; the codebook in its own shape K×D,
 * grids of vectors as a line for each cell.
 * @param {Source | null} source
 * @param {Stage} stage
 * @returns {{ text: string, rows: number, columns: number } | null}
 */
export function toCsv(source, stage) {
  const kind = kindOf(stage);
  // The front of a cube is one channel; the copy has them all.
  const reading = read(source, kind === "grid" ? (stage === "features" ? "feature_vectors" : "quantized_vectors") : stage);
  if (!source || !reading) return null;
  const { grid } = source.model;
  const [rows, columns] = kind === "codes" ? [reading.columns, reading.rows]
    : kind === "column" ? [grid.height, grid.width]
    : [reading.rows, reading.columns];
  /** @type {(row: number, column: number) => number} */
  const value = kind === "codes" ? (code, d) => reading.value(d, code)
    : kind === "column" ? (i, j) => reading.value(rowOf([i, j], grid), 0)
    : reading.value;
  const lines = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => String(Number(value(row, column).toPrecision(DIGITS)))).join(","));
  return { text: `${lines.join("\n")}\n`, rows, columns };
}
