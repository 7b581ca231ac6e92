// @ts-check

import { find, hide, setText } from "../core/dom.js";
import { texts } from "../texts/texts.js";

/**
 * What is wrong with the model: its codebook collapsed, or it draws black. Hidden for other models.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const sentence = find(element, ".condition-text");

  return {
    update(changed) {
      if (!changed.has("model")) return;
      const model = store.get("model");
      const condition = store.get("condition");
      hide(element, !condition?.collapsed && !condition?.black);
      if (!model || !condition) return;
      const { codes_used: used, perplexity } = model.metrics;
      setText(
        sentence,
        texts.models.condition(
          condition,
          used,
          model.num_embeddings,
          perplexity,
        ),
      );
    },
  };
}
