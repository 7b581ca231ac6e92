// @ts-check

import { find, hide, setText } from "../core/dom.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";
import { BLACK_MSE, familiarity } from "../core/usage.js";

/**
 * @typedef {object} Judgement
 * @property {string} text
 * @property {number} [percentile] among the test digits; none for what is not compared with them
 * @property {boolean} [unlike] whether the model has seen nothing like it
 * @property {boolean} [awaited] whether the bits of these codes are still to come
 */

/**
 * @param {import("../core/types.d.ts").Store} store
 * @param {boolean} byBits whether the prior says it, not the error
 * @returns {Judgement | null} how unusual the drawing is; null without a drawing
 */
export function judge(store, byBits) {
  const trace = store.get("trace");
  const codes = store.get("shownCodes");
  const model = store.get("model");
  if (!model || !trace || !codes) return null;
  // The test digits were measured without experiments.
  if (trace !== store.get("normalTrace") || store.get("edits")) return { text: texts.models.experiment };
  // To a prior it is a digit like others.
  if (!store.get("pixels").some((value) => value)) return { text: texts.models.emptyPad };
  if (byBits && model.prior_metrics) {
    const score = store.get("score");
    if (!score || String(score.codes) !== String(codes)) return { text: texts.models.unscored, awaited: true };
    const { kind, ...found } = familiarity(score.total - score.unigramBits, model.prior_metrics.excess_percentiles);
    return { ...found, text: texts.models.familiarityOfBits[kind](found.percentile) };
  }
  const { error_percentiles: percentiles, test_mse: error } = model.metrics;
  const { kind, percentile, unlike } = familiarity(store.get("shownError"), percentiles);
  const condition = store.get("condition");
  const text = condition?.black
    ? texts.models.familiarityOfBlack(error)
    : condition?.collapsed
    ? texts.models.familiarityOfCollapsed(percentile, error, error / BLACK_MSE)
    : texts.models.familiarity[kind](percentile);
  return { text, percentile, unlike: unlike && !condition?.black && !condition?.collapsed };
}

/**
 * How unusual the drawing is to the model, compared with the test digits, and how well that separates digits from other
 * drawings: its error or, where a prior scores every drawing, the bits of its codes beyond those of their mean frequencies.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {(name: string) => boolean} scoresFreely whether the drawings of a model that has a prior are scored
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, scoresFreely) {
  const word = find(element, ".familiarity-word");
  const why = find(element, ".familiarity-why");
  const ask = find(element, "button");
  const measured = find(element, ".familiarity-measured");

  /** @param {import("../core/types.d.ts").Model} model */
  function explain({ name, prior_metrics: prior, metrics }) {
    const byBits = prior && scoresFreely(name);
    hide(ask, !prior || Boolean(byBits));
    setText(why, byBits ? texts.models.excessExplained : texts.page["figure.inspector.anomalies"]);
    setText(measured, byBits ? texts.models.separationOfBits(prior.auroc_excess) : texts.models.separation(metrics.auroc));
  }

  /** @param {import("../core/types.d.ts").Model} model */
  function describe({ name }) {
    const found = judge(store, scoresFreely(name));
    // The score follows; until it is there, what was said of the former drawing stays.
    if (!found || (found.awaited && word.dataset.percentile && store.get("score"))) return;
    setText(word, found.text);
    element.classList.toggle("is-unlike", Boolean(found.unlike));
    if (found.percentile === undefined) delete word.dataset.percentile;
    else word.dataset.percentile = String(found.percentile);
  }

  return {
    throttled: true,
    update(changed) {
      const model = store.get("model");
      if (!model) return;
      if (anyChanged(changed, ["model", "score"])) explain(model);
      if (anyChanged(changed, ["model", "score", "trace", "normalTrace", "edits", "pixels", "shownError"])) describe(model);
    },
  };
}
