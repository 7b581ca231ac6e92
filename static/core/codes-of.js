// @ts-check

import { createQueue } from "./queue.js";

/**
 * The codes of other pictures than the drawing, asked for one after another and remembered while the model is shown.
 * @param {import("./queue.js").Question} question
 * @param {import("./types.d.ts").Store} store of the page
 */
export function createCodes(question, store) {
  const queue = /** @type {typeof createQueue<import("./types.d.ts").TraceReply>} */ (createQueue)(question, "trace");
  /** @type {WeakMap<Uint8Array, import("./types.d.ts").TraceReply>} */
  let known = new WeakMap();
  let shown = store.get("model");

  /**
   * @param {Uint8Array} pixels
   * @returns {Promise<import("./types.d.ts").TraceReply | null>} whose `indices`, and those of other levels, are the
   *   codes; null if the backend failed; never resolved once another model is shown
   */
  return async (pixels) => {
    const model = store.get("model");
    if (model !== shown) {
      // The backend forgets what was asked of another model.
      queue.clear();
      known = new WeakMap();
      shown = model;
    }
    const codes = known.get(pixels) ?? await queue.ask({ pixels, stages: [], variant: "normal" });
    if (codes) known.set(pixels, codes);
    return codes;
  };
}

/** @typedef {ReturnType<typeof createCodes>} CodesOf */
