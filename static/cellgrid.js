// @ts-check

import { createCells } from "./cells.js";
import { cellOf } from "./grid.js";
import { focus } from "./selection.js";
import { touches } from "./store.js";

/**
 * The grid of features laid over a view of a stage: its cells can be pointed at, and show the selection.
 * @param {HTMLElement} host
 * @param {import("./types.d.ts").Store} store
 * @param {import("./types.d.ts").Stage} stage
 * @param {import("./anchors.js").Anchors} anchors
 * @returns {import("./types.d.ts").View}
 */
export function createCellGrid(host, store, stage, anchors) {
  const width = () => store.get("model")?.stages.indices[1] ?? 1;
  const cells = createCells(host, store, {
    select: (row) => ({ cell: cellOf(row, width()), code: null, stage }),
    label(row) {
      const [i, j] = cellOf(row, width());
      const code = store.get("trace")?.indices[i]?.[j];
      return `Row ${i}, column ${j}${code === undefined ? "" : `: code ${code}`}`;
    },
  });
  anchors.offer(stage, cells.item);

  return {
    update(changed) {
      const model = store.get("model");
      if (!model) return;
      if (touches(changed, ["model"])) {
        const [height, columns] = model.stages.indices;
        cells.arrange(height * columns, columns);
      }
      if (!touches(changed, ["model", "trace", "selection", "pinned"])) return;
      const focused = focus(store);
      host.classList.toggle("is-focused", focused !== null);
      cells.mark((row) => {
        if (!focused) return "";
        if (focused.cell) return row === focused.row ? (store.get("pinned") ? "pinned" : "selected") : "";
        return focused.users.has(row) ? "lit" : "dim";
      });
    },
    destroy: cells.destroy,
  };
}
