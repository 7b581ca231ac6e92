// @ts-check

import { find, hide, setText } from "../core/dom.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";
import { familiarity } from "../core/usage.js";

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

  function describe() {
    const { metrics } = /** @type {import("../core/types.d.ts").Model} */ (store.get("model"));
    const percentiles = metrics.error_percentiles;
    const trace = store.get("trace");
    // Of the model's own picture only: nobody measured experiments on the test digits.
    const own = trace && trace === store.get("normalTrace") && !store.get("edited");
    const blank = !store.get("pixels").some((value) => value);
    hide(element, !percentiles);
    if (!percentiles || !own) {
      setText(word, percentiles ? texts.models.experiment : "");
      delete word.dataset.percentile;
      return;
    }
    const found = familiarity(store.get("shownError"), percentiles);
    word.dataset.percentile = String(found.percentile);
    element.classList.toggle("is-unlike", found.unlike);
    setText(word, blank ? texts.models.emptyPad : texts.models.familiarity[found.kind](found.percentile));
  }

  function explain() {
    const auroc = store.get("model")?.metrics.auroc;
    setText(measured, auroc === undefined ? "" : texts.models.separation(auroc));
  }

  return {
    throttled: true,
    update(changed) {
      if (!store.get("model")) return;
      if (changed.has("model")) explain();
      if (anyChanged(changed, ["model", "trace", "normalTrace", "edited", "pixels", "shownError"])) describe();
    },
  };
}
