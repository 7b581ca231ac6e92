// @ts-check

import { find, hide, setText } from "../core/dom.js";
import { LOSSES } from "../core/gradients.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/**
 * The terms of the loss with their live values, and the total that training minimizes, as the model computed them.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const note = find(element, ".losses-note");
  const panel = find(element, ".backward");

  /**
   * @param {string} loss
   * @param {number} value
   */
  function write(loss, value) {
    const place = find(element, `[data-loss=${loss}]`);
    setText(place, value.toFixed(4));
    place.dataset.exact = String(value);
  }

  function describe() {
    const config = store.get("model")?.config;
    for (const place of element.querySelectorAll("[data-mode]")) {
      place.toggleAttribute("hidden", place.getAttribute("data-mode") !== config?.codebook);
    }
    const weight = Number(config?.reconstruction_weight ?? 1);
    for (const place of element.querySelectorAll("[data-weighted]")) place.toggleAttribute("hidden", weight === 1);
    for (const place of element.querySelectorAll("[data-weight]")) setText(place, String(weight));
    for (const place of element.querySelectorAll("[data-beta]")) setText(place, String(config?.beta ?? "β"));
  }

  return {
    throttled: true,
    update(changed) {
      if (changed.has("model")) describe();
      if (changed.has("backward")) hide(panel, !store.get("backward"));
      if (!store.get("details") || !anyChanged(changed, ["model", "normalTrace", "details", "variant", "edited"])) return;
      const losses = store.get("normalTrace")?.losses;
      hide(note, store.get("variant") === "normal" && !store.get("edited"));
      setText(note, texts.training.ownLosses);
      if (!losses) return;
      for (const loss of LOSSES) write(loss, losses[loss]);
      write("total", losses.total);
    },
  };
}
