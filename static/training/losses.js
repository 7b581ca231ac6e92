// @ts-check

import { find, hide, setText } from "../core/dom.js";
import { addUp } from "../core/format.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/** Decimals of the terms and their sum. */
const DECIMALS = { least: 4, most: 6 };

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
   * @param {string} printed
   */
  function write(loss, value, printed) {
    const place = find(element, `[data-loss=${loss}]`);
    setText(place, printed);
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
      if (!store.get("details") || !anyChanged(changed, ["model", "normalTrace", "details", "variant", "edits"])) return;
      const config = store.get("model")?.config;
      const losses = store.get("normalTrace")?.losses;
      hide(note, store.get("variant") === "normal" && !store.get("edits"));
      setText(note, texts.training.ownLosses);
      if (!config || !losses) return;
      const { reconstruction, codebook, commitment, total } = losses;
      const weight = Number(config.reconstruction_weight ?? 1);
      const [minimized, beta] = [Number(config.codebook === "gradient"), Number(config.beta)];
      // As long as both have the same value they are printed alike: one term with both weights.
      const printed = Math.abs(codebook - commitment) <= 1e-6 * codebook
        ? addUp([reconstruction, codebook], total, { ...DECIMALS, weights: [weight, minimized + beta] })
        : addUp([reconstruction, codebook, commitment], total, { ...DECIMALS, weights: [weight, minimized, beta] });
      write("reconstruction", reconstruction, printed.terms[0]);
      write("codebook", codebook, printed.terms[1]);
      write("commitment", commitment, printed.terms[printed.terms.length - 1]);
      write("total", total, printed.total);
    },
  };
}
