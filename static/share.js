// @ts-check

import { decode, encode } from "./strokes.js";
import { readSettings, recall, remember, SETTINGS } from "./settings.js";

/** @typedef {import("./types.d.ts").Store} Store */
/** @typedef {import("./types.d.ts").Step} Step */

/** The name of the drawing in the address and in storage. */
const DRAWING = "drawing";

/**
 * @param {Store} store
 * @returns {string} what follows the # of an address that shows this drawing
 */
export function toHash(store) {
  const parameters = new URLSearchParams({ [DRAWING]: encode(store.get("steps")) });
  for (const { key, initial, shared } of SETTINGS) {
    if (shared && store.get(key) !== initial) parameters.set(key, String(store.get(key)));
  }
  return parameters.toString();
}

/**
 * @param {string} hash with or without its #
 * @returns {{ steps: Step[] | null, values: Record<string, any>, problem: string }} steps are null when the address
 *   names no drawing, or none that can be read
 */
export function fromHash(hash) {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  const { values, refused } = readSettings((key) => {
    const shared = SETTINGS.some((setting) => setting.key === key && setting.shared);
    return shared ? parameters.get(key) : null;
  });
  const text = parameters.get(DRAWING);
  /** @type {Step[] | null} */
  let steps = null;
  let problem = refused.length ? `The address has a value that makes no sense (${refused.join(", ")}); it was left out.` : "";
  if (text !== null) {
    try {
      steps = decode(text);
    } catch {
      problem = "The drawing in the address could not be read.";
    }
  }
  return { steps, values, problem };
}

/**
 * @returns {{ steps: Step[] | null, values: Record<string, any>, problem: string }} what the last visit left; steps
 *   are null for a first visitor
 */
export function fromStorage() {
  const { values, refused } = readSettings(recall);
  const text = recall(DRAWING);
  /** @type {Step[] | null} */
  let steps = null;
  let problem = refused.length ? `A remembered setting made no sense (${refused.join(", ")}); the default is used.` : "";
  if (text !== null) {
    try {
      steps = decode(text);
    } catch {
      problem = "The remembered drawing could not be read.";
    }
  }
  return { steps, values, problem };
}

/** @param {Store} store */
export function rememberDrawing(store) {
  remember(DRAWING, encode(store.get("steps")));
}

/**
 * Puts the drawing into the address, without a step in the history, and copies it.
 * @param {Store} store
 * @returns {Promise<string>} what to tell the visitor
 */
export async function share(store) {
  const url = new URL(location.href);
  url.hash = toHash(store);
  history.replaceState(null, "", url);
  try {
    await navigator.clipboard.writeText(url.href);
    return "Address copied. Whoever opens it sees this drawing.";
  } catch {
    return "The address bar now holds this drawing; copy it from there.";
  }
}

/**
 * Once the drawing moves on, the address no longer tells the truth, and a reload must not bring the old one back.
 * @param {Store} store
 */
export function keepAddressTrue(store) {
  const hash = location.hash.slice(1);
  if (!new URLSearchParams(hash).has(DRAWING) || hash === toHash(store)) return;
  history.replaceState(null, "", location.pathname + location.search);
}
