// @ts-check

import { createQueue } from "./queue.js";

/**
 * The codes of other pictures than the drawing, asked for one after another and remembered.
 * @param {import("./queue.js").Question} question
 */
export function createCodes(question) {
  const queue = /** @type {typeof createQueue<import("./types.d.ts").TraceReply>} */ (createQueue)(question, "trace");
  /** @type {WeakMap<import("./types.d.ts").Model, WeakMap<Uint8Array, number[][]>>} */
  const known = new WeakMap();
  /** @type {import("./types.d.ts").Model | null} */
  let shown = null;

  /**
   * @param {import("./types.d.ts").Model} model that is shown
   * @param {Uint8Array} pixels
   * @returns {Promise<number[][] | null>} null if the backend failed; never resolved once another model is shown
   */
  return async (model, pixels) => {
    // The backend forgets what was asked of another model.
    if (model !== shown) queue.clear();
    shown = model;
    const drawings = known.get(model) ?? new WeakMap();
    known.set(model, drawings);
    const codes = drawings.get(pixels) ?? (await queue.ask({ pixels, stages: [], variant: "normal" }))?.indices ?? null;
    if (codes) drawings.set(pixels, codes);
    return codes;
  };
}

/** @typedef {ReturnType<typeof createCodes>} CodesOf */
