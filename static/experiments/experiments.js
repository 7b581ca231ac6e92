// @ts-check

import { find } from "../core/dom.js";
import { resetEdits, toggleVariant } from "./edits.js";
import { anyChanged } from "../core/store.js";
import { createTermLinks } from "../core/term-links.js";
import { create as createBadges } from "../figure/badges.js";
import { create as createCodePicture } from "../figure/code-picture.js";
import { create as createComparison } from "./comparison.js";
import { create as createEdit } from "./edit.js";
import { create as createFlows } from "../training/flows.js";
import { create as createHeatmaps } from "../training/heatmaps.js";
import { create as createLosses } from "../training/losses.js";
import { create as createMovers } from "../training/movers.js";
import { create as createPreview } from "../drawing/preview.js";

/** @typedef {import("../core/types.d.ts").Store} Store */

/**
 * What the learner may try, and the losses: wiring only.
 * @param {HTMLElement} page
 * @param {Store} store
 * @returns {import("../core/types.d.ts").View[]}
 */
export function createExperiments(page, store) {
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
    createLosses(losses, store),
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
 * @returns {import("../core/types.d.ts").View}
 */
function createRules(page, store) {
  return {
    update(changed) {
      if (anyChanged(changed, ["editing"])) page.classList.toggle("is-editing", store.get("editing"));
      if (anyChanged(changed, ["brushCode"])) page.classList.toggle("is-painting", store.get("brushCode") !== null);
      // Another drawing, another grid: the visitor's changes belong to the old one.
      if (anyChanged(changed, ["pixels", "model"])) resetEdits(store);
      // Its switch is out of sight.
      const variant = store.get("variant");
      if (anyChanged(changed, ["details"]) && !store.get("details") && variant !== "normal") toggleVariant(store, variant);
    },
  };
}
