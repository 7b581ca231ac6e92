// @ts-check
/// <reference lib="deno.ns" />

/** Every sentence that the modules say, with counts of 0, 1 and 2. */

import { equal, ok } from "./assert.js";
import { NAMED_SETTINGS } from "../../static/core/settings.js";
import { BLACK_MSE } from "../../static/core/usage.js";
import { found } from "../../static/models/compare.js";
import * as texts from "../../static/texts/en.js";
import { drawings } from "../../static/texts/en-drawings.js";
import { generate } from "../../static/texts/en-generate.js";
import { quantizer } from "../../static/texts/en-quantizer.js";
import { backward } from "../../static/texts/en-backward.js";
import { sections } from "../../static/texts/en-sections.js";
import templates from "../../static/texts/en.json" with { type: "json" };

/** Stands for an element in a sentence. */
const NODE = /** @type {any} */ ({ toString: () => "⟨element⟩" });

/**
 * Rows of the wrong reshape with one, two and more channels, and one that is a cell.
 * @type {{ row: number, cell: [number, number], runs: import("../../static/core/rows.js").Run[] | null }[]}
 */
const PLACES = [
  { row: 7, cell: [1, 0], runs: null },
  { row: 7, cell: [1, 0], runs: [{ channel: 2, first: [2, 0], last: [4, 1] }] },
  { row: 3, cell: [0, 3], runs: [{ channel: 0, first: [6, 6], last: [6, 6] }, { channel: 1, first: [0, 0], last: [2, 0] }] },
];
const MANY_RUNS = [2, 3, 4].map((channel) => ({ channel, first: PLACES[0].cell, last: PLACES[0].cell }));

/**
 * Arguments of each function for a count of n. Every function has to be here.
 * @type {Record<string, (n: number) => unknown[]>}
 */
const ARGUMENTS = {
  "shell.milliseconds": (n) => [n],
  "shell.perSecond": (n) => [n],
  "shell.cell": (n) => [{
    place: PLACES[n],
    pinned: n === 1,
    edited: n === 2,
    code: n,
    distance: n ? 0.1 : null,
    runnerUp: n === 2 ? 3 : null,
    runnerUpDistance: 0.2,
  }],
  "shell.code": (n) => [3, n, 1 + n],
  "shell.loading": () => ["Residual"],
  "shell.traced": (n) => [n, 1 + n],
  "drawing.copied": (n) => [["drawing", "model", "details"].slice(0, 1 + n)],
  "drawing.inAddress": (n) => [["drawing", "model", "compare", "health"].slice(0, 1 + n)],
  "drawing.addressRefused": (n) => [["centre", "channel", "zoom"].slice(0, 1 + n)],
  "drawing.storageRefused": (n) => [["centre", "channel", "zoom"].slice(0, 1 + n)],
  "figure.codeName": (n) => [n],
  "figure.cell": (n) => [[n, 2], n ? n : undefined, n ? 1 : undefined],
  "figure.code": (n) => [3, n],
  "figure.pictureName": (n) => [n],
  "figure.wholePicture": (n) => [n],
  "figure.emptyPicture": (n) => [n],
  "figure.picture": (n) => [n],
  "figure.model": (n) => [0.0014, n, 1 + n, 29.6],
  "figure.picks": (n) => [n],
  "figure.encoder": (n) => [n === 1, n],
  "figure.decoder": (n) => [n === 2, n],
  "figure.winners": (n) => [n, n, 2],
  "figure.level": (n) => [n ? "top" : "", { height: 7, width: 7 }],
  "figure.lookup": (n) => [n],
  "figure.mixedRow": (n) => [n, 3],
  "figure.rowSum": () => ["0.01"],
  "figure.cellTitle": (n) => [PLACES[n], NODE],
  "figure.mixedContent": (n) => [n ? PLACES[n].runs : MANY_RUNS, "A sentence."],
  "figure.codeTitle": () => [NODE],
  "figure.nearest": (n) => [3, n ? 0.01 : null, n === 2 ? 4 : null, 0.2],
  "drawings.places": (n) => [3, n, 10_000, [n, 2]],
  "drawings.ownDrawings": (n) => [n, 1 + n],
  "drawings.example": (n) => [n],
  "drawings.earlier": (n) => [n],
  "figure.replaced": (n) => [3, n ? 0.2 : null, n, 0.1],
  "figure.usage": (n) => [n, 1 + n, 0.1],
  "quantizer.copied": (n) => ["features", n, 16],
  "quantizer.codeNumber": (n) => [n, 3, 0.5],
  "quantizer.gridNumber": (n) => [[n, 2], n ? n : NaN],
  "quantizer.index": (n) => [n, [n, 2], 3],
  "quantizer.distance": (n) => [n, [n, 2], 3, n ? n : NaN],
  "quantizer.vectorNumber": (n) => [n, [n, 2], 3, 0.5],
  "quantizer.mixedNumber": (n) => [n, 3, { channel: n, cell: [n, 2] }, 0.5],
  "quantizer.mixedDistance": (n) => [n, 3, n ? n : NaN],
  "quantizer.mixedIndex": (n) => [n, 3],
  "quantizer.spoken": () => ["features", "cell (1, 2): 0.5"],
  "quantizer.peek": (n) => ["distances", [n, n], undefined],
  "quantizer.reshapeCell": (n) => [[n, 2]],
  "quantizer.range": (n) => [{ low: -n, high: n }],
  "quantizer.sharedScale": () => ["−1 … 1", "0 … 2"],
  "quantizer.rowScale": (n) => [n, "−1 … 1", "0 … 2"],
  "quantizer.embeddingRow": () => [NODE],
  "quantizer.distanceTitle": (n) => [NODE, n ? n : null, PLACES[n], NODE],
  "quantizer.ranking": (n) => [{
    nearest: NODE,
    distance: String(n),
    second: n ? { chip: NODE, distance: String(n), margin: NODE } : null,
    place: n > 1 ? n : null,
    codes: 20,
  }],
  "quantizer.columnTitle": () => [NODE],
  "quantizer.columnHint": (n) => [n],
  "experiments.bypassCost": () => ["0.0009", 0.5],
  "experiments.reshapeCost": (n) => [n, 49, 1.5],
  "experiments.paletteCode": (n) => [n],
  "experiments.brushHint": (n) => [n],
  "experiments.cellHint": (n) => [[n, 2], 3],
  "experiments.edited": (n) => [n, 1 + n, 0.002, 0.001],
  "backward.cellGradient": (n) => ["Row 1, column 2", n],
  "backward.reading": (n) => [[n, 2], n, n],
  "backward.code": (n) => [n, n ? n : undefined],
  "backward.moved": (n) => [n, 1 + n, 0.3],
  "backward.unmoved": (n) => [n],
  "sections.grid": () => [[7, 7]],
  "sections.codebook": () => [20, 16],
  "sections.used": (n) => [n, 20],
  "sections.compression": (n) => [n],
  "sections.parameters": (n) => [1000 * n],
  "sections.found": (n) => [n, 1 + n, 1.5, 20 * n],
  "models.familiarity.largest": () => [100],
  "models.familiarity.tail": () => [99.5],
  "models.familiarity.unusual": (n) => [91 + n],
  "models.familiarity.usual": (n) => [n],
  "models.familiarity.smallest": () => [0],
  "models.familiarityOfBlack": () => [BLACK_MSE],
  "models.familiarityOfCollapsed": (n) => [n, 0.0675, 0.59],
  "models.option": (n) => [{ collapsed: n > 0, black: n > 1 }, "Minimal"],
  "models.condition": (n) => [{ collapsed: true, black: n > 1 }, 1 + n, n ? 20 : 1, 1.5],
  "models.separation": () => [0.875],
  "sections.share": (n) => [3, n / 3],
  "sections.allUsed": (n) => [1 + n],
  "sections.idle": (n) => [n, 20, 1.5],
  "sections.collapsed": (n) => [n, 20, 1.5],
  "sections.reading": (n) => [{
    chip: NODE,
    share: 0.1,
    inked: n === 1,
    users: n,
    cells: 1 + n,
    place: n ? PLACES[n] : null,
  }],
  "sections.mapCode": (n) => [n],
  "sections.mapCaption": () => [0.5, 0.2],
  "sections.moment": (n) => [{ kind: n ? "died" : "learned", run: n, step: n, before: 2, after: n }],
  "sections.snapshot": (n) => [{ step: 1000 * n, epoch: 10 * n, used: n, codes: 1 + n, perplexity: 1.5 }],
  "sections.losses": (n) => [n, NaN],
  "sections.mostUsed": (n) => [n / 3],
  "models.familiarityOfBits.largest": () => [100],
  "models.familiarityOfBits.tail": () => [99.5],
  "models.familiarityOfBits.unusual": (n) => [91 + n],
  "models.familiarityOfBits.usual": (n) => [n],
  "models.familiarityOfBits.smallest": () => [0],
  "models.separationOfBits": () => [0.975],
  "generate.none": () => ["Minimal"],
  "generate.choose": () => ["Residual"],
  "generate.writtenCell": (n) => [[n, 2], n ? n : null, n === 2],
  "generate.written": (n) => [n, 1 + n, 2.5 * n],
  "generate.picture": (n) => [n > 0],
  "generate.next": (n) => [{ level: n ? "Top 4×4" : "", cell: [n, 2], digit: 7, code: n, share: n / 3, bits: n }],
  "generate.finished": (n) => [7, n, 211.8],
  "generate.bar": (n) => [n, n / 3],
  "generate.kept": (n) => [n, 1 + n],
  "generate.completion": (n) => [n, n],
  "generate.completed": (n) => [[0, n, 2 * n]],
  "generate.surprise": (n) => [[n, 2], n, n],
  "generate.surpriseMap": (n) => [n],
  "generate.ofUniform": () => [211.8],
  "generate.empty": (n) => [n / 3, n],
  "generate.classBits": (n) => [n],
  "generate.looksLike": (n) => [n, n / 3, 0.964],
  "generate.restored": (n) => [n, 7],
  "generate.waiting": (n) => [n > 0],
  "generate.stripBits": (n) => [n],
  "generate.sample": (n) => ["The prior", n],
  "generate.size": (n) => [n],
  "generate.unpacked": (n) => [n, n, 1 + n],
  "backend.noModel": () => ["none", "Residual"],
  "backend.modelKept": () => ["Minimal", "Residual"],
  "inPage.failed": () => ["out of memory"],
  "inPage.unusable": () => ["A model"],
};

/**
 * @param {unknown} value
 * @param {string} path
 * @returns {[path: string, leaf: unknown][]}
 */
function leaves(value, path) {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path ? `${path}.${key}` : key));
}

const { page: shared, ...folders } = texts;
const page = { ...templates, ...shared };
const LEAVES = leaves({ ...folders, drawings, generate, quantizer, sections, backward }, "");

/** @param {string} sentence */
function isSound(sentence) {
  return sentence.length > 0 && !/undefined|NaN|null|\[object|\{\w*\}| {2}/.test(sentence);
}

Deno.test("every function is tried here", () => {
  const functions = LEAVES.filter(([, leaf]) => typeof leaf === "function").map(([path]) => path);
  equal(functions.sort(), Object.keys(ARGUMENTS).sort());
});

Deno.test("no sentence has a hole or a count with the wrong plural", () => {
  for (const [path, leaf] of LEAVES) {
    for (const n of [0, 1, 2]) {
      const said = typeof leaf === "function" ? leaf(...ARGUMENTS[path](n)) : leaf;
      const sentence = Array.isArray(said) ? said.join("") : said;
      ok(typeof sentence === "string" && isSound(sentence), `${path}: ${sentence}`);
      const plural = /\b(?<!\.)1 (?:cells|codes|rows|picks|numbers|bits)\b|\b[02] (?:cell|code|row|pick|number|bit)\b/;
      ok(!plural.test(sentence), `${path} for ${n}: ${sentence}`);
    }
  }
});

Deno.test("texts of the page are sentences or labels", () => {
  for (const [name, text] of Object.entries(page)) {
    ok(text === text.trim() && isSound(text.replace(/\{\w+\}/g, "1")), `${name}: ${text}`);
  }
});

Deno.test("the outcome of training is worded from the figures", () => {
  /** @type {(codes_used: number, num_embeddings: number, perplexity: number, test_mse: number) => string} */
  const worded = (codes_used, num_embeddings, perplexity, test_mse) =>
    found(/** @type {any} */ ({ num_embeddings, metrics: { codes_used, perplexity, test_mse } }));
  equal([worded(40, 40, 31.26, 0.004), worded(12, 20, 1.04, BLACK_MSE), worded(1, 512, 1, 0.2 * BLACK_MSE)], [
    "All 40 codes are used. Perplexity: 31.3. The error is 3.5% of a black picture’s.",
    "12 of 20 codes (60.0%) are used. Perplexity: 1.0. The error is 100% of a black picture’s.",
    "1 of 512 codes (0.2%) is used. Perplexity: 1.0. The error is 20% of a black picture’s.",
  ]);
});

Deno.test("the first screen uses no term that is not explained on it", () => {
  const isFirst = (/** @type {string} */ name) =>
    /^(shell|drawing|figure)\./.test(name) && !/^shell\.(help|copy|meter)/.test(name);
  const fixed = Object.entries(page).filter(([name]) => isFirst(name)).map(([, text]) => text);
  const functions = ["figure.model", "models.separation", "models.emptyPad", "models.familiarity.usual"];
  const made = LEAVES.filter(([path]) => functions.includes(path))
    .map(([path, leaf]) => typeof leaf === "function" ? leaf(...ARGUMENTS[path](2)) : leaf);
  const screen = [...fixed, ...made].join("\n");
  const explained = {
    "VQ-VAE": /A neural network, a VQ-VAE, describes it/,
    "feature": /into a feature: a vector of/,
    "channel": /numbers}, one per channel/,
    "code": /learned vectors, the codes/,
    "Index": /Index: the nearest code’s number/,
    "decoder": /The decoder, .*, draws this/,
    "error": /Error: squared difference per pixel, averaged/,
    "test digits": /Test digits are/,
    "AUROC": /This share is called the AUROC/,
  };
  for (const [term, explanation] of Object.entries(explained)) {
    ok(screen.includes(term), `${term} is not used any more`);
    ok(explanation.test(screen), `${term} is not explained`);
  }
  const unexplained = /perplexity|\bMSE\b|mean squared|argmin|embedding|convolution|latent|entropy|gradient|tensor/i;
  equal(screen.split("\n").filter((sentence) => unexplained.test(sentence)), []);
});

Deno.test("everything that an address can hold has a name", () => {
  for (const { name, setting } of NAMED_SETTINGS) {
    if (setting.shared) ok(!texts.drawing.copied([name]).endsWith(`with ${name}.`), name);
  }
});
