// @ts-check

import { createRovingGrid } from "../core/roving-grid.js";
import { createChip } from "../core/chip.js";
import { find, make, setText } from "../core/dom.js";
import { LOSSES, norm, vectorNorms } from "../core/gradients.js";
import { anyChanged } from "../core/store.js";
import { backward } from "../texts/backward.js";

/** Larger codebooks wrap into several lines without numbers below the bars. */
const MOST_IN_LINE = 64;

/**
 * A bar for each code and term of the loss: the length of its gradient. Each term has its own scale.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const charts = LOSSES.map((loss) => {
    const host = find(element, `[data-gradient-loss=${loss}]`);
    /** @type {Float64Array} */
    let lengths = new Float64Array();
    const cells = createRovingGrid(find(host, ".cells"), store, {
      select: (code) => ({ cell: null, code, stage: "embeddings" }),
      label: (code) => backward.code(code, lengths[code]),
    });

    function build() {
      const model = store.get("model");
      if (!model) return;
      const { embeddings: { length }, palette } = model;
      find(host, ".bars").classList.toggle("is-many", length > MOST_IN_LINE);
      cells.arrange(length, Math.min(length, MOST_IN_LINE), (code) => {
        const chip = createChip(model, code, length > MOST_IN_LINE ? "" : String(code));
        const column = make("span", "bar-column", make("span", "bar-fill"));
        column.style.setProperty("--code", palette.fill[code]);
        return [column, chip];
      });
    }

    /** @param {import("../core/types.d.ts").Gradients} gradients */
    function draw(gradients) {
      const tensor = gradients.embeddings[loss];
      lengths = vectorNorms(tensor);
      const most = Math.max(...lengths);
      const moved = lengths.filter((length) => length > 0).length;
      host.dataset.norm = String(norm(tensor));
      lengths.forEach((length, code) => {
        const item = cells.element(code);
        if (!item) return;
        item.dataset.norm = String(length);
        item.style.setProperty("--share", String(most ? length / most : 0));
      });
      setText(find(host, ".mover-says"), moved
        ? backward.moved(moved, lengths.length, most)
        : backward.unmoved(lengths.length));
    }

    function mark() {
      const focused = store.get("focus");
      cells.mark((code) => code === focused?.code ? (store.get("pinned") ? "pinned" : "selected") : "");
    }

    return { build, draw, mark, cells };
  });
  /** Whether the bars belong to another model. They are built when gradients arrive. */
  let stale = true;

  return {
    update(changed) {
      const gradients = store.get("gradients");
      if (changed.has("model")) stale = true;
      if (!gradients) return;
      for (const { build, draw, mark } of charts) {
        if (stale) build();
        if (stale || changed.has("gradients")) draw(gradients);
        if (stale || anyChanged(changed, ["gradients", "focus", "pinned"])) mark();
      }
      stale = false;
    },
  };
}
