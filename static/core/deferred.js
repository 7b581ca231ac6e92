// @ts-check

import { texts } from "../texts/texts.js";
import { anyChanged } from "./store.js";

/** @typedef {import("./types.d.ts").Key} Key */
/** @typedef {import("./types.d.ts").View} View */

/**
 * A part of the page whose code comes when it is opened first: most visitors draw, and need little else. While it is
 * closed it hears nothing, and what it missed it is told when it opens.
 * @param {import("./types.d.ts").Store} store
 * @param {"details" | "zoo" | "health" | "playback"} key tells whether it is open
 * @param {() => Promise<View>} load
 * @returns {View & { opened: () => Promise<void> }} `opened` is kept when the view is there, or cannot be had
 */
export function createDeferred(store, key, load) {
  /** @type {View | null} */
  let view = null;
  /** @type {Promise<void> | null} */
  let loading = null;
  /** @type {Set<Key>} */
  let missed = new Set();

  function tell() {
    if (!view || !store.get(key)) return;
    const told = missed;
    missed = new Set();
    view.update(told);
  }

  async function open() {
    try {
      view = await load();
    } catch {
      loading = null;
      store.set(key, false);
      store.set("notice", { kind: "problem", text: texts.shell.partMissing });
      return;
    }
    view.read?.(missed);
    tell();
  }

  return {
    opened: () => loading ?? Promise.resolve(),
    read(changed) {
      if (view && store.get(key)) view.read?.(changed);
    },
    update(changed) {
      for (const one of changed) missed.add(one);
      if (anyChanged(changed, [key]) && store.get(key)) loading ??= open();
      tell();
    },
    destroy: () => view?.destroy(),
  };
}
