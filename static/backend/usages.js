// @ts-check

import { fromBase64 } from "../core/tensor.js";
import { createLoader } from "./documents.js";

/** @typedef {import("../core/types.d.ts").Store} Store */

/**
 * Loads where test digits have each code, when a code is looked at.
 * @param {Store} store
 * @param {import("./api.js").Documents} documents
 */
export const createUsages = (store, { loadUsage }) =>
  createLoader(store, {
    keys: ["model", "focus"],
    wanted() {
      const [model, focused] = [store.get("model"), store.get("focus")];
      return model && focused && !focused.cell ? [model.name] : [];
    },
    async load(name) {
      const { by_cell, levels } = await loadUsage(name);
      const texts = Object.entries({ ...levels, "": by_cell });
      return Object.fromEntries(texts.map(([level, text]) => [level, toCounts(text)]));
    },
    keep: (name, counts) => store.set("usages", { ...store.get("usages"), [name]: counts }),
  });

/**
 * @param {string} text base64 of 16-bit integers, little-endian
 * @returns {number[]}
 */
function toCounts(text) {
  const bytes = fromBase64(text);
  return Array.from({ length: bytes.length / 2 }, (_, n) => bytes[2 * n] + 256 * bytes[2 * n + 1]);
}
