// @ts-check

import { createCells } from "./cells.js";
import { cellOf } from "./grid.js";
import { focus } from "./selection.js";
import { shownIndices } from "./derived.js";
import { texts } from "../texts/texts.js";
import { anyChanged } from "./store.js";

/**
 * The grid of features laid over a view of a stage: its cells can be pointed at, and show the selection.
 * @param {HTMLElement} host
 * @param {import("./types.d.ts").Store} store
 * @param {import("./types.d.ts").Stage} stage
 * @param {import("./anchors.js").Anchors | null} anchors null when no path shall lead here
 * @param {object} [options]
 * @param {(name: string, row: number) => string} [options.label] adds to an item's name
 * @param {(row: number) => boolean} [options.take] see `createCells`
 * @returns {import("./types.d.ts").View}
 */
export function createCellGrid(host, store, stage, anchors, { label = (name) => name, take } = {}) {
  const width = () => store.get("model")?.stages.indices[1] ?? 1;
  const cells = createCells(host, store, {
    select: (row) => ({ cell: cellOf(row, width()), code: null, stage }),
    label(row) {
      const [i, j] = cellOf(row, width());
      const name = texts.figure.cell([i, j], shownIndices(store)?.[i]?.[j], store.get("trace")?.indices[i]?.[j]);
      return label(name, row);
    },
    take,
  });
  anchors?.offer(stage, cells.item);

  function markChanged() {
    const own = store.get("trace")?.indices.flat();
    const edited = store.get("edited")?.flat();
    own?.forEach((code, row) => cells.item(row)?.toggleAttribute("data-changed", Boolean(edited && edited[row] !== code)));
  }

  return {
    update(changed) {
      const model = store.get("model");
      if (!model) return;
      if (anyChanged(changed, ["model"])) {
        const [height, columns] = model.stages.indices;
        cells.arrange(height * columns, columns);
      }
      if (anyChanged(changed, ["model", "edited"])) markChanged();
      if (!anyChanged(changed, ["model", "trace", "edited", "selection", "pinned"])) return;
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
