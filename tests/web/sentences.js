// @ts-check

/** Arguments with which each sentence of the modules is tried. */

import { BLACK_MSE } from "../../static/core/usage.js";

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
export const ARGUMENTS = {
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
export function leaves(value, path) {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path ? `${path}.${key}` : key));
}
