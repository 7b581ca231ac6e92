// @ts-check

import { hasCell, rowOf } from "./grid.js";
import { cellsOf, runsOf } from "./rows.js";
import { vectorAt } from "./tensor.js";

/** @type {Record<import("./types.d.ts").Linked, true>} */
const LINKED = {
  input: true,
  features: true,
  feature_vectors: true,
  embeddings: true,
  distances: true,
  indices: true,
  quantized_vectors: true,
  quantized: true,
  reconstruction: true,
  reconstruction_loss: true,
  codebook_loss: true,
  commitment_loss: true,
  total_loss: true,
};

/** @typedef {import("./types.d.ts").Linked} Linked */
/** @typedef {import("./types.d.ts").Selection} Selection */
/** @typedef {import("./types.d.ts").Store} Store */

/**
 * @param {string | undefined} name
 * @returns {name is Linked} whether views, lines of code and equations are linked by that name
 */
export function isLinked(name) {
  return name !== undefined && Object.hasOwn(LINKED, name);
}

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
 * @param {Selection | null} selection
 * @returns {string} for the address: the stage, the cell's row and column, the code behind a "c"; such as "distances.3.4.c7"
 */
export function formatSelection(selection) {
  if (!selection) return "";
  const { stage, cell, code } = selection;
  return [stage, ...(cell ?? []), ...(code === null ? [] : [`c${code}`])].join(".");
}

/**
 * @param {string} text
 * @returns {Selection | null | undefined} undefined for text that is not understood
 */
export function parseSelection(text) {
  if (!text) return null;
  const [, stage, i, j, code] = /^(\w+)(?:\.(\d{1,3})\.(\d{1,3}))?(?:\.c(\d{1,4}))?$/.exec(text) ?? [];
  if (!isLinked(stage)) return undefined;
  return {
    stage,
    cell: i === undefined ? null : [Number(i), Number(j)],
    code: code === undefined ? null : Number(code),
  };
}

/**
 * @param {Selection} selection
 * @param {import("./grid.js").Grid} grid
 * @returns {boolean} whether the grid has what is selected
 */
export function isIn({ cell, code }, grid) {
  return (!cell || hasCell(grid, cell)) && (code === null || code < grid.numEmbeddings);
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
 * Pins what was clicked, or unpins it.
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
 * What the selection means in the trace.
 * @typedef {object} Focus
 * @property {import("./types.d.ts").Cell | null} cell
 * @property {number} row of the cell, −1 without one
 * @property {import("./rows.js").Run[] | null} runs what the row holds if it is not the feature of the cell
 * @property {Set<number>} cells that the row's numbers belong to, counted row by row; empty without a cell
 * @property {number} code the code pointed at, or the one in the cell: the nearest to its feature, unless it was edited
 * @property {number} chosen the code that the model put into the cell, or the one pointed at
 * @property {number} compared the code pointed at, or else the chosen one: the distance to it is spelled out
 * @property {boolean} measured whether the distances of the row are there; they come after the rest
 * @property {number | null} runnerUp the nearest of the other codes; null if there is none, or it is not known
 * @property {(code: number) => number} distance squared distance of the row to a code; NaN if it is not known
 * @property {Set<number>} users rows that use the code
 */

/**
 * @param {Selection | null} selection
 * @param {import("./types.d.ts").Trace | null} trace
 * @param {import("./types.d.ts").Model | null} model
 * @param {number[][] | null} shownIndices
 * @returns {Focus | null} null when nothing is selected or nothing has been traced
 */
export function focusOf(selection, trace, model, shownIndices) {
  if (!selection || !trace || !model || !shownIndices) return null;
  const { grid } = model;
  const { cell } = selection;
  if (cell && !hasCell(grid, cell)) return null;
  const indices = shownIndices.flat();
  const row = cell ? rowOf(cell, grid) : -1;
  const code = cell ? indices[row] : selection.code;
  if (code === null || code >= grid.numEmbeddings) return null;

  const distances = cell && trace.distances ? vectorAt(trace.distances, row) : undefined;
  /** @type {number | null} */
  let runnerUp = null;
  distances?.forEach((value, other) => {
    if (other !== code && (runnerUp === null || value < distances[runnerUp])) runnerUp = other;
  });
  const users = new Set(indices.flatMap((used, n) => (used === code ? [n] : [])));
  const chosen = cell ? trace.indices[cell[0]][cell[1]] : code;
  const compared = selection.code ?? chosen;
  return {
    cell,
    row,
    runs: cell && trace.variant === "wrong-reshape" ? runsOf(model, row) : null,
    cells: cell ? cellsOf(model, trace.variant, row) : new Set(),
    code,
    chosen,
    compared,
    measured: distances !== undefined,
    runnerUp,
    users,
    distance: (other) => distances?.[other] ?? NaN,
  };
}
