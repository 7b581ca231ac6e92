// @ts-check

import { toStep } from "../core/edits.js";
import { formatCodes, parseCodes } from "../core/history.js";
import { decode, encode } from "./strokes.js";
import { texts } from "../texts/texts.js";
import { stageAt } from "../core/levels.js";
import { NAMED_SETTINGS, readSettings, recall, remember } from "../core/settings.js";
import { SETTINGS } from "../core/state.js";

/** @typedef {import("../core/types.d.ts").Store} Store */
/** @typedef {import("../core/types.d.ts").Step} Step */

/** @typedef {import("../core/state.js").State} State */

/** The name of the drawing in the address and in storage. */
const DRAWING = "drawing";

/** The name of the edited codes in the address; those of a level other than the main one have its id behind it. */
const CODES = "codes";
const LEVEL_CODES = /^codes(?:\.(?=[a-z])|$)([a-z]{0,16})$/;

/** The name of the model in the address. */
const MODEL = String(SETTINGS.modelName.name);

/** The name of the tour's step in the address. */
const TOUR = "tour";

/** What an address with a drawing means where it says nothing. */
const SHARED_DEFAULTS = Object.fromEntries(
  NAMED_SETTINGS.filter(({ name, setting }) => setting.shared && name !== MODEL).map(({ key, setting }) => [key, setting.initial]),
);

/**
 * @param {Store} store
 * @returns {string} what follows the # of an address that shows what this page shows
 */
export function toHash(store) {
  const steps = store.get("steps");
  const parameters = new URLSearchParams({ [DRAWING]: encode(steps) });
  for (const { key, name, setting } of NAMED_SETTINGS) {
    // What the pointer happens to be over is not shared.
    if (key === "selection" && !store.get("pinned")) continue;
    if (setting.shared && store.get(key) !== setting.initial) parameters.set(name, setting.format(store.get(key)));
  }
  const last = steps.at(-1);
  if (last?.kind === "codes") {
    const edits = { ...(last.codes && { "": last.codes }), ...last.levels };
    for (const [level, grid] of Object.entries(edits)) parameters.set(stageAt(CODES, level), formatCodes(grid));
  }
  // Always included: the recipient's choice or server may have another default.
  const model = store.get("shownModel");
  if (model) parameters.set(MODEL, model);
  return parameters.toString();
}

/**
 * @param {string} hash with or without its #
 * @returns {{ steps: Step[] | null, values: Partial<State>, problem: string }} steps are null when the address
 *   names no drawing, or none that can be read. Beside a drawing, values hold all that is shared, except for the model
 *   if the address names none
 */
export function fromHash(hash) {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  const { values, refused } = readSettings("shared", (name) => parameters.get(name));
  /** @type {Step[] | null} */
  let steps = null;
  const text = parameters.get(DRAWING);
  if (text !== null) {
    try {
      steps = decode(text);
    } catch {
      return { steps, values, problem: texts.drawing.addressUnreadable };
    }
    /** @type {Record<string, number[][]>} */
    const edits = {};
    for (const [name, codes] of parameters) {
      const [, level] = LEVEL_CODES.exec(name) ?? [];
      if (level === undefined) continue;
      const grid = parseCodes(codes);
      if (grid && values.modelName) edits[level] = grid;
      else refused.push(name);
    }
    if (values.modelName && Object.keys(edits).length) steps.push({ ...toStep(edits), model: values.modelName });
  }
  const problem = refused.length ? texts.drawing.addressRefused(refused) : "";
  if (!steps) return { steps, values, problem };
  return { steps, values: { ...SHARED_DEFAULTS, ...values, pinned: Boolean(values.selection) }, problem };
}

/**
 * @returns {{ steps: Step[] | null, values: Partial<State>, problem: string }} what the last visit left; steps
 *   are null for a first visitor
 */
export function fromStorage() {
  const { values, refused } = readSettings("stored", recall);
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
 * Puts what the page shows into the address, without a step in the history, copies the address, and says in a notice
 * what it holds.
 * @param {Store} store
 */
export async function share(store) {
  const url = new URL(location.href);
  const hash = toHash(store);
  url.hash = hash;
  history.replaceState(null, "", url);
  const names = [...new URLSearchParams(hash).keys()];
  try {
    await navigator.clipboard.writeText(url.href);
    store.set("notice", { kind: "info", text: texts.drawing.copied(names) });
  } catch {
    store.set("notice", { kind: "info", text: texts.drawing.inAddress(names) });
  }
}

/**
 * Removes a shared drawing from the address once the drawing has changed, so that a reload does not bring it back. The
 * model stays in the address. The open step of the tour is always there: each is a step of the history.
 * @param {Store} store
 */
export function syncUrl(store) {
  const current = new URLSearchParams(location.hash.slice(1));
  const model = current.get(MODEL);
  const tour = store.get("tour");
  const isMoved = tour !== (current.get(TOUR) ?? "");
  const now = new URLSearchParams(current.has(DRAWING) ? toHash(store) : "");
  // An address written by hand need not name a model.
  if (model === null) now.delete(MODEL);
  else if (store.get("shownModel")) now.set(MODEL, store.get("shownModel"));
  if (tour) now.set(TOUR, tour);
  now.sort();
  current.sort();
  if (now.toString() === current.toString() || (!current.has(DRAWING) && model === null && !isMoved)) return;
  const hash = placeHash(store.get("modelName"), tour);
  const address = `${location.pathname}${location.search}${hash}`;
  if (isMoved) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}

/**
 * @param {string} model
 * @param {string} tour
 * @returns {string} what Back and Forward return to
 */
function placeHash(model, tour) {
  const parameters = new URLSearchParams({ ...(model && { [MODEL]: model }), ...(tour && { [TOUR]: tour }) });
  return parameters.size ? `#${parameters}` : "";
}

/**
 * Chooses a model, and puts the choice into the address as a step of the history: Back returns to the former model.
 * @param {Store} store
 * @param {string} name
 */
export function chooseModel(store, name) {
  if (name === store.get("shownModel")) return;
  // Back brings back the model and leaves the drawing alone.
  history.replaceState(null, "", placeHash(store.get("shownModel"), store.get("tour")));
  history.pushState(null, "", placeHash(name, store.get("tour")));
  store.set("modelName", name);
}
