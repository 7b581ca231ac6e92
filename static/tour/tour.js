// @ts-check

import { createDeferred } from "../core/deferred.js";
import { find } from "../core/dom.js";
import { loadStyles } from "../core/styles.js";

/** @typedef {import("../core/types.d.ts").Store} Store */
/** @typedef {Pick<ReturnType<typeof import("../drawing/replay.js").createReplay>, "play" | "playing">} Replay */

/**
 * The tour. Its code is loaded when it opens for the first time.
 * @param {HTMLElement} page
 * @param {Store} store
 * @param {Replay} replay draws an example where a step needs a drawing
 * @returns {import("../core/types.d.ts").View}
 */
export function createTour(page, store, replay) {
  const card = find(page, ".tour");
  const button = find(page, ".actions [data-action=tour]");
  const guide = createDeferred(store, "tour", async () => {
    const [{ create }] = await Promise.all([import("./guide.js"), loadStyles("tour/tour.css")]);
    return create(card, store, replay);
  });

  function toggle() {
    const open = Boolean(store.get("tour"));
    button.setAttribute("aria-expanded", String(open));
    if (open && store.get("notice")?.action) store.set("notice", null);
    if (open || card.hidden) return;
    if (card.contains(document.activeElement)) button.focus({ preventScroll: true });
    card.hidden = true;
  }

  return {
    update(changed) {
      if (changed.has("tour")) toggle();
      guide.update(changed);
    },
  };
}
