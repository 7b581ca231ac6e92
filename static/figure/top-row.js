// @ts-check

import { find, setText } from "../core/dom.js";
import { bitsOf } from "../core/grid.js";
import { atLevel } from "../core/level-store.js";
import { createPositions } from "../core/positions.js";
import { createViews } from "../core/views.js";
import { texts } from "../texts/levels.js";
import { create as createBadges } from "./badges.js";
import { create as createCodebook } from "./codebook.js";
import { create as createFacts } from "./facts.js";
import { create as createFeatures } from "./features.js";
import { create as createIndices } from "./indices.js";
import { create as createLinks } from "./links.js";
import { create as createQuantized } from "./quantized.js";

/**
 * The parts of the top level, a row of their own above those of the main level, and what each row is.
 * @param {HTMLElement} figure
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(figure, store) {
  const top = atLevel(store, "top");
  const template = find(figure, "template.top-row", HTMLTemplateElement);
  template.replaceWith(template.content);
  /** @param {string} stage */
  const part = (stage) => find(figure, `[data-stage="${stage}.top"]`);
  const positions = createPositions();
  const [titleOfTop, titleOfMain] = ["top", ""].map((level) => find(figure, `.row-title[data-level="${level}"]`));

  function describe() {
    const main = store.get("model");
    const model = top.store.get("model");
    if (!main || !model) return;
    setText(titleOfTop, texts.top(model.grid, bitsOf(model.grid)));
    setText(titleOfMain, texts.bottom(main.grid, bitsOf(main.grid)));
  }

  return top.see(createViews([
    createFeatures(part("features"), top.store, positions),
    createCodebook(part("embeddings"), top.store, positions),
    createIndices(part("indices"), top.store, positions),
    createQuantized(part("quantized"), top.store, positions),
    createFacts(figure, top.store, "top"),
    ...["features", "indices", "quantized"].map((stage) => createBadges(part(stage), top.store)),
    createLinks(find(figure, "svg.links-top", SVGSVGElement), top.store, positions),
    { update: (changed) => changed.has("model") && describe() },
  ]));
}
