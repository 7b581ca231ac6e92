// @ts-check

import { createCellGrid } from "../core/cell-grid.js";
import { createLayer } from "../core/canvas.js";
import { find } from "../core/dom.js";
import { cellOf } from "../core/grid.js";
import { recode } from "../core/edits.js";
import { anyChanged } from "../core/store.js";
import { createWatch } from "../core/watch.js";
import { writeCodes } from "../core/write-codes.js";
import { createPainting } from "./painting.js";

/**
 * The grid of code numbers. With a code on the brush, cells can be painted.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("../core/positions.js").Positions} positions
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, positions) {
  const layer = createLayer(find(element, "canvas.data", HTMLCanvasElement), store);
  const host = find(element, ".cells");
  const cells = createCellGrid(host, store, "indices", positions, { take: paintCell });
  const painting = createPainting(host, store);
  const moved = createWatch();

  /**
   * @param {number} row
   * @returns {boolean} whether there was a code on the brush
   */
  function paintCell(row) {
    const code = store.get("brushCode");
    const model = store.get("model");
    if (code === null || !model) return false;
    recode(store, [cellOf(row, model.grid)], code);
    return true;
  }

  function paint() {
    const model = store.get("model");
    const indices = store.get("shownIndices");
    // Most strokes leave the codes unchanged.
    if (!model || !indices || !moved(indices.join(), model, store.get("layout"))) return;
    const { width, height } = layer;
    layer.paint((context) => writeCodes(context, indices, model.palette, { left: 0, top: 0, width, height }));
  }

  return {
    update(changed) {
      if (anyChanged(changed, ["model", "shownIndices", "layout"])) paint();
      cells.update(changed);
      painting.update(changed);
    },
  };
}
