// @ts-check

import { decode, encode } from "./strokes.js";
import { texts } from "../texts/texts.js";
import { NAMED_SETTINGS, readSettings, recall, remember } from "../core/settings.js";
import { SETTINGS } from "../core/state.js";

/** @typedef {import("../core/types.d.ts").Store} Store */
/** @typedef {import("../core/types.d.ts").Step} Step */

/** @typedef {import("../core/state.js").Settings} Settings */

/** The name of the drawing in the address and in storage. */
const DRAWING = "drawing";

/** The name of the model in the address. */
const MODEL = String(SETTINGS.modelName.name);

/**
 * @param {Store} store
 * @returns {string} what follows the # of an address that shows this drawing
 */
export function toHash(store) {
  const parameters = new URLSearchParams({ [DRAWING]: encode(store.get("steps")) });
  for (const { key, name, setting } of NAMED_SETTINGS) {
    if (setting.shared && store.get(key) !== setting.initial) parameters.set(name, String(store.get(key)));
  }
  // Always included: the recipient's choice or server may have another default.
  const model = store.get("shownModel");
  if (model) parameters.set(MODEL, model);
  return parameters.toString();
}

/**
 * @param {string} hash with or without its #
 * @returns {{ steps: Step[] | null, values: Partial<Settings>, problem: string }} steps are null when the address
 *   names no drawing, or none that can be read
 */
export function fromHash(hash) {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  const shared = NAMED_SETTINGS.filter(({ setting }) => setting.shared).map(({ name }) => name);
  const { values, refused } = readSettings((name) => shared.includes(name) ? parameters.get(name) : null);
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
 * @returns {{ steps: Step[] | null, values: Partial<Settings>, problem: string }} what the last visit left; steps
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
 * Puts the drawing into the address, without a step in the history, copies the address, and says so in a notice.
 * @param {Store} store
 */
export async function share(store) {
  const url = new URL(location.href);
  url.hash = toHash(store);
  history.replaceState(null, "", url);
  try {
    await navigator.clipboard.writeText(url.href);
    store.set("notice", { kind: "info", text: texts.drawing.copied });
  } catch {
    store.set("notice", { kind: "info", text: texts.drawing.inAddress });
  }
}

/**
 * Removes a shared drawing from the address once the drawing has changed, so that a reload does not bring it back. The
 * model stays in the address.
 * @param {Store} store
 */
export function syncUrl(store) {
  const current = new URLSearchParams(location.hash.slice(1));
  const model = current.get(MODEL);
  const now = new URLSearchParams(current.has(DRAWING) ? toHash(store) : "");
  // An address written by hand need not name a model.
  if (model === null) now.delete(MODEL);
  else if (store.get("shownModel")) now.set(MODEL, store.get("shownModel"));
  now.sort();
  current.sort();
  if (now.toString() === current.toString() || (!current.has(DRAWING) && model === null)) return;
  const name = store.get("modelName");
  history.replaceState(null, "", `${location.pathname}${location.search}${name ? `#${MODEL}=${name}` : ""}`);
}

/**
 * Chooses a model, and puts the choice into the address as a step of the history: Back returns to the former model.
 * @param {Store} store
 * @param {string} name
 */
export function chooseModel(store, name) {
  if (name === store.get("shownModel")) return;
  // Back brings back the model and leaves the drawing alone.
  history.replaceState(null, "", `#${MODEL}=${store.get("shownModel")}`);
  history.pushState(null, "", `#${MODEL}=${name}`);
  store.set("modelName", name);
}
