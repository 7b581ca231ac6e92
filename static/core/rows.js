// @ts-check

/**
 * What the rows of the matrices hold. Usually row i·W + j is the feature of cell (i, j). With the wrong reshape it is a run
 * of D consecutive numbers of the encoder's output, in which channels come first. No DOM.
 */

import { cellCount, cellOf } from "./grid.js";

/** @typedef {import("./types.d.ts").Box} Box */
/** @typedef {import("./types.d.ts").Cell} Cell */
/** @typedef {import("./types.d.ts").Variant} Variant */

/** @typedef {Pick<import("./types.d.ts").Model, "grid" | "embedding_dim">} Sizes */

/** A stretch of consecutive positions of one channel. */
/** @typedef {{ channel: number, first: Cell, last: Cell }} Run */

/**
 * @param {Sizes} sizes
 * @param {Variant} variant
 * @param {number} row
 * @param {number} d which number of the row
 * @returns {{ channel: number, cell: Cell }} where the encoder's output has it, and the decoder's input gets it
 */
export function originOf({ grid, embedding_dim: depth }, variant, row, d) {
  if (variant !== "wrong-reshape") {
    return { channel: d, cell: cellOf(row, grid) };
  }
  const n = row * depth + d;
  const cells = cellCount(grid);
  return { channel: Math.floor(n / cells), cell: cellOf(n % cells, grid) };
}

/**
 * What a row of the wrong reshape holds.
 * @param {Sizes} sizes
 * @param {number} row
 * @returns {Run[]}
 */
export function runsOf({ grid, embedding_dim: depth }, row) {
  const cells = cellCount(grid);
  /** @type {Run[]} */
  const runs = [];
  const end = (row + 1) * depth;
  for (let n = row * depth; n < end;) {
    const channel = Math.floor(n / cells);
    const next = Math.min(end, (channel + 1) * cells);
    runs.push({
      channel,
      first: cellOf(n % cells, grid),
      last: cellOf((next - 1) % cells, grid),
    });
    n = next;
  }
  return runs;
}

/**
 * @param {Sizes} sizes
 * @param {Variant} variant
 * @param {number} row
 * @returns {Set<number>} cells, counted row by row, that the numbers of the row belong to
 */
export function cellsOf({ grid, embedding_dim: depth }, variant, row) {
  if (variant !== "wrong-reshape") return new Set([row]);
  const cells = cellCount(grid);
  return new Set(
    Array.from(
      { length: Math.min(depth, cells) },
      (_, d) => (row * depth + d) % cells,
    ),
  );
}

/**
 * @param {Box[][]} boxes of each cell of the grid
 * @param {Set<number>} cells counted row by row
 * @returns {Box | null} the smallest box around those of the cells; null without cells
 */
export function boxAround(boxes, cells) {
  if (!cells.size) return null;
  const all = boxes.flat();
  /** @type {Box} */
  const around = [Infinity, Infinity, -Infinity, -Infinity];
  for (const cell of cells) {
    const [top, left, bottom, right] = all[cell];
    around[0] = Math.min(around[0], top);
    around[1] = Math.min(around[1], left);
    around[2] = Math.max(around[2], bottom);
    around[3] = Math.max(around[3], right);
  }
  return around;
}
