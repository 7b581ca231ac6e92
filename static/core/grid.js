// @ts-check

/** The only place that turns a grid position (i, j) into a row of the matrices and back: row = i·W + j. */

/**
 * @param {import("./types.d.ts").Cell} cell
 * @param {number} width columns of the grid
 * @returns {number}
 */
export function rowOf([i, j], width) {
  return i * width + j;
}

/**
 * @param {number} row
 * @param {number} width columns of the grid
 * @returns {import("./types.d.ts").Cell}
 */
export function cellOf(row, width) {
  return [Math.floor(row / width), row % width];
}

/**
 * Where a key takes the focus in a grid that is filled row by row, the last row perhaps partly.
 * @param {number} from index of the item that has the focus
 * @param {string} key `event.key`
 * @param {boolean} far whether Ctrl or ⌘ is held: Home and End then mean the whole grid, not the row
 * @param {number} count items
 * @param {number} width columns
 * @returns {number | null} null when the key means nothing to a grid
 */
export function step(from, key, far, count, width) {
  const [i, j] = cellOf(from, width);
  const start = rowOf([i, 0], width);
  switch (key) {
    case "ArrowLeft": return j > 0 ? from - 1 : from;
    case "ArrowRight": return j < width - 1 && from + 1 < count ? from + 1 : from;
    case "ArrowUp": return i > 0 ? from - width : from;
    case "ArrowDown": return from + width < count ? from + width : from;
    case "Home": return far ? 0 : start;
    case "End": return far ? count - 1 : Math.min(count, start + width) - 1;
    default: return null;
  }
}
