// @ts-check

import { find, setText } from "../core/dom.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";
import { BLACK_MSE, familiarity } from "../core/usage.js";

/**
 * How unusual the drawing is to the model: its error compared with those of the test digits, and how well the error
 * separates digits from other drawings.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const word = find(element, ".familiarity-word");
  const measured = find(element, ".familiarity-measured");

  /** @param {import("../core/types.d.ts").Model} model */
  function describe({ metrics }) {
    const trace = store.get("trace");
    if (!trace) return;
    // The test digits were measured without experiments.
    if (trace !== store.get("normalTrace") || store.get("edited")) {
      setText(word, texts.models.experiment);
      delete word.dataset.percentile;
      return;
    }
    const blank = !store.get("pixels").some((value) => value);
    const found = familiarity(store.get("shownError"), metrics.error_percentiles);
    word.dataset.percentile = String(found.percentile);
    const condition = store.get("condition");
    const unfit = condition?.black || condition?.collapsed;
    element.classList.toggle("is-unlike", found.unlike && !unfit);
    const { test_mse: error } = metrics;
    setText(word, blank
      ? texts.models.emptyPad
      : condition?.black
      ? texts.models.familiarityOfBlack(error)
      : condition?.collapsed
      ? texts.models.familiarityOfCollapsed(found.percentile, error, error / BLACK_MSE)
      : texts.models.familiarity[found.kind](found.percentile));
  }

  return {
    throttled: true,
    update(changed) {
      const model = store.get("model");
      if (!model) return;
      if (changed.has("model")) setText(measured, texts.models.separation(model.metrics.auroc));
      if (anyChanged(changed, ["model", "trace", "normalTrace", "edited", "pixels", "shownError"])) describe(model);
    },
  };
}
