// @ts-check

import { createViews } from "../core/views.js";

/** @typedef {import("../core/types.d.ts").View} View */

/**
 * What is said of a code in several places of the page; its module is loaded when a code is looked at first.
 * @param {import("../core/types.d.ts").Store} store
 * @param {() => Promise<View[]>} load
 * @returns {View}
 */
export function createPlaces(store, load) {
  /** @type {View | null} */
  let views = null;
  let loading = false;

  async function open() {
    loading = true;
    try {
      views = createViews(await load());
      views.update(new Set(/** @type {const} */ (["model", "focus", "usages", "past"])));
    } catch {
      loading = false; // the next code that is looked at tries again
    }
  }

  return {
    update(changed) {
      const focused = store.get("focus");
      if (views) views.update(changed);
      else if (!loading && focused && !focused.cell) open();
    },
  };
}
