// @ts-check

import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/** @typedef {import("../core/types.d.ts").Key} Key */
/** @typedef {import("../core/types.d.ts").Store} Store */
/** @typedef {import("../core/types.d.ts").View} View */

/**
 * Loads documents of models, each when it is first wanted; what failed, again when the connection is back.
 * @template Document
 * @param {Store} store
 * @param {object} kind
 * @param {Key[]} kind.keys on which it depends what is wanted
 * @param {() => string[]} kind.wanted models
 * @param {(name: string) => Promise<Document>} kind.load
 * @param {(name: string, document: Document) => void} kind.keep
 * @param {() => string} [kind.missing] what is said when one could not be loaded; nothing of what the page can do without
 * @returns {View}
 */
export function createLoader(store, { keys, wanted, load, keep, missing }) {
  /** @type {Set<string>} models whose documents have been asked for */
  const asked = new Set();

  /** @param {string} name */
  async function ask(name) {
    asked.add(name);
    try {
      keep(name, await load(name));
    } catch {
      asked.delete(name);
      if (missing) store.set("notice", { kind: "problem", text: missing() });
    }
  }

  return {
    update(changed) {
      // A restarted server may have others of the same names.
      if (changed.has("models")) asked.clear();
      const back = changed.has("connection") && store.get("connection") === "live";
      if (!back && !anyChanged(changed, ["models", ...keys])) return;
      for (const name of wanted()) if (!asked.has(name)) ask(name);
    },
  };
}

/**
 * Loads the training runs that are shown.
 * @param {Store} store
 * @param {import("./api.js").Documents} documents
 */
export const createPlaybacks = (store, { loadPlayback }) =>
  createLoader(store, {
    keys: ["runs", "recorded"],
    wanted: () => [...store.get("runs"), store.get("recorded")].filter(Boolean),
    load: loadPlayback,
    keep: (name, playback) => store.set("playbacks", { ...store.get("playbacks"), [name]: playback }),
    missing: () => store.get("connection") === "live" ? texts.models.playbackMissing : texts.models.playbackAwaited,
  });

/**
 * Loads the card of the shown model's prior when its part of the page is open.
 * @param {Store} store
 * @param {import("./api.js").Documents} documents
 */
export const createPriors = (store, { loadPrior }) =>
  createLoader(store, {
    // Once the prior answers, its card can be loaded, too.
    keys: ["model", "generate", "score"],
    wanted() {
      const model = store.get("model");
      return model?.prior && store.get("generate") ? [model.name] : [];
    },
    load: loadPrior,
    keep: (name, prior) => store.set("priors", { ...store.get("priors"), [name]: prior }),
    missing: () => texts.models.cardMissing,
  });
