// @ts-check

import { toggleVariant } from "../core/edits.js";

/**
 * What experiments change about the page as a whole, and the end of a variant.
 * @param {HTMLElement} page
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(page, store) {
  return {
    update(changed) {
      if (changed.has("editing")) page.classList.toggle("is-editing", store.get("editing"));
      if (changed.has("brushCode")) page.classList.toggle("is-painting", store.get("brushCode") !== null);
      // Its switch is among the details.
      const variant = store.get("variant");
      if (changed.has("details") && !store.get("details") && variant !== "normal") toggleVariant(store, variant);
    },
  };
}
