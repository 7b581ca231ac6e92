// @ts-check

import { createChip } from "../core/chip.js";
import { find, setText } from "../core/dom.js";
import { formatNumber } from "../core/format.js";
import { cellOf } from "../core/grid.js";
import { anyChanged } from "../core/store.js";
import { vectorAt } from "../core/tensor.js";
import { say } from "./says.js";

/**
 * Gradient descent on ‖sg[f] − e‖² + β‖f − sg[e]‖² moves the code e and the feature f toward each other at rates 1 and β.
 * @param {number} beta
 * @returns {number} the share of the way between them that the code goes until they meet
 */
export const walkedByCode = (beta) => 1 / (1 + beta);

/**
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 */
function distance(a, b) {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += (a[d] - b[d]) ** 2;
  return Math.sqrt(sum);
}

/**
 * A feature and its code, and where codebook and commitment loss would bring them together: those of the selected cell, or
 * those that are farthest apart.
 * @param {HTMLElement} element
 * @param {import("./article.js").Needs} needs
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, { store }) {
  const slider = find(element, "input[name=beta]", HTMLInputElement);
  const output = find(element, "output");
  const caption = find(element, "figcaption");
  const pull = find(element, ".pull");
  const code = find(pull, ".pull-code");
  slider.addEventListener("input", draw);

  function draw() {
    const model = store.get("model");
    const trace = store.get("trace");
    // Rows of the wrong reshape are no features.
    if (!model || !trace?.features || trace.variant === "wrong-reshape") return;
    const { features } = trace;
    const indices = trace.indices.flat();
    const apart = indices.map((index, row) => distance(vectorAt(features, row), model.embeddings[index]));
    const focused = store.get("focus");
    const row = focused?.cell ? focused.row : apart.indexOf(Math.max(...apart));
    const beta = Number(slider.value);
    const walked = walkedByCode(beta);
    setText(output, beta.toFixed(2));
    code.replaceChildren(createChip(model, indices[row], String(indices[row])));
    pull.style.setProperty("--walked", String(walked));
    const [i, j] = cellOf(row, model.grid);
    const percent = Math.round(100 * walked);
    say(caption, { i, j, code: indices[row], distance: formatNumber(apart[row]), beta: beta.toFixed(2), walked: percent, rest: 100 - percent });
  }

  return {
    throttled: true,
    update(changed) {
      const beta = Number(store.get("model")?.config.beta);
      if (anyChanged(changed, ["article", "model"]) && Number.isFinite(beta)) slider.value = String(beta);
      if (anyChanged(changed, ["article", "model", "trace", "focus"])) draw();
    },
  };
}
