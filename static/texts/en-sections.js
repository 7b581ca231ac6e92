// @ts-check

/** English: what is said in the sections about the models: health, comparison, playback. */

import { addUp, dimensions, percent, significant } from "../core/format.js";
import { choose, count, grouped, mixed, whole } from "./en-words.js";

/** @typedef {import("../core/types.d.ts").Cell} Cell */
/** @typedef {import("./en-words.js").Place} Place */

export const sections = {
  /** @type {Record<"name" | "grid" | "codes" | "error" | "used" | "perplexity" | "bits" | "compression" | "parameters" | "claim" | "found", string>} */
  columns: {
    name: "Model",
    grid: "Grid",
    codes: "Codes × numbers",
    error: "Test error",
    used: "Codes used",
    perplexity: "Perplexity",
    bits: "Bits",
    compression: "Compression",
    parameters: "Parameters",
    claim: "Reported in the reference",
    found: "Measured here",
  },
  noClaim: "No result reported for this setup.",
  /** @param {number[]} grid */
  grid: (grid) => dimensions(grid),
  /**
   * @param {number} codes
   * @param {number} depth
   */
  codebook: (codes, depth) => `${codes} × ${depth}`,
  /**
   * @param {string} used of each level
   * @param {number} codes
   */
  used: (used, codes) => `${used} of ${codes}`,
  /** @param {number} ratio */
  compression: (ratio) => `${ratio.toFixed(1)}×`,
  /** @param {number} n */
  parameters: (n) => grouped(n),

  /**
   * @param {number} used
   * @param {number} codes
   * @param {number} perplexity
   * @param {number} share of a black picture's error, in percent
   */
  found(used, codes, perplexity, share) {
    const uses = used === codes
      ? codes === 1 ? "The only code is used." : `All ${codes} codes are used.`
      : `${used} of ${count(codes, "code")} (${percent(used / codes)}) ${choose(used, "is", "are")} used.`;
    return `${uses} Perplexity: ${perplexity.toFixed(1)}. The error is ${share < 10 ? share.toFixed(1) : Math.round(share)}% ` +
      "of a black picture’s.";
  },

  /**
   * @param {number} code
   * @param {number} share of cells
   */
  share: (code, share) => `Code ${code}: ${percent(share)} of cells`,
  /**
   * @param {number} perplexity
   */
  allUsed: (perplexity) => `No code is idle. ${evenly(perplexity)}`,
  /**
   * @param {number} idle
   * @param {number} codes
   * @param {number} perplexity
   */
  idle: (idle, codes, perplexity) =>
    `${count(idle, "code")} of ${codes} ${choose(idle, "is", "are")} never chosen. ${evenly(perplexity)}`,
  /**
   * @param {number} idle
   * @param {number} codes
   * @param {number} perplexity
   */
  collapsed: (idle, codes, perplexity) =>
    `Collapsed: ${count(idle, "code")} of ${codes} ${choose(idle, "is", "are")} never chosen. ${evenly(perplexity)}`,

  /**
   * @param {object} read
   * @param {Node} read.chip
   * @param {number} read.share of the test digits' cells
   * @param {boolean} read.inked whether only cells with ink are counted
   * @param {number} read.users
   * @param {number} read.cells
   * @param {Place | null} read.place
   */
  reading({ chip, share, inked, users, cells, place }) {
    const here = `${percent(share)} of all ${inked ? "inked cells" : "cells"}; ${users} of this drawing’s ${count(cells, "cell")}.`;
    return place ? mixed`${chip} ${here} ${whole(place)} uses it.` : mixed`${chip} ${here}`;
  },
  readingHint: "Point at a code here or anywhere on the page to find it in every view.",

  /** @param {number} code */
  mapCode: (code) => `Code ${code}`,
  /**
   * @param {number} first share of the variance
   * @param {number} second
   */
  mapCaption(first, second) {
    const { terms: [one, other], total } = addUp([100 * first, 100 * second], 100 * (first + second), { least: 1, most: 3 });
    return `The two axes show ${total}% of the codebook’s variance (${one}% and ${other}%). ` +
      "The other directions are projected away, so points that look close may be far apart. Hollow squares are codes " +
      "that no test digit uses.";
  },

  noPlaybacks: "None of these models comes with snapshots of its training.",
  loading: "Loading the snapshots.",
  /**
   * @param {object} moment of a training run
   * @param {"learned" | "died"} moment.kind
   * @param {number} moment.run 0 for the first
   * @param {number} moment.step
   * @param {number} moment.before error, or codes in use
   * @param {number} moment.after
   */
  moment({ kind, run, step, before, after }) {
    const when = `${run ? "Second" : "First"} run, step ${grouped(step)}`;
    return kind === "died"
      ? `${when}: codes in use drop from ${before} to ${after}`
      : `${when}: the error drops from ${before.toFixed(3)} to ${after.toFixed(3)}`;
  },
  /**
   * @param {object} snapshot
   * @param {number} snapshot.step
   * @param {number} snapshot.epoch
   * @param {number} snapshot.used
   * @param {number} snapshot.codes
   * @param {number} snapshot.perplexity
   */
  snapshot: ({ step, epoch, used, codes, perplexity }) =>
    `Step ${grouped(step)}, epoch ${epoch < 10 ? epoch.toFixed(1) : Math.round(epoch)}: ` +
    `${used} of ${count(codes, "code")} used, perplexity ${perplexity.toFixed(1)}.`,
  /**
   * The same of a coarse level, after it.
   * @param {string} level
   * @param {import("../core/types.d.ts").LevelUsage} use
   */
  snapshotOf: (level, { codes_used: used, usage, perplexity }) =>
    `${level === "top" ? "Top" : "Bottom"}: ${used} of ${count(usage.length, "code")} used, perplexity ${perplexity.toFixed(1)}.`,
  /**
   * @param {number} reconstruction
   * @param {number} codebook
   */
  losses: (reconstruction, codebook) =>
    `Losses (log scale): reconstruction (solid) ${significant(reconstruction)}, codebook (dashed) ${significant(codebook)}`,
  /** @param {number} share */
  mostUsed: (share) => `${(100 * share).toFixed(0)}%`,
};

/** @param {number} perplexity */
function evenly(perplexity) {
  return `Perplexity ${perplexity.toFixed(1)}: as much variety as ${perplexity.toFixed(1)} equally used codes give.`;
}
