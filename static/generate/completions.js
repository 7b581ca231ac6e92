// @ts-check

/** Completions of the drawing's first rows. No DOM. */

import { cellOf } from "../core/grid.js";
import { gridsOf, joinCodes, placeOf, splitCodes } from "../core/level-codes.js";
import { anyChanged } from "../core/store.js";
import { unpack } from "../core/tensor.js";
import { createDecodeQueue, createSampleQueue, setUnanswered } from "./queue.js";

/** Completions that are added by "more", and the most. */
export const MORE = 4;
export const MOST = 16;

/** They follow the drawing when the pen has rested, in milliseconds. */
const PAUSE = 300;

/**
 * @param {import("../core/level-codes.js").Level[]} levels
 * @param {number[]} codes of all levels
 * @param {number} share of the rows of each level
 * @returns {(number | null)[]} the codes of the first rows, as many as fit in the share; null where a code is to be sampled
 */
export function keepRows(levels, codes, share) {
  return codes.map((code, position) => {
    const { level, row } = placeOf(levels, position);
    return cellOf(row, level)[0] < Math.floor(share * level.height + 1e-9) ? code : null;
  });
}

/**
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("./queue.js").Question} question
 */
export function createCompletions(store, question) {
  const samples = createSampleQueue(question);
  const pictures = createDecodeQueue(question);
  /** @type {number | undefined} */
  let timer;
  /** Counts beginnings: an answer to an earlier one is dropped. */
  let turn = 0;
  /** What was completed last. */
  let begun = "";

  const wanted = () => {
    const { name } = store.get("model") ?? {};
    return [name, store.get("shownCodes"), store.get("shownRows"), store.get("temperature"), store.get("seed")].join(" ");
  };

  /** Asks for what is wanted and not there yet. */
  function ask() {
    const mine = ++turn;
    const model = store.get("model");
    const codes = store.get("shownCodes");
    samples.clear();
    pictures.clear();
    setUnanswered(store, "completions", false);
    if (!model || !codes) return;
    const levels = gridsOf(model);
    const given = splitCodes(levels, "given", keepRows(levels, codes, store.get("shownRows") / model.grid.height));
    const temperature = store.get("temperature");

    /** @param {number} seed */
    async function complete(seed) {
      const sample = await samples.ask({ digit: null, temperature, seed, ...given });
      const codes = sample && /** @type {number[]} */ (joinCodes(levels, "codes", sample));
      const picture = codes && await pictures.ask(splitCodes(levels, "indices", codes));
      if (mine !== turn) return;
      if (!picture) return setUnanswered(store, "completions", true);
      const completion = { seed, digit: sample.digit, codes, picture: unpack(picture.reconstruction) };
      store.set("completions", [...store.get("completions"), completion]);
    }

    const there = new Set(store.get("completions").map(({ seed }) => seed));
    for (let n = 0; n < store.get("completionCount"); n++) {
      const seed = (store.get("seed") + n) % 2 ** 32;
      if (!there.has(seed)) complete(seed);
    }
  }

  function restart() {
    // The part may have been closed meanwhile.
    if (!store.get("generate") || !store.get("model")?.prior) return;
    begun = wanted();
    store.set("completions", []);
    ask();
  }

  return {
    more() {
      store.set("completionCount", Math.min(MOST, store.get("completionCount") + MORE));
    },

    /** @param {Set<import("../core/types.d.ts").Key>} changed */
    update(changed) {
      if (changed.has("model")) begun = "";
      if (anyChanged(changed, ["shownCodes", "temperature", "seed", "shownRows", "model", "generate"])) {
        clearTimeout(timer);
        if (wanted() !== begun) timer = setTimeout(restart, PAUSE);
      } else if (changed.has("completionCount")) {
        ask();
      }
    },
  };
}
