// @ts-check

/**
 * Views by the names that links and addresses have for them (`#show=straight-through`): where each is, and what the page
 * must hold to show it. No DOM.
 */

import { toggleVariant } from "./edits.js";

/** @typedef {import("./types.d.ts").State} State */
/** @typedef {import("./types.d.ts").Store} Store */

/**
 * @typedef {object} Scene
 * @property {string} at selector of the view
 * @property {Partial<State>} state
 * @property {(store: Store) => Partial<State>} [more] state that depends on what is shown
 */

/** @param {Store} store */
function middleDistances(store) {
  const { height, width } = /** @type {import("./types.d.ts").Model} */ (store.get("model")).grid;
  /** @type {import("./types.d.ts").Selection} */
  const selection = { cell: [height >> 1, width >> 1], code: null, stage: "distances" };
  return { level: "", selection, pinned: true };
}

/** @param {Store} store */
function mostUsedCode(store) {
  const codes = store.get("trace")?.indices.flat() ?? [];
  const count = (/** @type {number} */ code) => codes.filter((other) => other === code).length;
  const code = codes.reduce((best, one) => count(one) > count(best) ? one : best, codes[0] ?? 0);
  /** @type {import("./types.d.ts").Selection} */
  const selection = { cell: null, code, stage: "embeddings" };
  return { level: "", selection, pinned: true };
}

/** @param {Store} store @returns {Partial<State>} a model that has a prior */
function withPrior(store) {
  const other = store.get("models").find(({ prior }) => prior);
  return store.get("model")?.prior || !other ? {} : { modelName: other.name };
}

/**
 * Without the visitor's codes, which only the model's own variant decodes.
 * @param {"bypass" | "wrong-reshape"} variant
 * @returns {(store: Store) => Partial<State>}
 */
const inVariant = (variant) => (store) => {
  if (store.get("variant") !== variant) toggleVariant(store, variant);
  return { variant };
};

/** What experiments and pins change, as a view of the model itself needs it. @type {Partial<State>} */
const PLAIN = { variant: "normal", editing: false, brushCode: null, pinned: false, selection: null };

/** @type {Record<string, Scene | undefined>} */
export const SCENES = {
  "article": { at: "#article", state: { article: true } },
  "why-discrete": { at: "[data-live=discrete]", state: { article: true } },
  "commitment": { at: "[data-live=commitment]", state: { article: true } },
  "ema": { at: "[data-live=ema]", state: { article: true } },
  "batch": { at: "[data-live=batch]", state: { article: true } },
  "quantizer": { at: ".details", state: { details: true, listing: "quantizer" } },
  "distance": { at: ".arithmetic", state: { details: true }, more: middleDistances },
  "bypass": { at: ".experiment[data-variant=bypass]", state: { details: true }, more: inVariant("bypass") },
  "reshape": { at: ".experiment[data-variant=wrong-reshape]", state: { details: true }, more: inVariant("wrong-reshape") },
  "morph": { at: ".morph", state: { details: true } },
  "code": { at: '.part-embeddings[data-level=""]', state: { details: false, health: false, generate: false }, more: mostUsedCode },
  "losses": { at: ".losses", state: { details: true } },
  "stop-gradient": { at: ".flows", state: { details: true, backward: true } },
  "straight-through": { at: ".heatmaps", state: { details: true, backward: true, straightThrough: true } },
  "movers": { at: ".movers", state: { details: true, backward: true } },
  "perplexity": { at: "#section-health", state: { health: true } },
  "collapse": { at: "#section-playback", state: { playback: true } },
  "compare": { at: "#section-compare", state: { compare: true } },
  "generation": { at: ".strips", state: { generate: true }, more: withPrior },
  "writing": { at: ".writer", state: { generate: true }, more: withPrior },
  "surprise": { at: ".surprise", state: { generate: true }, more: withPrior },
  "compression": { at: ".compression", state: { generate: true }, more: withPrior },
};

/**
 * Brings the page into the state of a view; what another view has switched on about the model is switched off.
 * @param {Store} store
 * @param {Scene} scene
 */
export function setScene(store, { state, more }) {
  store.assign({ ...PLAIN, ...state, ...more?.(store) });
}
