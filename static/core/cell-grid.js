// @ts-check

import { createRovingGrid } from "./roving-grid.js";
import { texts } from "../texts/texts.js";
import { cellCount, cellOf } from "./grid.js";
import { anyChanged } from "./store.js";

/**
 * The grid of features over a view of a stage: its cells can be pointed at, and show the selection.
 * @param {HTMLElement} host
 * @param {import("./types.d.ts").Store} store
 * @param {import("./types.d.ts").Stage} stage
 * @param {import("./positions.js").Positions | null} positions null when no line leads here
 * @param {object} [options]
 * @param {(name: string, row: number) => string} [options.label] adds to an item's name
 * @param {(row: number) => boolean} [options.take] see `createRovingGrid`
 * @returns {import("./types.d.ts").View}
 */
export function createCellGrid(host, store, stage, positions, { label = (name) => name, take } = {}) {
  /** Items exist only for a model. */
  const grid = () => /** @type {import("./types.d.ts").Model} */ (store.get("model")).grid;
  const cells = createRovingGrid(host, store, {
    select: (row) => ({ cell: cellOf(row, grid()), code: null, stage }),
    label(row) {
      const [i, j] = cellOf(row, grid());
      const code = store.get("shownIndices")?.[i]?.[j];
      const name = code !== undefined && store.get("shownVariant") === "wrong-reshape"
        ? texts.figure.mixedRow(row, code)
        : texts.figure.cell([i, j], code, store.get("trace")?.indices[i]?.[j]);
      return label(name, row);
    },
    take,
  });
  positions?.offer(stage, (row) => row === null ? null : cells.rect(row));

  function markChanged() {
    const own = store.get("trace")?.indices.flat();
    const edited = store.get("edited")?.flat();
    own?.forEach((code, row) => cells.element(row)?.toggleAttribute("data-changed", Boolean(edited && edited[row] !== code)));
  }

  return {
    update(changed) {
      const model = store.get("model");
      if (!model) return;
      if (changed.has("model")) {
        cells.arrange(cellCount(model.grid), model.grid.width);
      }
      if (anyChanged(changed, ["model", "trace", "edited"])) markChanged();
      if (!anyChanged(changed, ["model", "focus", "pinned"])) return;
      const focused = store.get("focus");
      host.classList.toggle("is-focused", focused !== null);
      cells.mark((row) => {
        if (!focused) return "";
        const lit = stage === "reconstruction" ? focused.cells.has(row) : row === focused.row;
        if (focused.cell) return lit ? (store.get("pinned") ? "pinned" : "selected") : "";
        return focused.users.has(row) ? "lit" : "dim";
      });
    },
  };
}
