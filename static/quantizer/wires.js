// @ts-check

import { createOverlay } from "../core/overlay.js";

/** @typedef {import("../core/types.d.ts").Stage} Stage */

/** How far a line runs beside the matrix to whose row it leads, in pixels. */
const SWING = 26;

/**
 * Lines that connect the selected vector's rows and cells in all matrices, and the compared code with its distance. Only
 * where the matrices are side by side; when they are stacked, the highlighted rows have to suffice.
 * @param {SVGSVGElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("../core/positions.js").Positions} positions
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, positions) {
  return createOverlay(element, store, ["casing", "branch", "line"], (focused, here) => {
    /** @type {(stage: Stage, row: number | null, column: number | null) => DOMRect | null} */
    const place = (stage, row, column) => here(positions.rect(stage, row, column));
    const rows = /** @type {Stage[]} */ (["feature_vectors", "distances", "indices", "quantized_vectors"])
      .map((stage) => place(stage, focused.row, null));
    const grids = /** @type {Stage[]} */ (["features", "quantized"]).map((stage) => place(stage, ...cellIn(focused)));
    const { compared } = focused;
    const code = place("embeddings", null, compared);
    const distance = place("distances", null, compared);
    if (!rows.every((rect) => rect !== null) || !grids.every((rect) => rect !== null) || !code || !distance) return null;
    if (rows[0].right > rows[1].left) return null;
    const parts = rows.slice(1).map((rect, n) => across(rows[n], rect));
    parts.push(around(grids[0], rows[0], -1), around(grids[1], rows[rows.length - 1], 1));
    const middle = code.x + code.width / 2;
    return { line: parts.join(""), branch: `M${middle} ${code.bottom}V${distance.top}` };
  });
}

/**
 * @param {import("../core/selection.js").Focus} focused
 * @returns {[number, number]}
 */
function cellIn({ cell }) {
  return cell ?? [0, 0];
}

/**
 * @param {DOMRect} a
 * @param {DOMRect} b to the right of a
 * @returns {string}
 */
function across(a, b) {
  return `M${a.right} ${a.y + a.height / 2}L${b.left} ${b.y + b.height / 2}`;
}

/**
 * From a cell of a grid, out to a side and down to a row.
 * @param {DOMRect} cell
 * @param {DOMRect} row
 * @param {-1 | 1} side left or right
 * @returns {string}
 */
function around(cell, row, side) {
  const x0 = side < 0 ? cell.left : cell.right;
  const y0 = cell.y + cell.height / 2;
  const x1 = side < 0 ? row.left : row.right;
  const y1 = row.y + row.height / 2;
  const out = (side < 0 ? Math.min(x0, x1) : Math.max(x0, x1)) + side * SWING;
  return `M${x0} ${y0}C${out} ${y0} ${out} ${y0} ${out} ${(y0 + y1) / 2}S${out} ${y1} ${x1} ${y1}`;
}
