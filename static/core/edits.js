// @ts-check

/** Changing codes in the grid. No DOM. */

import { record } from "./history.js";

/** @typedef {import("./types.d.ts").Store} Store */
/** @typedef {import("./types.d.ts").Cell} Cell */

/**
 * Puts a code into cells. A grid that equals the model's own no longer counts as edited.
 * @param {Store} store
 * @param {Cell[]} cells
 * @param {number} code
 * @param {boolean} [joined] whether undo takes this back together with the edit before it
 * @returns {boolean} whether that changed the grid
 */
export function recode(store, cells, code, joined = false) {
  const own = store.get("trace")?.indices;
  const model = store.get("model");
  if (!own || !model || store.get("variant") !== "normal") return false;
  const before = store.get("edited") ?? own;
  if (cells.every(([i, j]) => before[i][j] === code)) return false;
  const grid = before.map((row) => [...row]);
  for (const [i, j] of cells) grid[i][j] = code;
  const { [store.get("readAt")]: _, ...others } = store.get("edits") ?? {};
  const edits = countChanged(grid, own) ? { ...others, [store.get("readAt")]: grid } : others;
  record(store, { ...toStep(edits), model: model.name }, joined);
  return true;
}

/**
 * @param {Record<string, number[][]>} edits grids by their level
 * @returns {{ kind: "codes", codes: number[][] | null, levels?: Record<string, number[][]> }}
 */
export function toStep({ "": codes, ...levels }) {
  return { kind: "codes", codes: codes ?? null, ...(Object.keys(levels).length && { levels }) };
}

/**
 * Shows the model's own codes again. Undo brings the edited ones back.
 * @param {Store} store
 */
export function resetEdits(store) {
  const model = store.get("model");
  if (model && store.get("edits")) record(store, { kind: "codes", codes: null, model: model.name });
}

/**
 * Turns the tool on or off. Edited codes stay edited.
 * @param {Store} store
 * @param {boolean} on
 */
export function setEditing(store, on) {
  store.assign({ editing: on, brushCode: null });
  // One experiment at a time: edited indices are decoded in the normal variant.
  if (on) store.set("variant", "normal");
}

/**
 * Switches a variant on, or off if it is on.
 * @param {Store} store
 * @param {import("./types.d.ts").Variant} variant
 */
export function toggleVariant(store, variant) {
  const on = store.get("variant") !== variant;
  setEditing(store, false);
  resetEdits(store);
  store.set("variant", on ? variant : "normal");
}

/**
 * @param {number[][]} grid
 * @param {number[][]} own
 * @returns {number} cells in which they differ
 */
export function countChanged(grid, own) {
  const codes = own.flat();
  return grid.flat().filter((code, row) => code !== codes[row]).length;
}

/**
 * The cells on the straight line between two, both included: a fast pointer skips some.
 * @param {Cell} from
 * @param {Cell} to
 * @returns {Cell[]}
 */
export function cellsBetween(from, to) {
  const steps = Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]), 1);
  return Array.from({ length: steps + 1 }, (_, n) => {
    const t = n / steps;
    return [Math.round(from[0] + t * (to[0] - from[0])), Math.round(from[1] + t * (to[1] - from[1]))];
  });
}
