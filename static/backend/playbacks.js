// @ts-check

import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/**
 * Loads the training runs that are shown, each when it is shown for the first time; what failed, again when the server
 * is back.
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("./api.js").Documents} documents
 * @returns {import("../core/types.d.ts").View}
 */
export function createPlaybacks(store, { loadPlayback }) {
  /** @type {Set<string>} models whose runs have been asked for */
  const asked = new Set();

  /** @param {string} name */
  async function load(name) {
    asked.add(name);
    try {
      const playback = await loadPlayback(name);
      store.set("playbacks", { ...store.get("playbacks"), [name]: playback });
    } catch {
      asked.delete(name);
      const text = store.get("connection") === "live" ? texts.models.playbackMissing : texts.models.playbackAwaited;
      store.set("notice", { kind: "problem", text });
    }
  }

  return {
    update(changed) {
      // A restarted server may have others of the same names.
      if (changed.has("models")) asked.clear();
      const back = changed.has("connection") && store.get("connection") === "live";
      if (!back && !anyChanged(changed, ["models", "runs"])) return;
      for (const name of store.get("runs")) if (!asked.has(name)) load(name);
    },
  };
}
