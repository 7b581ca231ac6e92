// @ts-check

import { anyChanged } from "../core/store.js";

/** @typedef {import("../core/types.d.ts").Stage} Stage */

/**
 * What each part of the figure is called while it does not show the model as it is.
 * @param {import("../core/types.d.ts").Store} store
 * @returns {Partial<Record<Stage, string>>}
 */
function badges(store) {
  if (store.get("edited")) return { indices: "edited", quantized: "edited", reconstruction: "of your codes" };
  switch (store.get("variant")) {
    case "bypass": return { indices: "bypassed", quantized: "bypassed", reconstruction: "of the features" };
    case "wrong-reshape":
      return { features: "mixed up", indices: "mixed up", quantized: "mixed up", reconstruction: "of mixed-up codes" };
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
        place.closest("[data-stage]")?.classList.toggle("is-bypassed", word === "bypassed");
      }
    },
    destroy() {},
  };
}
