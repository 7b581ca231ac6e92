// @ts-check

import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/**
 * Loads the card of the shown model's prior when its part of the page is open; what failed, again when the connection is
 * back.
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("./api.js").Documents} documents
 * @returns {import("../core/types.d.ts").View}
 */
export function createPriors(store, { loadPrior }) {
  /** @type {Set<string>} models whose cards have been asked for */
  const asked = new Set();

  /** @param {string} name */
  async function load(name) {
    asked.add(name);
    try {
      const prior = await loadPrior(name);
      store.set("priors", { ...store.get("priors"), [name]: prior });
    } catch {
      asked.delete(name);
      store.set("notice", { kind: "problem", text: texts.generate.cardMissing });
    }
  }

  return {
    update(changed) {
      // A restarted server may have others of the same names.
      if (changed.has("models")) asked.clear();
      const back = changed.has("connection") && store.get("connection") === "live";
      if (!back && !anyChanged(changed, ["models", "model", "generate"])) return;
      const model = store.get("model");
      if (model?.prior && !asked.has(model.name) && store.get("generate")) load(model.name);
    },
  };
}
