// @ts-check

import { formatSelection, parseSelection } from "./selection.js";

/**
 * The page's state, declared once. The type `State`, the defaults, what is stored, what an address shares and what a
 * reset restores follow from these three groups.
 */

/** @typedef {import("./types.d.ts").Connection} Connection */
/** @typedef {import("./types.d.ts").Placement} Placement */

/** Pixels along each side of the drawing and of the model's input. */
export const SIZE = 28;

/** @type {Placement} */
export const AS_DRAWN = { scale: 1, dx: 0, dy: 0 };

/**
 * @template T
 * @typedef {object} Setting
 * @property {T} initial
 * @property {(text: string) => T | undefined} parse returns undefined for text that it does not understand
 * @property {(value: T) => string} format writes what `parse` reads
 * @property {boolean} shared whether the address of a shared drawing carries it
 * @property {boolean} stored whether it is kept for the next visit
 * @property {string} [name] what storage and address call it, if not by its key
 */

/**
 * @template T
 * @param {NoInfer<T>} initial
 * @param {(text: string) => T | undefined} parse
 * @param {{ format?: (value: T) => string, shared?: boolean, stored?: boolean, name?: string }} [options]
 * @returns {Setting<T>}
 */
const setting = (initial, parse, { format = String, shared = false, stored = true, name } = {}) => ({
  initial,
  parse,
  format,
  shared,
  stored,
  name,
});

/** @param {string} text */
const parseBoolean = (text) => text === "true" ? true : text === "false" ? false : undefined;

/** @param {string} text */
const parseCount = (text) => /^\d{1,4}$/.test(text) ? Number(text) : undefined;

/** @param {string} text */
const parseDigit = (text) => text === "any" ? null : /^\d$/.test(text) ? Number(text) : undefined;

/** @param {string} text of 32 bits */
const parseSeed = (text) => /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32 ? Number(text) : undefined;

/**
 * @param {RegExp} pattern
 * @returns {(text: string) => string | undefined}
 */
const matching = (pattern) => (text) => pattern.test(text) ? text : undefined;

/**
 * @param {number} low
 * @param {number} high
 * @returns {(text: string) => number | undefined}
 */
const between = (low, high) => (text) => {
  const value = Number(text);
  return text.trim() && value >= low && value <= high ? value : undefined;
};

/**
 * @template {string} const Word
 * @param {...Word} words
 * @returns {(text: string) => Word | undefined}
 */
const oneOf = (...words) => (text) => words.find((word) => word === text);

/** The steps of the tour, in their order. */
export const TOUR_STEPS = /** @type {const} */ ([
  "draw",
  "patch",
  "nearest-code",
  "distance",
  "bits",
  "decode",
  "paint",
  "bypass",
  "straight-through",
  "losses",
  "collapse",
  "generate",
]);

/** What the visitor chooses. An address carries what is `shared`; what is `stored` is kept for the next visit. */
export const SETTINGS = {
  /** The chosen model; empty for the server's default. */
  modelName: setting("", matching(/^([a-z0-9][a-z0-9-]{0,63})?$/), { shared: true, name: "model" }),
  centre: setting(true, parseBoolean, { shared: true }),
  /** Radius of the pen in pixels of the drawing. */
  brush: setting(1.25, between(0.75, 2.5)),
  theme: setting("system", oneOf("dark", "light", "system")),
  /** Whether the reconstruction shows its difference from the input. */
  difference: setting(false, parseBoolean, { shared: true }),
  /** The channel in front of the cubes. */
  channel: setting(0, parseCount, { shared: true }),
  /** The grey scale of the matrices. */
  scaling: setting("row", oneOf("row", "shared"), { shared: true }),
  /** Which parts of the page are open. */
  details: setting(false, parseBoolean, { shared: true }),
  compare: setting(false, parseBoolean, { shared: true }),
  health: setting(false, parseBoolean, { shared: true }),
  playback: setting(false, parseBoolean, { shared: true }),
  generate: setting(false, parseBoolean, { shared: true }),
  lab: setting(false, parseBoolean, { shared: true }),
  meter: setting(false, parseBoolean, { shared: true }),
  /** Id of the level that is looked at where one is; the main one if the model has no such level. */
  level: setting("", matching(/^[a-z]{0,16}$/), { shared: true, stored: false }),
  /** Id of the listing that is shown. */
  listing: setting("quantizer", matching(/^[a-z][a-z0-9_.-]{0,31}$/), { shared: true, stored: false }),
  /** What is pointed at. An address carries it only while it is pinned. */
  selection: setting(null, parseSelection, { format: formatSelection, shared: true, stored: false, name: "pin" }),
  variant: setting("normal", oneOf("normal", "bypass", "wrong-reshape"), { shared: true, stored: false, name: "what-if" }),
  /** Whether a backward pass is wanted, and whether it has the straight-through line. */
  backward: setting(false, parseBoolean, { shared: true, stored: false }),
  straightThrough: setting(true, parseBoolean, { shared: true, stored: false, name: "straight-through" }),
  /** What the prior writes: the class, null for any; the temperature; the seed. */
  digit: setting(null, parseDigit, { format: (digit) => digit === null ? "any" : String(digit), shared: true, stored: false }),
  temperature: setting(1, between(0.1, 2), { shared: true, stored: false }),
  seed: setting(1, parseSeed, { shared: true, stored: false }),
  /** Rows of the drawing's codes that are kept when the prior completes it. */
  keptRows: setting(4, parseCount, { shared: true, stored: false, name: "rows" }),
  /** The view in `scenes.js` that is wanted; empty once it is shown. */
  scene: setting("", matching(/^[a-z-]{0,40}$/), { shared: true, stored: false, name: "show" }),
  /** The step of the tour that is open, empty while the tour is closed; and the step with which it opens. */
  tour: setting("", oneOf("", ...TOUR_STEPS), { shared: true, stored: false }),
  toured: setting(TOUR_STEPS[0], oneOf(...TOUR_STEPS)),
};

/** @typedef {{ [Key in keyof typeof SETTINGS]: (typeof SETTINGS)[Key]["initial"] }} Settings */

/** What a model's prior has answered. */
export const unwritten = () => ({
  /** Bits of the codes that are shown. */
  score: /** @type {import("./types.d.ts").Score | null} */ (null),
  /** The codes of an empty page. */
  blankCodes: /** @type {number[] | null} */ (null),
  /** The grid that is being written, how many of its cells are, and what the decoder makes of those. */
  writing: /** @type {import("./types.d.ts").Writing | null} */ (null),
  written: 0,
  writtenPicture: /** @type {import("./types.d.ts").Tensor | null} */ (null),
  previews: /** @type {import("./types.d.ts").Previews | null} */ (null),
  /** Whether it goes on by itself. */
  writes: false,
  completions: /** @type {import("./types.d.ts").Completion[]} */ ([]),
  /** The drawing with its surprising codes sampled anew. */
  restored: /** @type {import("./types.d.ts").Restored | null} */ (null),
  /** Samples of ever better models of the codes. */
  strips: /** @type {import("./types.d.ts").Strips} */ ({}),
  /** The codes that are shown, packed by an arithmetic coder. */
  packed: /** @type {import("./types.d.ts").PackedCodes | null} */ (null),
  /** The parts whose last question ended in an error. */
  unanswered: /** @type {Set<"writing" | "completions" | "packed">} */ (new Set()),
});

/** State of the session. A reset restores its defaults, and a reload forgets it. */
const visit = () => ({
  /** Strokes, clears and edits of codes, which undo takes back one by one, and those that redo brings back. */
  steps: /** @type {import("./types.d.ts").Step[]} */ ([]),
  undone: /** @type {import("./types.d.ts").Step[]} */ ([]),
  /** What is on the pad, 0 to 255. */
  drawing: new Uint8Array(SIZE * SIZE),
  /** What the model gets, 0 to 255. */
  pixels: new Uint8Array(SIZE * SIZE),
  /** How `pixels` was made from the strokes. */
  placement: AS_DRAWN,
  tool: /** @type {"draw" | "erase"} */ ("draw"),

  trace: /** @type {import("./types.d.ts").Trace | null} */ (null),
  /** The same drawing in the normal variant, while another one is shown. */
  reference: /** @type {import("./types.d.ts").Trace | null} */ (null),
  /** The edited grids that were decoded last, as they were asked for, and what the decoder makes of them. */
  decoded: /** @type {Record<string, number[][]> | null} */ (null),
  editedReconstruction: /** @type {import("./types.d.ts").Tensor | null} */ (null),
  /** Whether the tool for changing codes is open, and the code that its brush paints. */
  editing: false,
  brushCode: /** @type {number | null} */ (null),
  gradients: /** @type {import("./types.d.ts").Gradients | null} */ (null),

  pinned: false,
  /** The number of a matrix that is pointed at, whatever is pinned. */
  entry: /** @type {import("./types.d.ts").Entry | null} */ (null),
  /** Whether the codebook's health counts only cells whose patch of the picture holds ink. */
  inked: false,

  /** Training runs by model; the models of the runs that are shown; the position in them from 0 to 1. */
  playbacks: /** @type {Record<string, import("./types.d.ts").Playback>} */ ({}),
  runs: /** @type {string[]} */ ([]),
  playhead: 0,
  playing: false,
  /** Factor of the playback's speed. */
  speed: 1,

  /** The model that is trained in the page, and the model whose recorded training is compared with it. */
  training: /** @type {import("./types.d.ts").Training | null} */ (null),
  recorded: "",

  /** The cards of the priors that have been loaded, by model. */
  priors: /** @type {Record<string, import("./types.d.ts").Prior>} */ ({}),
  ...unwritten(),
  /** How many codes a second the prior writes. */
  pace: 5,
  /** How many completions of the drawing are wanted. */
  completionCount: 4,
  /** The sizes of the drawing in files, in bits. */
  fileSizes: /** @type {import("./types.d.ts").FileSizes | null} */ (null),

  /** The example digit whose levels are exchanged with the drawing's, and its trace. */
  swapped: /** @type {number | null} */ (null),
  swappedTrace: /** @type {import("./types.d.ts").Trace | null} */ (null),
  /** What the decoder makes of single levels and of exchanged ones; see `experiments/mixtures.js`. */
  mixtures: /** @type {Record<string, import("./types.d.ts").Tensor>} */ ({}),
  /** How many test digits have each code in each cell, K·H·W numbers, by model; none of a model measured before. */
  usages: /** @type {Record<string, Record<string, number[]>>} */ ({}),
  /** The visitor's drawings before this one, the newest first, as the model got them. */
  past: /** @type {Uint8Array[]} */ ([]),

  /** Whether the article has been wanted. */
  article: false,

  notice: /** @type {import("./types.d.ts").Notice | null} */ (null),
  /** What the tour says to screen readers. */
  announcement: "",
});

/** What the server and the browser report. A reset keeps it. */
const surroundings = () => ({
  /** Id of the level that a store is read at: the main one, except through `atLevel`. */
  readAt: "",
  connection: /** @type {Connection} */ ("connecting"),
  /** The reason for the state of the connection, as a sentence. */
  connectionDetail: "",
  /** The models to choose from; empty until the server has listed them. */
  models: /** @type {import("./types.d.ts").ModelSummary[]} */ ([]),
  model: /** @type {import("./types.d.ts").Model | null} */ (null),
  /** Name of the model whose description is awaited; empty when none is. */
  loading: "",
  systemTheme: /** @type {"dark" | "light"} */ ("dark"),
  /** Counts changes of size, after which views repaint and paths are measured again. */
  layout: 0,
});

/** @typedef {Settings & ReturnType<typeof visit> & ReturnType<typeof surroundings>} State */

/** @returns {Settings & ReturnType<typeof visit>} what a reset puts back */
export function defaults() {
  const settings = Object.fromEntries(Object.entries(SETTINGS).map(([key, { initial }]) => [key, initial]));
  return { .../** @type {Settings} */ (settings), ...visit() };
}

/** @returns {State} */
export function initialState() {
  return { ...defaults(), ...surroundings() };
}
