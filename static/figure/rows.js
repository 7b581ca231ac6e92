// @ts-check

import { createDeferred } from "../core/deferred.js";

/**
 * The rows of the figure: its own shows the main level. Those of other levels come with the first model that has some.
 * @param {HTMLElement} figure
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function createRows(figure, store) {
  const row = createDeferred(store, "layered", async () => (await import("./top-row.js")).create(figure, store));

  return {
    read: row.read,
    update(changed) {
      if (changed.has("layered")) figure.classList.toggle("has-levels", store.get("layered"));
      if (changed.has("shownLevel")) figure.dataset.shows = store.get("shownLevel");
      row.update(changed);
    },
  };
}
