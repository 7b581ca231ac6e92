// @ts-check

import { createChip } from "../core/chip.js";
import { find, make } from "../core/dom.js";
import { createRovingGrid } from "../core/roving-grid.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/** Larger codebooks have several lines, without numbers. */
const LINE = 32;

/**
 * How many cells of the drawing use each code.
 * @param {HTMLElement} element
 * @param {import("./article.js").Needs} needs
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, { store }) {
  const bars = find(element, ".bars");
  /** @type {number[]} */
  let counts = [];
  const cells = createRovingGrid(find(bars, ".cells"), store, {
    select: (code) => ({ cell: null, code, stage: "embeddings" }),
    label: (code) => texts.figure.code(code, counts[code] ?? 0),
  });

  return {
    throttled: true,
    update(changed) {
      const model = store.get("model");
      const indices = store.get("shownIndices");
      if (!model || !indices) return;
      const { embeddings: { length }, palette } = model;
      if (anyChanged(changed, ["article", "model"])) {
        bars.classList.toggle("is-many", length > LINE);
        cells.arrange(length, Math.min(length, LINE), (code) => {
          const column = make("span", "bar-column", make("span", "bar-fill"));
          column.style.setProperty("--code", palette.fill[code]);
          return [column, createChip(model, code, length > LINE ? "" : String(code))];
        });
      }
      if (anyChanged(changed, ["article", "model", "shownIndices"])) {
        counts = Array(length).fill(0);
        for (const code of indices.flat()) counts[code]++;
        const most = Math.max(...counts);
        counts.forEach((count, code) => {
          const item = cells.element(code);
          if (!item) return;
          item.dataset.norm = String(count);
          item.style.setProperty("--share", String(count / most));
        });
      }
      const focused = store.get("focus");
      cells.mark((code) => code === focused?.code ? (store.get("pinned") ? "pinned" : "selected") : "");
    },
  };
}
