// @ts-check

import { find, setText } from "../core/dom.js";
import { read } from "./matrices.js";
import { anyChanged } from "../core/store.js";
import { quantizer } from "../texts/quantizer.js";

/**
 * The values of black and white in the matrices, and the switch between a scale for each row and a shared one.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const text = find(element, ".scale-text");
  const buttons = ["row", "shared"].map((scaling) => find(element, `[data-scaling=${scaling}]`, HTMLButtonElement));
  for (const button of buttons) {
    button.addEventListener("click", () => {
      store.set("scaling", button.dataset.scaling === "shared" ? "shared" : "row");
    });
  }

  /**
   * @param {import("../core/types.d.ts").Stage} stage
   * @param {number} row
   * @returns {string}
   */
  function span(stage, row) {
    const range = read(store.get("matrixSource"), stage)?.range(row, 0);
    return range ? quantizer.range(range) : "–";
  }

  function describe() {
    const focused = store.get("focus");
    if (store.get("scaling") === "shared") {
      setText(text, quantizer.sharedScale(span("feature_vectors", 0), span("distances", 0)));
    } else if (focused?.cell) {
      const { row } = focused;
      setText(text, quantizer.rowScale(row, span("feature_vectors", row), span("distances", row)));
    } else {
      setText(text, quantizer.rowScales);
    }
  }

  return {
    update(changed) {
      if (changed.has("scaling")) {
        for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.scaling === store.get("scaling")));
      }
      if (anyChanged(changed, ["scaling", "focus", "matrixSource"])) describe();
    },
  };
}
