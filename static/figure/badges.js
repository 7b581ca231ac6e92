// @ts-check

import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/** @typedef {import("../core/types.d.ts").Stage} Stage */

/** @typedef {keyof typeof texts.figure.badges} Badge */

/**
 * The badge of each part of the figure that an experiment changes.
 * @param {import("../core/types.d.ts").Store} store
 * @returns {Partial<Record<Stage, Badge>>}
 */
function badges(store) {
  if (store.get("edits")) {
    return { ...(store.get("edited") && { indices: "edited", quantized: "edited" }), reconstruction: "fromEdited" };
  }
  switch (store.get("variant")) {
    case "bypass": return { indices: "bypassed", quantized: "bypassed", reconstruction: "fromFeatures" };
    case "wrong-reshape": return { features: "mixed", indices: "mixed", quantized: "mixed", reconstruction: "fromMixed" };
    default: return {};
  }
}

/**
 * Labels beside the headings of the figure, so that an experiment is never mistaken for the model.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const places = /** @type {HTMLElement[]} */ ([...element.querySelectorAll("[data-badge]")]);

  return {
    update(changed) {
      if (!anyChanged(changed, ["variant", "edits", "edited"])) return;
      const shown = badges(store);
      for (const place of places) {
        const badge = shown[/** @type {Stage} */ (place.dataset.badge)];
        place.textContent = badge ? texts.figure.badges[badge] : "";
        place.hidden = !badge;
        place.parentElement?.classList.toggle("has-badge", Boolean(badge));
        place.closest("[data-stage]")?.classList.toggle("is-bypassed", badge === "bypassed");
      }
    },
  };
}
