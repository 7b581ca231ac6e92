// @ts-check

import { createCellGrid } from "../core/cell-grid.js";
import { createLayer, createPicture } from "../core/canvas.js";
import { find } from "../core/dom.js";
import { cellOf } from "../core/grid.js";
import { createPainting } from "../experiments/painting.js";
import { recode } from "../experiments/edits.js";
import { anyChanged } from "../core/store.js";
import { createWatch } from "../core/watch.js";

/** In cells narrower than their numbers these could not be read, and are left to the inspector. In pixels. */
const LEAST = { font: 12, cell: 16, digit: 7.2 };

/** All squares of a grid at once, a pixel each. */
const squares = createPicture();

/**
 * A grid of codes in their colours, each with its number.
 * @param {CanvasRenderingContext2D} context
 * @param {number[][]} indices
 * @param {import("../core/types.d.ts").Palette} palette
 * @param {{ left: number, top: number, width: number, height: number }} area
 */
export function writeCodes(context, indices, palette, area) {
  const rows = indices.length;
  const columns = indices[0].length;
  const width = area.width / columns;
  const height = area.height / rows;
  squares.fill(columns, rows, (j, i) => palette.packed[indices[i][j]]);
  context.drawImage(squares.canvas, area.left, area.top, area.width, area.height);
  const digits = String(palette.fill.length - 1).length;
  if (width < Math.max(LEAST.cell, digits * LEAST.digit)) return;
  const size = Math.max(LEAST.font, Math.min(18, 0.46 * height, (LEAST.font * width) / (digits * LEAST.digit + 4)));
  context.font = `600 ${size}px ui-monospace, "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  let set = "";
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const code = indices[i][j];
      const ink = palette.ink[code];
      // Setting a colour parses it, even the one that is set.
      if (ink !== set) context.fillStyle = set = ink;
      context.fillText(String(code), area.left + (j + 0.5) * width, area.top + (i + 0.5) * height + 0.04 * size);
    }
  }
}

/**
 * The numbers of the winning codes: all that is kept of the drawing. With a code on the brush they can be changed.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("../core/anchors.js").Anchors} anchors
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, anchors) {
  const layer = createLayer(find(element, "canvas.data", HTMLCanvasElement), store);
  const host = find(element, ".cells");
  const cells = createCellGrid(host, store, "indices", anchors, { take: paintCell });
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

  return {
    update(changed) {
      const model = store.get("model");
      const trace = store.get("trace");
      const indices = anyChanged(changed, ["model", "trace", "edited", "layout"]) ? store.get("shownIndices") : null;
      const fits = model && indices && trace?.model === model.name;
      // From one stroke to the next most codes are the same.
      if (fits && moved(indices.join(), model, store.get("layout"))) {
        layer.paint((context) => {
          const { width, height } = layer;
          writeCodes(context, indices, model.palette, { left: 0, top: 0, width, height });
        });
      }
      cells.update(changed);
      painting.update(changed);
    },
  };
}
