// @ts-check

/** @typedef {import("../kernel/types.d.ts").Grids} Grids */
/** @typedef {import("../core/types.d.ts").Tensor} Tensor */

/** Cells around the cell whose patches are in the pictures. */
const MARGIN = 1;

/**
 * What the decoder draws around a cell for each code in it, as `server/operations/previews.py` computes it.
 * @param {import("../kernel/types.d.ts").Model["decode"]} decode
 * @param {number} size codes
 * @param {Grids & { cell: import("../core/types.d.ts").Cell, level?: string }} request the cell is one of the level's
 * @returns {Tensor} (K, h, w)
 */
export function previewCodes(decode, size, { cell: [i, j], level, ...grids }) {
  const name = level ? `indices.${level}` : "indices";
  /** @type {number[][]} */
  const indices = Object(grids)[name];
  const [rows, columns] = [indices.length, indices[0].length];
  /** @type {number[][]} */
  const pictures = [];
  let shape = [0, 0];
  for (let code = 0; code < size; code++) {
    const changed = indices.map((row, y) => row.map((other, x) => y === i && x === j ? code : other));
    const { shape: [height, width], data } = decode({ ...grids, [name]: changed });
    const [down, across] = [height / rows, width / columns];
    const [top, bottom] = [Math.max(0, i - MARGIN) * down, Math.min(rows, i + MARGIN + 1) * down];
    const [left, right] = [Math.max(0, j - MARGIN) * across, Math.min(columns, j + MARGIN + 1) * across];
    shape = [bottom - top, right - left];
    for (let y = top; y < bottom; y++) pictures.push([...data.subarray(y * width + left, y * width + right)]);
  }
  return { shape: [size, ...shape], data: Float32Array.from(pictures.flat()) };
}
