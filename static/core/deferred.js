// @ts-check

import { texts } from "../texts/texts.js";
import { defaults } from "./state.js";

/** @typedef {import("./types.d.ts").Key} Key */
/** @typedef {import("./types.d.ts").View} View */

/**
 * A part of the page whose code is loaded when it opens for the first time, since most visitors only draw. While it is
 * closed it is not updated; when it opens, it catches up with what it missed. Code that could not be loaded offline is
 * loaded when the server is back; online, the part closes.
 * @param {import("./types.d.ts").Store} store
 * @param {"details" | "generate" | "compare" | "health" | "playback" | "lab" | "article" | "layered" | "tour"} key says whether
 *   it is open
 * @param {() => Promise<View>} load
 * @returns {View & { opened: () => Promise<void> }} `opened` resolves when the view is there, or could not be loaded
 */
export function createDeferred(store, key, load) {
  /** @type {View | null} */
  let view = null;
  /** @type {Promise<void> | null} */
  let loading = null;
  /** @type {Set<Key>} */
  let missed = new Set();

  function catchUp() {
    if (!view || !store.get(key)) return;
    const changed = missed;
    missed = new Set();
    view.update(changed);
  }

  async function open() {
    try {
      view = await load();
    } catch {
      loading = null;
      // Offline it stays open and waits for the server; otherwise another click tries again.
      if (store.get("connection") === "live" && key !== "layered") store.set(key, defaults()[key]);
      store.set("notice", { kind: "problem", text: texts.shell.partMissing });
      return;
    }
    view.read?.(missed);
    catchUp();
  }

  return {
    opened: () => loading ?? Promise.resolve(),
    read(changed) {
      if (view && store.get(key)) view.read?.(changed);
    },
    update(changed) {
      for (const one of changed) missed.add(one);
      const back = changed.has("connection") && store.get("connection") === "live";
      if (store.get(key) && (changed.has(key) || back)) loading ??= open();
      catchUp();
    },
  };
}
