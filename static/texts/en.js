// @ts-check

/**
 * English: every sentence that a visitor reads.
 *
 * What only the templates say is in en.json, which the browser does not load; `page` holds what modules say too. It is read
 * for the templates from this file, so it has to be valid JSON. The other objects hold what the modules of a folder say, as
 * functions of their values. Each function returns a whole sentence, so that another language may order its words as it
 * needs.
 */

import { at, choose, content, count, listed, mixed, whole } from "./en-words.js";
import { formatNumber as short, percent } from "../core/format.js";

/** @typedef {import("../core/types.d.ts").Cell} Cell */
/** @typedef {import("./en-words.js").Place} Place */
/** @typedef {import("../core/rows.js").Run} Run */

/**
 * @param {string} sentence
 * @param {Record<string, string | number>} values of its {placeholders}
 */
const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

export const page = {
  "shell.connecting": "Connecting",
  "shell.light-theme": "Light theme",
  "shell.dark-theme": "Dark theme",
  "figure.features.intro": "The encoder turns each patch of the drawing into a feature: a vector of {numbers}, one per channel.",
  "figure.features.intro-dense": "The encoder turns the whole drawing into one feature: a vector of {numbers}, one per channel.",
  "figure.codebook.uses": "Below each code: how many cells use it.",
  "figure.indices.intro": "Index: the nearest code’s number. {cells} of them, {bits} bits, are all that is kept.",
  "figure.indices.intro-level": "Index: the nearest code’s number. {cells} of them, {bits} of the {total} bits that are kept.",
  "figure.indices.intro-one": "Index: the nearest code’s number. It takes {bits} and is all that is kept.",
  "figure.quantized.intro": "Each index is replaced by its code. The difference from the original feature is lost.",
  "figure.quantized.intro-one": "The index is replaced by its code. The difference from the original feature is lost.",
  "figure.reconstruction.intro": "The decoder, the network’s second half, draws this from the codes alone.",
  "figure.reconstruction.intro-dense": "The decoder draws this from the codes alone.",
  "figure.reconstruction.intro-one": "The decoder draws this from the one code alone.",
  "figure.reveal": "Reveal the vector quantizer",
  "figure.hide": "Hide the vector quantizer",
  "figure.inspector.title": "Point at any cell or code",
  "figure.inspector.hint": "The page then follows one vector through the model. Click or tap to pin it; press Escape to unpin it.",
  "figure.inspector.anomalies": "Test digits are 10,000 digits that were kept out of training. A model reconstructs well what it was trained on, so a large error indicates an unfamiliar input. This is the idea behind anomaly detection.",
  "quantizer.board": "Matrices, scrolled sideways",
  "quantizer.reshape": "Show the reshape",
  "quantizer.embeddings": "Transposed: each column is a code.",
  "models.playback.play": "Play",
  "models.playback.pause": "Pause",
  "generate.write.play": "Play",
  "generate.write.pause": "Pause",
  "generate.compress.raw": "Pixels, 28×28 bytes",
  "generate.compress.gzip": "gzip of the pixels",
  "generate.compress.png": "PNG, as this browser writes it",
  "generate.compress.codes": "Codes, each with the same number of bits",
  "generate.compress.coded": "Codes, arithmetic coder with the prior"
};

export const shell = {
  connection: { connecting: page["shell.connecting"], live: "Live", offline: "Offline" },
  /** @param {number} ms */
  milliseconds: (ms) => `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`,
  /** @param {number} frames */
  perSecond: (frames) => `${Math.round(frames)}/s`,
  tourOffered: "Twelve short steps explain what happens to your drawing.",
  partMissing: "This part of the page could not be loaded. It is loaded when there is a connection again.",
  outdated: "The dimmed results belong to an earlier drawing.",
  /** @param {string} title of a model */
  loading: (title) => `Loading ${title}.`,

  /**
   * @param {object} selected
   * @param {Place} selected.place
   * @param {boolean} selected.pinned
   * @param {boolean} selected.edited whether the visitor put the code there
   * @param {number} selected.code
   * @param {number | null} selected.distance squared; null while it is on its way
   * @param {number | null} selected.runnerUp null if there is none
   * @param {number} selected.runnerUpDistance
   */
  cell({ place, pinned, edited, code, distance, runnerUp, runnerUpDistance }) {
    const state = pinned ? "Pinned" : "Selected";
    const { cell: [i, j], row, runs } = place;
    const where = runs ? `row ${row} of the wrong reshape, ${content(runs)},` : `row ${i}, column ${j}`;
    const sentence = edited
      ? `${state}: ${where} was changed to code ${code}.`
      : `${state}: ${where} is nearest to code ${code}.`;
    if (distance === null) return sentence;
    return runnerUp === null
      ? `${sentence} Squared distance ${short(distance)}.`
      : `${sentence} Squared distance ${short(distance)}; runner-up ${runnerUp}, ${short(runnerUpDistance)}.`;
  },

  /**
   * @param {number} code
   * @param {number} users
   * @param {number} cells
   */
  code: (code, users, cells) => `Code ${code} is used by ${users} of ${count(cells, "cell")}.`,

  /**
   * @param {number} codes
   * @param {number} cells
   */
  traced: (codes, cells) => `The model has encoded the drawing: ${count(codes, "code")} in ${count(cells, "cell")}.`,
};

export const drawing = {
  /** @param {string[]} names of what the address holds */
  copied: (names) => `Address copied. It opens this page with ${listShared(names)}.`,
  /** @param {string[]} names of what the address holds */
  inAddress: (names) => `The address bar now holds ${listShared(names)}. Copy it from there.`,
  addressUnreadable: "The drawing in the address could not be read.",
  storageUnreadable: "The saved drawing could not be read.",

  /** @param {string[]} names */
  addressRefused: (names) =>
    choose(
      names.length,
      `The address contains an invalid value (${names.join(", ")}). It was ignored.`,
      `The address contains invalid values (${names.join(", ")}). They were ignored.`,
    ),

  /** @param {string[]} names */
  storageRefused: (names) =>
    choose(
      names.length,
      `A saved setting is invalid (${names.join(", ")}). The default is used.`,
      `Some saved settings are invalid (${names.join(", ")}). The defaults are used.`,
    ),
};

/**
 * What an address can hold, by the names of its parameters.
 * @type {Record<string, string | undefined>}
 */
const SHARED = {
  drawing: "the drawing",
  model: "the model",
  centre: "the centring switched off",
  difference: "the difference picture",
  channel: "the channel",
  scaling: "the grey scale",
  details: "the open details",
  listing: "the chosen listing",
  pin: "what is pinned",
  codes: "your codes",
  "codes.top": "your codes",
  level: "the chosen level",
  "what-if": "the experiment",
  backward: "the backward pass",
  "straight-through": "the straight-through line removed",
  compare: "the open sections",
  health: "the open sections",
  playback: "the open sections",
  lab: "the open sections",
  generate: "the open sections",
  digit: "how digits are sampled",
  temperature: "how digits are sampled",
  seed: "how digits are sampled",
  rows: "how many rows are kept",
  show: "the view",
  tour: "the step of the tour",
  meter: "the meter",
};

/** @param {string[]} names */
const listShared = (names) => listed(new Set(names.map((name) => SHARED[name] ?? name)));

export const figure = {
  /** @param {number} code */
  codeName: (code) => `code ${code}`,

  /**
   * @param {Cell} cell
   * @param {number} [code] undefined before the first answer
   * @param {number} [own] the code that the model chose
   */
  cell([i, j], code, own) {
    if (code === undefined) return `Row ${i}, column ${j}`;
    return code === own
      ? `Row ${i}, column ${j}: code ${code}`
      : `Row ${i}, column ${j}: code ${code}, the model’s was ${own}`;
  },

  /**
   * @param {number} row of the wrong reshape
   * @param {number} code
   */
  mixedRow: (row, code) => `Row ${row} of the wrong reshape: code ${code}`,

  /**
   * @param {number} code
   * @param {number} cells that use it
   */
  code: (code, cells) => `Code ${code}, used by ${count(cells, "cell")}`,
  codebookDistances: "Below: squared distances to this feature.",
  distancesLoading: "The distances are loading.",
  codebookOne: "Below: a 1 marks the code that this drawing gets.",

  /** @param {number} code */
  pictureName: (code) => `What the decoder draws from code ${code}`,
  /** @param {number} code */
  wholePicture: (code) => `What the decoder draws from code ${code}: a whole picture.`,
  /** @param {number} code */
  emptyPicture: (code) => `Cells of code ${code} in the middle of a blank page: the decoder draws nothing.`,
  /** @param {number} code */
  picture: (code) => `What the decoder draws from cells of code ${code} in the middle of a blank page.`,

  /**
   * @param {number} error
   * @param {number} used
   * @param {number} codes
   * @param {number} ratio
   */
  model: (error, used, codes, ratio) =>
    `test error ${error.toFixed(4)} · ${used === codes ? "all" : `${used} of`} ${count(codes, "code")} used · ` +
    `${ratio.toFixed(0)}× smaller than the picture`,
  /** @param {number} cells */
  picks: (cells) => count(cells, "pick"),

  /**
   * @param {boolean} convolutional
   * @param {number} depth
   */
  encoder: (convolutional, depth) =>
    fill(page[convolutional ? "figure.features.intro" : "figure.features.intro-dense"], { numbers: count(depth, "number") }),

  /**
   * @param {boolean} convolutional
   * @param {number} cells
   */
  decoder(convolutional, cells) {
    if (convolutional) return page["figure.reconstruction.intro"];
    return cells === 1 ? page["figure.reconstruction.intro-one"] : page["figure.reconstruction.intro-dense"];
  },

  /**
   * @param {number} cells
   * @param {number} bits of them
   * @param {number} total bits, of all levels
   */
  winners: (cells, bits, total) =>
    bits < total
      ? fill(page["figure.indices.intro-level"], { cells, bits, total })
      : cells === 1
      ? fill(page["figure.indices.intro-one"], { bits: count(bits, "bit") })
      : fill(page["figure.indices.intro"], { cells, bits }),
  /** @param {number} cells */
  lookup: (cells) => page[cells === 1 ? "figure.quantized.intro-one" : "figure.quantized.intro"],

  /**
   * @param {string} level
   * @param {Pick<import("../core/grid.js").Grid, "height" | "width">} grid
   */
  level: (level, { height, width }) => `${level === "top" ? "Top" : "Bottom"} ${height}×${width}`,

  badges: {
    edited: "edited",
    fromEdited: "from your codes",
    bypassed: "bypassed",
    fromFeatures: "from the features",
    mixed: "mixed up",
    fromMixed: "from mixed-up codes",
  },

  rows: { channel: "channel", feature: "feature", difference: "difference²" },
  /** @param {string} sum */
  rowSum: (sum) => `Σ ${sum}`,

  /**
   * @param {Place} place
   * @param {Node} chip
   */
  cellTitle: (place, chip) => mixed`${whole(place)} → ${chip}`,
  /**
   * @param {Run[]} runs
   * @param {string} sentence about its code
   */
  mixedContent: (runs, sentence) => `It holds ${content(runs)}. ${sentence}`,
  /** @param {Node} chip */
  codeTitle: (chip) => mixed`${chip} in the codebook`,

  /**
   * @param {number} code
   * @param {number | null} distance squared; null while it is on its way
   * @param {number | null} runnerUp null if there is none
   * @param {number} runnerUpDistance
   */
  nearest(code, distance, runnerUp, runnerUpDistance) {
    if (distance === null) return `Code ${code} is the nearest. The distances are loading.`;
    const nearest = `Of all codes, ${code} has the smallest squared distance: ${short(distance)}.`;
    return runnerUp === null ? nearest : `${nearest} Runner-up ${runnerUp} is at ${short(runnerUpDistance)}.`;
  },

  /**
   * @param {number} code
   * @param {number | null} distance squared; null while it is on its way
   * @param {number} chosen by the model
   * @param {number} chosenDistance
   */
  replaced: (code, distance, chosen, chosenDistance) => distance === null
    ? `You put code ${code} here. The model chose ${chosen}. The distances are loading.`
    : `You put code ${code} here, at squared distance ${short(distance)}. The model chose ${chosen}, ` +
    `at ${short(chosenDistance)}.`,

  /**
   * @param {number} users cells of this drawing that use the code
   * @param {number} cells
   * @param {number} usage share of the test digits' cells
   */
  usage(users, cells, usage) {
    const same = "Its numbers are the same wherever it is used.";
    if (cells === 1) {
      const here = users ? "This drawing gets this code." : "This drawing gets another code.";
      return `${here} ${percent(usage)} of the test digits get it. ${same}`;
    }
    const here = `${users} of this drawing’s ${cells} cells ${choose(users, "uses", "use")} it.`;
    return `${here} ${percent(usage)} of all cells of the test digits use it. ${same}`;
  },
};

export const experiments = {
  /**
   * @param {string} cost in error
   * @param {number} share of the error
   */
  bypassCost: (cost, share) =>
    `Quantization adds ${cost} to the error of this drawing, ${Math.round(100 * share)}% of the total.`,
  bypassFree: "Quantization adds no error here: the decoder, trained on codes, does no better without them.",

  /**
   * @param {number} changed
   * @param {number} rows
   * @param {number} ratio
   */
  reshapeCost: (changed, rows, ratio) =>
    `${changed} of ${rows} rows ${choose(changed, "gets", "get")} another code, and the error is ${short(ratio)} ` +
    "times as large.",

  /** @param {number} code */
  paletteCode: (code) => `Code ${code}`,
  /** @param {number} code */
  brushHint: (code) =>
    `Code ${code} is on your brush: click cells or drag across them. Press it again, or Escape, to put it down.`,
  /**
   * @param {Cell} cell
   * @param {number} code
   */
  cellHint: (cell, code) => `Cell ${at(cell)} has code ${code}. Pick another one for it.`,
  editHint: "Pick a code and paint cells with it, or click a cell first and then pick its code.",

  /**
   * @param {number} changed
   * @param {number} cells
   * @param {number} error
   * @param {number} own error with the model's codes
   */
  edited: (changed, cells, error, own) =>
    `You changed ${changed} of ${count(cells, "code")}. Error ${error.toFixed(4)}; with the model’s codes ${own.toFixed(4)}.`,
  returned: "You drew, so the grid shows the model’s own codes again.",
  unedited: "The grid shows the model’s own codes.",
};

export const training = {
  ownLosses: "These are the model’s own values, without the experiment above.",
};

export const models = {
  priorMissing: "The prior could not be loaded. The page tries again when something is sampled.",
  cardMissing: "What was measured of the prior could not be loaded. It is loaded when there is a connection again.",
  emptyPad: "The pad is empty: draw a digit to compare it with the test digits.",
  experiment: "The error is that of your experiment; the test digits were measured without one.",
  /**
   * What an error says about a drawing, given its percentile among the model's own errors for the test digits.
   * @type {Record<import("../core/usage.js").Familiarity, (percentile: number) => string>}
   */
  familiarity: {
    largest: () =>
      "This error is larger than this model’s error for any test digit: it has not seen anything like this drawing.",
    tail: () =>
      "This error is larger than 99% of this model’s errors for test digits: it has not seen anything like this drawing.",
    unusual: (percentile) =>
      `This error is larger than ${Math.round(percentile)}% of this model’s errors for test digits: for it, an unusual drawing.`,
    usual: (percentile) =>
      `This error is larger than ${Math.round(percentile)}% of this model’s errors for test digits: for it, a usual drawing.`,
    smallest: () => "This error is smaller than this model’s error for any test digit.",
  },
  /**
   * The same of the bits of its codes.
   * @type {Record<import("../core/usage.js").Familiarity, (percentile: number) => string>}
   */
  familiarityOfBits: {
    largest: () =>
      "The prior is more surprised by these codes than by those of any test digit: it has not seen anything like this drawing.",
    tail: () =>
      "The prior is more surprised by these codes than by those of 99% of the test digits: it has not seen anything like this drawing.",
    unusual: (percentile) =>
      `The prior is more surprised by these codes than by those of ${Math.round(percentile)}% of the test digits: for it, an unusual drawing.`,
    usual: (percentile) =>
      `The prior is more surprised by these codes than by those of ${Math.round(percentile)}% of the test digits: for it, a usual drawing.`,
    smallest: () => "The prior is less surprised by these codes than by those of any test digit.",
  },
  unscored: "How unusual these codes are to the prior follows when the pen rests.",
  excessExplained:
    "The prior is a second network that learned which codes go together. Its surprise is the number of bits of the codes, less the " +
    "bits that they would take by their frequencies alone. Test digits are 10,000 digits that were kept out of training.",
  /** @param {number} auroc */
  separationOfBits: (auroc) =>
    "Measured for this prior: of a test digit and a picture of something else, the latter surprises it more in " +
    `${(100 * auroc).toFixed(1)}% of pairs, where guessing gives 50%.`,
  /** @param {number} error of the model on the test digits */
  familiarityOfBlack: (error) =>
    `This model draws black: its error for test digits is ${error.toFixed(4)}, that of a black ` +
    "picture. So this error tells how much ink there is, not how unusual the drawing is.",
  /**
   * @param {number} percentile
   * @param {number} error of the model on the test digits
   * @param {number} share of a black picture's error
   */
  familiarityOfCollapsed: (percentile, error, share) =>
    `This codebook collapsed: the model’s error for test digits is ${error.toFixed(4)}, ${Math.round(100 * share)}% of a ` +
    `black picture’s. This drawing’s error is larger than ${Math.round(percentile)}% of theirs.`,

  /**
   * @param {import("../core/usage.js").Condition} condition
   * @param {string} title of the model
   */
  option: ({ collapsed, black }, title) =>
    collapsed || black
      ? `${title} (${[collapsed && "collapsed", black && "draws black"].filter(Boolean).join(", ")})`
      : title,
  /**
   * What is wrong with a model.
   * @param {import("../core/usage.js").Condition} condition
   * @param {number} used
   * @param {number} codes
   * @param {number} perplexity
   */
  condition({ collapsed, black }, used, codes, perplexity) {
    const usage = `${used} of ${count(codes, "code")} ${choose(used, "is", "are")} used`;
    const sentences = [];
    if (collapsed) {
      sentences.push(used < codes
        ? `${usage}: this codebook collapsed.`
        : `${usage}, as varied as ${perplexity.toFixed(1)} equally used ones: this codebook collapsed.`);
    }
    if (black) sentences.push("The model draws black.");
    return sentences.join(" ");
  },
  /** @param {number} auroc */
  separation: (auroc) =>
    "Measured for this model: of a test digit and a picture of something else, the latter has the larger error in " +
    `${(100 * auroc).toFixed(1)}% of pairs. This share is called the AUROC (${auroc.toFixed(3)}); guessing gives 0.5.`,

  playbackAwaited: "The snapshots of a training run could not be loaded. They are loaded when there is a connection again.",
  playbackMissing: "The snapshots of a training run could not be loaded. Choose it again to retry.",
};

export const backend = {
  connecting: "Connecting to the server.",
  live: "The server answers every stroke.",
  full: "The server already has as many visitors as it can serve. Your drawing is kept; the page tries again by itself.",
  offline: "The server cannot be reached. Your drawing is kept; the page reconnects by itself.",
  replyUnreadable: "A reply from the server could not be read.",

  /**
   * What is said of an error of the stream, by its code; an unknown code says what the server says.
   * @type {Record<string, string | undefined>}
   */
  errors: {
    internal: "The server failed on this request. Its log says why.",
    invalid: "The server rejected a request from this page. Reload the page to get its current version.",
    unknown_model: "The server does not have this model any more. Choose another one.",
    unknown_type: "The server does not know this kind of request. Reload the page to get its current version.",
  },

  /**
   * @param {string} name
   * @param {string} shown title of the model that is shown instead
   */
  noModel: (name, shown) => `There is no model called “${name}” here; this is ${shown}.`,
  /** @param {string} text title, description or claim of a model, in English */
  ofModel: (text) => text,
  modelMissing: "The model could not be loaded. The page tries again when the connection is back.",
  /**
   * @param {string} wanted title of the model that was chosen
   * @param {string} shown title of the one that is shown
   */
  modelKept: (wanted, shown) => `${wanted} could not be loaded. ${shown} stays.`,
};

/** What the backend says where the model runs in the page. */
export const inPage = {
  connecting: "The model is being loaded into this page.",
  live: "The model runs in this page and answers every stroke.",
  offline: "The model could not be loaded into this page. Your drawing is kept; the page tries again by itself.",
  /** @param {string} reason */
  failed: (reason) => `The model failed on this request (${reason}). Reload the page to start it anew.`,
  /** @param {string} title */
  unusable: (title) =>
    `The model ${title} cannot be used in this page: the page's kernel computes something else than PyTorch does. Choose another one.`,
};
