// @ts-check

import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/** @typedef {import("../core/types.d.ts").Stage} Stage */

/**
 * The badge of each part of the figure that an experiment changes.
 * @param {import("../core/types.d.ts").Store} store
 * @returns {Partial<Record<Stage, string>>}
 */
function badges(store) {
  const words = texts.figure.badges;
  if (store.get("edited")) return { indices: words.edited, quantized: words.edited, reconstruction: words.fromEdited };
  switch (store.get("variant")) {
    case "bypass": return { indices: words.bypassed, quantized: words.bypassed, reconstruction: words.fromFeatures };
    case "wrong-reshape":
      return { features: words.mixed, indices: words.mixed, quantized: words.mixed, reconstruction: words.fromMixed };
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
      if (!anyChanged(changed, ["variant", "edited"])) return;
      const words = badges(store);
      for (const place of places) {
        const word = words[/** @type {Stage} */ (place.dataset.badge)] ?? "";
        place.textContent = word;
        place.hidden = !word;
        place.parentElement?.classList.toggle("has-badge", Boolean(word));
        place.closest("[data-stage]")?.classList.toggle("is-bypassed", word === texts.figure.badges.bypassed);
      }
    },
  };
}
