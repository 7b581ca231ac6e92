// @ts-check

import { find, hide, setText } from "../core/dom.js";
import { normalTrace, shownError } from "../core/derived.js";
import { anyChanged } from "../core/store.js";
import { familiarity } from "../core/usage.js";

/**
 * How unusual the drawing is to the model: its error among those of the test digits, and how well that tells digits
 * from other drawings.
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
    const own = trace && trace === normalTrace(store) && !store.get("edited");
    const blank = !store.get("pixels").some((value) => value);
    hide(element, !percentiles);
    if (!percentiles || !own) {
      setText(word, percentiles ? "The error is that of your experiment; test digits went through the model as it is." : "");
      delete word.dataset.percentile;
      return;
    }
    const found = familiarity(shownError(store), percentiles);
    word.dataset.percentile = String(found.percentile);
    element.classList.toggle("is-unlike", found.unlike);
    setText(word, blank ? "An empty pad has no error to speak of." : `This error is ${found.text}.`);
  }

  function explain() {
    const auroc = store.get("model")?.metrics.auroc;
    setText(measured, auroc === undefined ? "" : `Measured for this model: a non-digit’s error is larger than a digit’s in ${
      (100 * auroc).toFixed(1)
    }% of pairs (AUROC ${auroc.toFixed(3)}; 0.5 is chance).`);
  }

  return {
    update(changed) {
      if (!store.get("model")) return;
      if (anyChanged(changed, ["model"])) explain();
      if (anyChanged(changed, ["model", "trace", "edited", "editedReconstruction", "variant"])) describe();
    },
    destroy() {},
  };
}
