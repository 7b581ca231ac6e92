// @ts-check

import { decode, encode } from "./strokes.js";
import { MODEL, readSettings, recall, remember, SETTINGS } from "../core/settings.js";
import { texts } from "../texts/texts.js";

/** @typedef {import("../core/types.d.ts").Store} Store */
/** @typedef {import("../core/types.d.ts").Step} Step */

/** The name of the drawing in the address and in storage. */
const DRAWING = "drawing";

/**
 * @param {Store} store
 * @returns {string} what follows the # of an address that shows this drawing
 */
export function toHash(store) {
  const parameters = new URLSearchParams({ [DRAWING]: encode(store.get("steps")) });
  for (const { key, name = key, initial, shared } of SETTINGS) {
    if (shared && store.get(key) !== initial) parameters.set(name, String(store.get(key)));
  }
  // By its name, since another visitor's own choice, or another server's default, may be another model.
  const model = modelShown(store);
  if (model) parameters.set(MODEL, model);
  return parameters.toString();
}

/**
 * @param {Store} store
 * @returns {string} the model's name, empty while the default is wanted and not yet known
 */
export function modelShown(store) {
  return store.get("modelName") || (store.get("model")?.name ?? "");
}

/**
 * @param {string} hash with or without its #
 * @returns {{ steps: Step[] | null, values: Record<string, any>, problem: string }} steps are null when the address
 *   names no drawing, or none that can be read
 */
export function fromHash(hash) {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  const { values, refused } = readSettings((key) => {
    const shared = SETTINGS.some((setting) => (setting.name ?? setting.key) === key && setting.shared);
    return shared ? parameters.get(key) : null;
  });
  const text = parameters.get(DRAWING);
  /** @type {Step[] | null} */
  let steps = null;
  let problem = refused.length ? texts.drawing.addressRefused(refused) : "";
  if (text !== null) {
    try {
      steps = decode(text);
    } catch {
      problem = texts.drawing.addressUnreadable;
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
  let problem = refused.length ? texts.drawing.storageRefused(refused) : "";
  if (text !== null) {
    try {
      steps = decode(text);
    } catch {
      problem = texts.drawing.storageUnreadable;
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
    return texts.drawing.copied;
  } catch {
    return texts.drawing.inAddress;
  }
}

/**
 * Once the drawing moves on, the address no longer tells the truth, and a reload must not bring the old one back. What
 * it says of the model stays.
 * @param {Store} store
 */
export function syncUrl(store) {
  const told = new URLSearchParams(location.hash.slice(1));
  const model = told.get(MODEL);
  const now = new URLSearchParams(told.has(DRAWING) ? toHash(store) : "");
  // An address from before there were several models, or written by hand, need not name one.
  if (model === null) now.delete(MODEL);
  else if (modelShown(store)) now.set(MODEL, modelShown(store));
  now.sort();
  told.sort();
  if (now.toString() === told.toString() || (!told.has(DRAWING) && model === null)) return;
  const name = store.get("modelName");
  history.replaceState(null, "", `${location.pathname}${location.search}${name ? `#${MODEL}=${name}` : ""}`);
}

/**
 * Puts the choice of a model into the address, as a step in the history: Back returns to the model before.
 * @param {Store} store
 * @param {string} name
 */
export function noteChoice(store, name) {
  // Back shall bring back the model and leave the drawing alone.
  history.replaceState(null, "", `#${MODEL}=${modelShown(store)}`);
  history.pushState(null, "", `#${MODEL}=${name}`);
}
