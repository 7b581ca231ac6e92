// @ts-check

/**
 * The grid of features. The only place that turns a position (i, j) into a row of the matrices and back:
 * row = i·width + j.
 */

/** @typedef {import("./types.d.ts").Cell} Cell */

/**
 * @typedef {object} Grid
 * @property {number} height rows
 * @property {number} width columns
 * @property {number} numEmbeddings codes that a cell can have
 */

/**
 * @param {Grid} grid
 * @returns {number}
 */
export function cellCount({ height, width }) {
  return height * width;
}

/** Bits of a drawing: 28×28 pixels of 8 bits. */
export const PICTURE_BITS = 8 * 28 * 28;

/**
 * @param {Grid} grid
 * @returns {number} whole bits that the indices of a drawing take
 */
export function bitsOf(grid) {
  return wholeBits(cellCount(grid) * Math.log2(grid.numEmbeddings));
}

/**
 * @param {number} bits
 * @returns {number}
 */
export function wholeBits(bits) {
  // Less a rounding error: 9 × log₂ 8 is 27.
  return Math.ceil(bits - 1e-9);
}

/**
 * @param {Cell} cell
 * @param {Pick<Grid, "width">} grid
 * @returns {number}
 */
export function rowOf([i, j], { width }) {
  return i * width + j;
}

/**
 * @param {number} row
 * @param {Pick<Grid, "width">} grid
 * @returns {Cell}
 */
export function cellOf(row, { width }) {
  return [Math.floor(row / width), row % width];
}

/**
 * @param {Grid} grid
 * @param {Cell} cell
 * @returns {boolean} whether the grid has such a cell
 */
export function hasCell({ height, width }, [i, j]) {
  return i < height && j < width;
}

/**
 * @param {Grid} grid
 * @param {number[][]} indices
 * @returns {boolean} whether these can be indices of the grid
 */
export function fits({ height, width, numEmbeddings }, indices) {
  return indices.length === height &&
    indices.every((row) => row.length === width && row.every((code) => code < numEmbeddings));
}

/**
 * Where a point lies, in shares of the grid's size.
 * @param {Pick<Grid, "height" | "width">} grid
 * @param {number} down 0 at the top, 1 at the bottom
 * @param {number} across 0 on the left, 1 on the right
 * @returns {Cell} the nearest one when the point is outside
 */
export function cellAt({ height, width }, down, across) {
  /** @type {(share: number, count: number) => number} */
  const nth = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
  return [nth(down, height), nth(across, width)];
}

/**
 * Where a key moves the focus in a grid that is filled row by row; the last row may be incomplete. In a grid of one row
 * up and down mean left and right.
 * @param {number} from index of the item that has the focus
 * @param {string} key `event.key`
 * @param {boolean} far whether Ctrl or ⌘ is held: Home and End then mean the whole grid, not the row
 * @param {number} count items
 * @param {number} width columns
 * @returns {number | null} null when the key means nothing to a grid
 */
export function step(from, key, far, count, width) {
  const column = from % width;
  const start = from - column;
  const oneRow = count <= width;
  switch (key) {
    case "ArrowLeft": return column > 0 ? from - 1 : from;
    case "ArrowRight": return column < width - 1 && from + 1 < count ? from + 1 : from;
    case "ArrowUp": return oneRow ? Math.max(0, from - 1) : start > 0 ? from - width : from;
    case "ArrowDown": return oneRow ? Math.min(count - 1, from + 1) : from + width < count ? from + width : from;
    case "Home": return far ? 0 : start;
    case "End": return far ? count - 1 : Math.min(count, start + width) - 1;
    default: return null;
  }
}
