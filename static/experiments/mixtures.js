// @ts-check

/** Pictures of single levels, and of levels exchanged between the drawing and an example digit. No DOM. */

import { levelsOf, stageAt } from "../core/levels.js";
import { anyChanged } from "../core/store.js";
import { toTrace, unpack } from "../core/tensor.js";

/** @typedef {import("../core/types.d.ts").DecodeReply} DecodeReply */
/** @typedef {import("../core/types.d.ts").Tensor} Tensor */
/** @typedef {import("../core/types.d.ts").TraceReply} TraceReply */
/** @typedef {ReturnType<typeof import("../backend/requests.js").createRequests>["question"]} Question */

/** @param {string} level @returns {string} the picture of this level alone, zeros in place of the others */
export const aloneOf = (level) => stageAt("alone", level);

/** @param {string} level @returns {string} the drawing's picture with this level of the example */
export const swapOf = (level) => stageAt("swap", level);

/**
 * Keeps the store's `mixtures` and `swappedTrace`.
 * @param {import("../core/types.d.ts").Store} store
 * @param {Question} question asks the backend
 * @param {(digit: number) => Uint8Array} pixelsOf an example digit
 * @returns {import("../core/types.d.ts").View}
 */
export function createMixtures(store, question, pixelsOf) {
  /** What each picture was asked for with last, and how it is asked for. @type {Map<string, { asked: string, ask: (grids: Record<string, unknown>) => void }>} */
  const pictures = new Map();
  const example = question("trace", (/** @type {TraceReply} */ message, request) => {
    store.set("swappedTrace", toTrace(message, request.pixels ?? null, 0));
  });

  /** @param {string} name */
  function pictureOf(name) {
    const known = pictures.get(name);
    if (known) return known;
    const { ask } = question("decode", (/** @type {DecodeReply} */ message) => {
      store.set("mixtures", { ...store.get("mixtures"), [name]: unpack(message.reconstruction) });
    });
    const made = { asked: "", ask };
    pictures.set(name, made);
    return made;
  }

  /** @param {string} name @param {Record<string, number[][] | null>} grids */
  function ask(name, grids) {
    const picture = pictureOf(name);
    const asked = JSON.stringify(grids);
    if (asked === picture.asked) return;
    picture.asked = asked;
    picture.ask(grids);
  }

  function askAll() {
    const model = store.get("model");
    const grids = store.get("grids");
    if (!model || !grids) return;
    const other = store.get("swappedTrace");
    for (const level of levelsOf(model)) {
      const stage = stageAt("indices", level);
      ask(aloneOf(level), Object.fromEntries(Object.entries(grids).map(([name, grid]) => [name, name === stage ? grid : null])));
      const codes = other && (level ? other.levels[level].indices : other.indices);
      if (codes) ask(swapOf(level), { ...grids, [stage]: codes });
    }
  }

  return {
    update(changed) {
      if (changed.has("model")) {
        for (const picture of pictures.values()) picture.asked = "";
        store.assign({ mixtures: {}, swappedTrace: null });
      }
      const digit = store.get("swapped");
      if (anyChanged(changed, ["model", "swapped"])) {
        store.set("swappedTrace", null);
        if (digit === null) example.forget();
        else example.ask({ pixels: pixelsOf(digit), stages: ["reconstruction"], variant: "normal" });
      }
      if (anyChanged(changed, ["model", "grids", "swappedTrace"])) askAll();
    },
  };
}

/**
 * @param {number[]} from codes of all levels
 * @param {number[]} to
 * @param {number} count
 * @returns {number[]} the first cells from `to`, the others from `from`
 */
export const mixCodes = (from, to, count) => [...to.slice(0, count), ...from.slice(count)];

/**
 * Which of two pictures a mixture is nearer to.
 * @param {Tensor} mixture
 * @param {Tensor} own
 * @param {Tensor} other
 * @returns {{ own: number, other: number, isOwn: boolean }} mean squared differences
 */
export function compare(mixture, own, other) {
  const [toOwn, toOther] = [own, other].map((picture) => difference(mixture, picture));
  return { own: toOwn, other: toOther, isOwn: toOwn < toOther };
}

/** @param {Tensor} a @param {Tensor} b */
function difference(a, b) {
  return a.data.reduce((sum, value, n) => sum + (value - b.data[n]) ** 2, 0) / a.data.length;
}
