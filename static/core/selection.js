// @ts-check

import { rowOf } from "./grid.js";
import { shownIndices } from "./derived.js";

/** @typedef {import("./types.d.ts").Selection} Selection */
/** @typedef {import("./types.d.ts").Store} Store */

/**
 * @param {Selection | null} a
 * @param {Selection | null} b
 * @returns {boolean} whether both point at the same thing, in whatever view
 */
export function same(a, b) {
  if (!a || !b) return a === b;
  const cells = a.cell && b.cell ? a.cell[0] === b.cell[0] && a.cell[1] === b.cell[1] : a.cell === b.cell;
  return cells && a.code === b.code && (a.cell !== null || a.code !== null || a.stage === b.stage);
}

/**
 * Points at something, or at nothing. What is pinned stays.
 * @param {Store} store
 * @param {Selection | null} selection
 */
export function hover(store, selection) {
  if (store.get("pinned")) return;
  const current = store.get("selection");
  if (same(current, selection) && current?.stage === selection?.stage) return;
  store.set("selection", selection);
}

/**
 * Pins what was clicked, or lets go of it when it was pinned.
 * @param {Store} store
 * @param {Selection} selection
 * @returns {boolean} whether it is pinned now
 */
export function togglePin(store, selection) {
  const pinned = !(store.get("pinned") && same(store.get("selection"), selection));
  store.set("selection", selection);
  store.set("pinned", pinned);
  return pinned;
}

/**
 * Moves the selection by keyboard, and the pin with it.
 * @param {Store} store
 * @param {Selection} selection
 */
export function move(store, selection) {
  store.set("selection", selection);
}

/** @param {Store} store */
export function clear(store) {
  store.set("pinned", false);
  store.set("selection", null);
}

/**
 * What the selection means in the trace at hand.
 * @typedef {object} Focus
 * @property {import("./types.d.ts").Cell | null} cell
 * @property {number} row of the cell, −1 without one
 * @property {number} code the code pointed at, or the one in the cell: the nearest to its feature, unless it was edited
 * @property {number} chosen the code that the model put into the cell, or the one pointed at
 * @property {number} runnerUp the nearest of the other codes, −1 without a cell
 * @property {(code: number) => number} distance squared distance of the cell's feature to a code; NaN without a cell
 * @property {Set<number>} users rows that use the code
 */

/**
 * @param {Store} store
 * @returns {Focus | null} null when nothing is selected or nothing has been traced
 */
export function focus(store) {
  const selection = store.get("selection");
  const trace = store.get("trace");
  const model = store.get("model");
  if (!selection || !trace || !model || trace.model !== model.name) return null;
  const indices = (shownIndices(store) ?? trace.indices).flat();
  const { cell } = selection;
  const [height, width] = model.stages.indices;
  if (cell && (cell[0] >= height || cell[1] >= width)) return null;
  const row = cell ? rowOf(cell, width) : -1;
  const code = cell ? indices[row] : selection.code;
  if (code === null || code >= model.embeddings.length) return null;

  const count = model.embeddings.length;
  const distances = cell ? trace.distances?.data.subarray(row * count, (row + 1) * count) : undefined;
  let runnerUp = -1;
  distances?.forEach((value, other) => {
    if (other !== code && (runnerUp < 0 || value < distances[runnerUp])) runnerUp = other;
  });
  const users = new Set(indices.flatMap((used, n) => (used === code ? [n] : [])));
  const chosen = cell ? trace.indices[cell[0]][cell[1]] : code;
  return { cell, row, code, chosen, runnerUp, users, distance: (other) => distances?.[other] ?? NaN };
}
