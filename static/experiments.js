// @ts-check

import { find } from "./dom.js";
import { resetEdits, toggleVariant } from "./edits.js";
import { touches } from "./store.js";
import { createTermLinks } from "./termlinks.js";
import { create as createBadges } from "./views/badges.js";
import { create as createCodePicture } from "./views/codepicture.js";
import { create as createComparison } from "./views/comparison.js";
import { create as createEdit } from "./views/edit.js";
import { create as createFlows } from "./views/flows.js";
import { create as createHeatmaps } from "./views/heatmaps.js";
import { create as createLosses } from "./views/losses.js";
import { create as createMovers } from "./views/movers.js";
import { create as createPreview } from "./views/preview.js";

/** @typedef {import("./types.d.ts").Store} Store */

/**
 * What the learner may try, and the losses: wiring only.
 * @param {HTMLElement} page
 * @param {Store} store
 * @param {import("./unhurried.js").Unhurried} words
 * @returns {import("./types.d.ts").View[]}
 */
export function createExperiments(page, store, words) {
  const edit = find(page, ".edit");
  const losses = find(page, ".losses");
  return [
    createRules(page, store),
    createEdit(edit, store),
    createPreview(find(edit, ".edit-preview canvas", HTMLCanvasElement), store),
    ...all(page, ".code-picture").map((picture) => createCodePicture(picture, store)),
    createBadges(page, store),
    ...all(page, "[data-variant]").map((experiment) => createComparison(experiment, store)),
    createTermLinks(losses, store),
    words.wrap(createLosses(losses, store)),
    createFlows(find(losses, ".flows"), store),
    createHeatmaps(find(losses, ".heatmaps"), store),
    createMovers(find(losses, ".movers"), store),
  ];
}

/**
 * @param {HTMLElement} page
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
function all(page, selector) {
  return /** @type {HTMLElement[]} */ ([...page.querySelectorAll(selector)]);
}

/**
 * What ends an experiment by itself, and what the whole page makes room for.
 * @param {HTMLElement} page
 * @param {Store} store
 * @returns {import("./types.d.ts").View}
 */
function createRules(page, store) {
  return {
    update(changed) {
      if (touches(changed, ["editing"])) page.classList.toggle("is-editing", store.get("editing"));
      if (touches(changed, ["brushCode"])) page.classList.toggle("is-painting", store.get("brushCode") !== null);
      // Another drawing, another grid: the visitor's changes belong to the old one.
      if (touches(changed, ["pixels", "model"])) resetEdits(store);
      // Its switch is out of sight.
      const variant = store.get("variant");
      if (touches(changed, ["details"]) && !store.get("details") && variant !== "normal") toggleVariant(store, variant);
    },
    destroy() {},
  };
}
