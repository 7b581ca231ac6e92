// @ts-check

import { createQueue } from "../core/queue.js";

/** @typedef {import("../core/queue.js").Question} Question */

/**
 * Notes whether the last question of a part ended in an error.
 * @param {import("../core/types.d.ts").Store} store
 * @param {"writing" | "completions" | "packed"} part
 * @param {boolean} failed
 */
export function setUnanswered(store, part, failed) {
  const parts = new Set(store.get("unanswered"));
  if (parts.has(part) === failed) return;
  if (failed) parts.add(part);
  else parts.delete(part);
  store.set("unanswered", parts);
}

/** @param {Question} question */
export const createSampleQueue = (question) =>
  /** @type {typeof createQueue<import("../core/types.d.ts").SampleReply>} */ (createQueue)(question, "sample");

/** @param {Question} question */
export const createDecodeQueue = (question) =>
  /** @type {typeof createQueue<import("../core/types.d.ts").DecodeReply>} */ (createQueue)(question, "decode");
