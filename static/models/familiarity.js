// @ts-check

import { find, hide, setText } from "../core/dom.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";
import { BLACK_MSE, familiarity } from "../core/usage.js";

/**
 * How unusual the drawing is to the model, compared with the test digits, and how well that separates digits from other
 * drawings: its error or, once the prior has been asked, the bits of its codes beyond those of their mean frequencies.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const word = find(element, ".familiarity-word");
  const why = find(element, ".familiarity-why");
  const ask = find(element, "button");
  const measured = find(element, ".familiarity-measured");

  /** @param {import("../core/types.d.ts").Model} model */
  function explain({ name, prior, metrics }) {
    const card = store.get("priors")[name];
    hide(ask, !prior || Boolean(card));
    setText(why, card ? texts.models.excessExplained : texts.page["figure.inspector.anomalies"]);
    setText(measured, card ? texts.models.separationOfBits(card.metrics.auroc_excess) : texts.models.separation(metrics.auroc));
  }

  /** @param {import("../core/types.d.ts").Model} model */
  function describe({ name, metrics }) {
    const trace = store.get("trace");
    const indices = store.get("shownIndices");
    if (!trace || !indices) return;
    // The test digits were measured without experiments.
    if (trace !== store.get("normalTrace") || store.get("edited")) {
      setText(word, texts.models.experiment);
      delete word.dataset.percentile;
      return;
    }
    const blank = !store.get("pixels").some((value) => value);
    const card = store.get("priors")[name];
    const score = store.get("score");
    // The score follows; until it is there, the former one stays.
    if (card && (!score || String(score.codes) !== String(indices))) return;
    const found = card && score
      ? familiarity(score.total - score.unigramBits, card.metrics.excess_percentiles)
      : familiarity(store.get("shownError"), metrics.error_percentiles);
    word.dataset.percentile = String(found.percentile);
    const condition = store.get("condition");
    const unfit = condition?.black || condition?.collapsed;
    element.classList.toggle("is-unlike", found.unlike && !unfit);
    const { test_mse: error } = metrics;
    setText(word, blank
      ? texts.models.emptyPad
      : card
      ? texts.models.familiarityOfBits[found.kind](found.percentile)
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
      if (anyChanged(changed, ["model", "priors"])) explain(model);
      if (anyChanged(changed, ["model", "priors", "score", "trace", "normalTrace", "edited", "pixels", "shownError"])) describe(model);
    },
  };
}
