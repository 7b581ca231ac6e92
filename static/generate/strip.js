// @ts-check

import { find, make, setText } from "../core/dom.js";
import { anyChanged } from "../core/store.js";
import { generate } from "../texts/generate.js";
import { createImage } from "./completion.js";
import { bitsOfKind, createStrips, LENGTH } from "./strips.js";

/** @typedef {import("../core/types.d.ts").StripKind} StripKind */

/**
 * Samples of ever better models of the codes, a strip each.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("./queue.js").Question} question
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, question) {
  const strips = createStrips(store, question);
  const lines = [...element.querySelectorAll("[data-strip]")].map((line) => ({
    line: /** @type {HTMLElement} */ (line),
    kind: /** @type {StripKind} */ (line.getAttribute("data-strip")),
    pictures: find(line, ".rung-pictures"),
  }));
  for (const { pictures } of lines) {
    pictures.append(...Array.from({ length: LENGTH }, () => make("div", "code-drawing")));
  }
  /** @type {import("../core/types.d.ts").Strips} */
  let shown = {};

  function describe() {
    const model = store.get("model");
    const prior = model && store.get("priors")[model.name];
    for (const { line, kind } of lines) {
      if (prior) setText(find(line, ".rung-bits"), generate.stripBits(bitsOfKind(kind, prior)));
    }
  }

  function paint() {
    const found = store.get("strips");
    for (const { line, kind, pictures } of lines) {
      const title = find(line, "b").textContent ?? "";
      for (let n = 0; n < LENGTH; n++) {
        const picture = found[kind]?.[n];
        if (picture === shown[kind]?.[n]) continue;
        const element = picture ? createImage(picture, generate.sample(title, n)) : make("div", "code-drawing");
        pictures.children[n].replaceWith(element);
      }
    }
    shown = found;
  }

  return {
    update(changed) {
      strips.update(changed);
      if (anyChanged(changed, ["model", "priors"])) describe();
      if (changed.has("strips")) paint();
    },
  };
}
