// @ts-check

/** The steps of the tour: what each shows, and what it waits for. No DOM. */

import { resetEdits } from "../core/edits.js";
import { cellCount, cellOf, hasCell } from "../core/grid.js";
import { SIZE, TOUR_STEPS } from "../core/state.js";
import { conditionOf } from "../core/usage.js";

/** @typedef {import("../core/types.d.ts").Cell} Cell */
/** @typedef {import("../core/types.d.ts").Key} Key */
/** @typedef {import("../core/types.d.ts").Model} Model */
/** @typedef {import("../core/types.d.ts").State} State */
/** @typedef {import("../core/types.d.ts").Store} Store */
/** @typedef {import("../core/types.d.ts").TourStep} TourStep */
/** @typedef {Partial<import("../core/types.d.ts").Values>} Before what `watched` keys held when the step began */
/** @typedef {keyof typeof import("../texts/en-tour.js").missing} Need */

/**
 * @typedef {object} Step
 * @property {string[]} at selectors of what it talks about, the most important first
 * @property {string} [around] what the ring is drawn around, if not the first of them
 * @property {string} by what the act is done with, from the keyboard
 * @property {(store: Store) => Partial<State>} [state] what the page holds at its beginning, besides `PLAIN`
 * @property {Key[]} [watched]
 * @property {(store: Store, before: Before) => boolean} acted whether the learner has done what it asks for; asked after
 *   every change
 * @property {Need} [needs] what not every page and model has
 */

/** The page without what other steps open and switch on. @type {Partial<State>} */
const PLAIN = {
  details: false,
  health: false,
  compare: false,
  playback: false,
  generate: false,
  difference: false,
  backward: false,
  straightThrough: true,
  variant: "normal",
  tool: "draw",
  editing: false,
  brushCode: null,
  level: "",
  pinned: false,
  selection: null,
};

/** @type {Record<TourStep, Step>} */
export const STEPS = {
  "draw": {
    at: [".pad-picture", ".tools", ".examples"],
    by: ".examples button",
    watched: ["steps"],
    acted: (store, { steps }) => store.get("steps") !== steps && hasInk(store),
  },
  "patch": {
    at: [".part-features .cube", ".given-picture", ".pad-picture"],
    by: `.part-features .cells [tabindex="0"]`,
    state: pinCell("features"),
    watched: ["selection"],
    acted: (store, { selection }) => isOther(store.get("selection")?.cell, selection?.cell),
    needs: "patches",
  },
  "nearest-code": {
    at: [".part-embeddings .codes", ".part-indices"],
    by: `.part-embeddings .codes [tabindex="0"]`,
    state: pinCell("indices"),
    watched: ["focus"],
    acted(store, before) {
      const focused = store.get("focus");
      // The distances are those of the cell that was pointed at last.
      if (focused?.cell) before.focus = focused;
      return focused !== null && !focused.cell && focused.code === before.focus?.chosen;
    },
  },
  "distance": {
    at: [".arithmetic", ".matrix-distances .matrix-plot"],
    by: `.matrix-distances .entries [tabindex="0"]`,
    state: (store) => ({ ...pinCell("distances")(store), details: true, listing: "quantizer" }),
    acted(store) {
      const focused = store.get("focus");
      return Boolean(focused?.cell) && focused?.compared !== focused?.chosen;
    },
  },
  "bits": {
    at: [".part-indices"],
    by: `.part-indices .cells [tabindex="0"]`,
    acted: (store) => Boolean(store.get("selection")?.cell),
  },
  "decode": {
    at: [".part-reconstruction"],
    by: ".part-reconstruction [data-action=difference]",
    acted: (store) => store.get("difference"),
  },
  "paint": {
    at: [".index-picture", ".edit", ".part-reconstruction .picture"],
    by: `.part-indices .cells [tabindex="0"]`,
    state: (store) => ({ editing: true, brushCode: codeAt(store, inkedCell(store)) }),
    acted: (store) => store.get("edited") !== null,
  },
  "bypass": {
    at: [".experiment[data-variant=bypass]"],
    by: "[data-action=bypass]",
    state: () => ({ details: true }),
    acted: (store) => store.get("variant") === "bypass",
  },
  "straight-through": {
    at: ["[data-action=straight-through]", "[data-gradient=features]", "[data-gradient=quantized]", ".bridge"],
    by: "[data-action=straight-through]",
    around: ".heatmap-row",
    state: () => ({ details: true, backward: true }),
    acted: (store) => !store.get("straightThrough"),
  },
  "losses": {
    at: [".flows table", ".loss-terms"],
    by: ".flows [data-term]",
    state: () => ({ details: true, backward: true }),
    acted: (store) => Boolean(store.get("selection")?.stage.endsWith("_loss")),
  },
  "collapse": {
    at: [".playback-controls", "[data-run=left] .run-map", "[data-run=left] .run-facts", "[data-run=right] .run-map", "[data-run=right] .run-usage"],
    by: "[data-playback=play]",
    state: (store) => ({ playback: true, runs: collapsedRuns(store) ?? store.get("runs"), playhead: 0, playing: false }),
    acted: (store) => store.get("playing") || store.get("playhead") > 0,
    needs: "runs",
  },
  "generate": {
    at: [".writer-controls", ".writer-grid", ".writer-picture", ".writer-bars"],
    by: ".writer-controls select",
    state: (store) => ({ generate: true, writes: false, digit: null, modelName: priorModel(store) ?? store.get("modelName") }),
    acted: (store) => store.get("digit") !== null && (store.get("writes") || store.get("written") > 0),
    needs: "prior",
  },
};

/** @type {Record<Need, (store: Store) => boolean>} */
const HAS = {
  patches: (store) => Boolean(store.get("model")?.convolutional),
  runs: (store) => collapsedRuns(store) !== null,
  prior: (store) => priorModel(store) !== null,
};

/**
 * @param {TourStep} id
 * @param {Store} store
 * @returns {Need | null} what the step needs, if this page or its model does not have it
 */
export function missingFor(id, store) {
  const { needs } = STEPS[id];
  return needs && !HAS[needs](store) ? needs : null;
}

/**
 * @param {TourStep} id
 * @param {number} by
 * @returns {TourStep | undefined} undefined beyond either end
 */
export const stepFrom = (id, by) => TOUR_STEPS[TOUR_STEPS.indexOf(id) + by];

/**
 * Brings the page into the state in which a step begins. There is a model and a trace of the drawing.
 * @param {TourStep} id
 * @param {Store} store
 * @returns {Before}
 */
export function begin(id, store) {
  const { state, watched = [] } = STEPS[id];
  const own = state?.(store);
  resetEdits(store);
  store.assign({ ...PLAIN, ...own });
  return Object.fromEntries(watched.map((key) => [key, store.get(key)]));
}

/** @param {Store} store */
export const hasInk = (store) => store.get("pixels").some((value) => value > 0);

/**
 * Pins the cell that is pinned already, or else one with ink.
 * @param {import("../core/types.d.ts").Stage} stage
 * @returns {(store: Store) => Partial<State>}
 */
function pinCell(stage) {
  return (store) => {
    const { grid } = /** @type {Model} */ (store.get("model"));
    const own = store.get("pinned") ? store.get("selection")?.cell : null;
    const cell = own && hasCell(grid, own) ? own : inkedCell(store);
    return { selection: { cell, code: null, stage }, pinned: true };
  };
}

/**
 * @param {Cell | null | undefined} a
 * @param {Cell | null | undefined} b
 */
const isOther = (a, b) => Boolean(a) && (a?.[0] !== b?.[0] || a?.[1] !== b?.[1]);

/**
 * @param {Store} store
 * @returns {Cell} the cell whose patch of the picture holds most ink
 */
function inkedCell(store) {
  const { grid } = /** @type {Model} */ (store.get("model"));
  const ink = new Array(cellCount(grid)).fill(0);
  store.get("pixels").forEach((value, n) => {
    const i = Math.floor((Math.floor(n / SIZE) * grid.height) / SIZE);
    const j = Math.floor(((n % SIZE) * grid.width) / SIZE);
    ink[i * grid.width + j] += value;
  });
  return cellOf(ink.indexOf(Math.max(...ink)), grid);
}

/**
 * @param {Store} store
 * @param {Cell} cell
 * @returns {number | null} the model's code
 */
function codeAt(store, [i, j]) {
  return store.get("trace")?.indices[i][j] ?? null;
}

/**
 * @param {Store} store
 * @returns {string[] | null} a recorded run whose codebook collapsed, and one of the same size whose did not
 */
function collapsedRuns(store) {
  const recorded = store.get("models").filter(({ playback }) => playback);
  const pairs = recorded.flatMap((dead) =>
    recorded.filter((alive) => alive.num_embeddings === dead.num_embeddings).map((alive) => [dead, alive])
  );
  const pair = pairs.find(([dead, alive]) => conditionOf(dead).collapsed && !conditionOf(alive).collapsed);
  return pair ? pair.map(({ name }) => name) : null;
}

/**
 * @param {Store} store
 * @returns {string | null} the model that is shown if it has a prior, or else one that has
 */
function priorModel(store) {
  const shown = store.get("model");
  return shown?.prior ? store.get("modelName") : store.get("models").find(({ prior }) => prior)?.name ?? null;
}
