// @ts-check

import { recall, remember } from "../core/settings.js";
import { SIZE } from "../core/state.js";
import { fromBase64, toBase64 } from "../core/tensor.js";
import { RADIUS } from "./replay.js";
import { snap, visible } from "./strokes.js";

/** The visitor's drawings are kept in this browser only. */
const KEY = "past";
const MOST = 12;

/** @param {string | null} text */
function parse(text) {
  try {
    const drawings = JSON.parse(text ?? "[]").map(fromBase64);
    return drawings.filter((/** @type {Uint8Array} */ pixels) => pixels.length === SIZE * SIZE).slice(0, MOST);
  } catch {
    return []; // someone else's, or damaged: nothing that the visitor would miss
  }
}

/**
 * Keeps drawings when another one is begun; not the examples, unless they were changed.
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function createPast(store) {
  /** The drawing that is shown: how many were cleared before it, and whether it is the visitor's. */
  let shown = { clears: 0, own: false, pixels: store.get("pixels") };
  store.set("past", parse(recall(KEY)));

  /** @param {Uint8Array} pixels */
  function keep(pixels) {
    const others = store.get("past").filter((other) => other.some((value, n) => value !== pixels[n]));
    const past = [pixels, ...others].slice(0, MOST);
    store.set("past", past);
    remember(KEY, JSON.stringify(past.map(toBase64)));
  }

  return {
    update(changed) {
      if (!changed.has("steps") && !changed.has("pixels")) return;
      const steps = store.get("steps");
      const clears = steps.filter(({ kind }) => kind === "clear").length;
      if (clears > shown.clears && shown.own) keep(shown.pixels);
      const own = visible(steps).some(({ radius }) => radius !== snap(RADIUS));
      shown = { clears, own, pixels: store.get("pixels") };
    },
  };
}
