// @ts-check

/** The visitor's steps: strokes, clears and edits of codes, in one list to undo and redo. No DOM. */

import { fits } from "./grid.js";
import { at } from "./levels.js";

/** An address can contain anything. In characters. */
const MOST_TEXT = 5000;

/** @typedef {import("./types.d.ts").Model} Model */
/** @typedef {import("./types.d.ts").Step} Step */
/** @typedef {import("./types.d.ts").Store} Store */

/**
 * Adds a step, after which there is nothing to redo.
 * @param {Store} store
 * @param {Step} step
 * @param {boolean} [joined] whether it replaces the last step, as when a drag goes on
 */
export function record(store, step, joined = false) {
  const steps = store.get("steps");
  store.assign({ steps: [...(joined ? steps.slice(0, -1) : steps), step], undone: [] });
}

/**
 * Takes the last step back.
 * @param {Store} store
 * @returns {Step | undefined} the step; undefined when there is none
 */
export function undo(store) {
  const steps = store.get("steps");
  const step = steps.at(-1);
  if (!step) return;
  store.assign({ steps: steps.slice(0, -1), undone: [...store.get("undone"), step] });
  leaveVariant(store);
  return step;
}

/**
 * Does the step that was taken back last again.
 * @param {Store} store
 * @returns {Step | undefined} the step; undefined when there is none
 */
export function redo(store) {
  const undone = store.get("undone");
  const step = undone.at(-1);
  if (!step) return;
  store.assign({ steps: [...store.get("steps"), step], undone: undone.slice(0, -1) });
  leaveVariant(store);
  return step;
}

/**
 * Edited codes are decoded in the normal variant.
 * @param {Store} store
 */
function leaveVariant(store) {
  if (store.get("edits")) store.set("variant", "normal");
}

/**
 * Drops edits of codes that no longer belong to what is shown.
 * @param {Store} store
 * @param {(step: Extract<Step, { kind: "codes" }>) => boolean} [stays]
 */
export function dropCodes(store, stays = () => false) {
  for (const key of /** @type {const} */ (["steps", "undone"])) {
    const steps = store.get(key);
    const kept = steps.filter((step) => step.kind !== "codes" || stays(step));
    if (kept.length < steps.length) store.set(key, kept);
  }
}

/**
 * @param {number[][]} codes
 * @returns {string} for the address: codes joined by ".", rows by "_"
 */
export function formatCodes(codes) {
  return codes.map((row) => row.join(".")).join("_");
}

/**
 * @param {string} text
 * @returns {number[][] | undefined} undefined for text that is no grid of codes
 */
export function parseCodes(text) {
  if (text.length > MOST_TEXT || !/^\d{1,4}([._]\d{1,4})*$/.test(text)) return undefined;
  const grid = text.split("_").map((row) => row.split(".").map(Number));
  return grid.every((row) => row.length === grid[0].length) ? grid : undefined;
}

/**
 * @param {Step | undefined} step
 * @param {Model | null} model
 * @returns {Record<string, number[][]> | null} the codes that the step put into the model's grids, by their level; null
 *   when they are the model's own
 */
export function editsOf(step, model) {
  if (!model || step?.kind !== "codes" || step.model !== model.name) return null;
  const edits = { ...(step.codes && { "": step.codes }), ...step.levels };
  const grids = Object.entries(edits);
  const fitting = grids.every(([level, codes]) => {
    const grid = at(model, level)?.grid;
    return grid && fits(grid, codes);
  });
  return grids.length && fitting ? edits : null;
}
