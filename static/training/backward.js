// @ts-check

import { find, setText } from "../core/dom.js";
import { createViews } from "../core/views.js";
import { create as createFlows } from "./flows.js";
import { create as createHeatmaps } from "./heatmaps.js";
import { create as createMovers } from "./movers.js";
import { backward } from "../texts/backward.js";

/**
 * The gradients of a backward pass.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const computedBy = find(element, ".computed-by");
  return createViews([
    {
      update(changed) {
        const gradients = store.get("gradients");
        if (gradients && changed.has("gradients")) setText(computedBy, backward.computedBy[gradients.computedBy]);
      },
    },
    createFlows(find(element, ".flows"), store),
    createHeatmaps(find(element, ".heatmaps"), store),
    createMovers(find(element, ".movers"), store),
  ]);
}
