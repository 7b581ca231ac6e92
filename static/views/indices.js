// @ts-check

import { createCellGrid } from "../cellgrid.js";
import { createLayer } from "../canvas.js";
import { find } from "../dom.js";
import { touches } from "../store.js";

/** Below this cell size in pixels a number could not be read and is left to the inspector. */
const LEAST_LABELLED = 16;

/**
 * A grid of codes in their colours, each with its number.
 * @param {CanvasRenderingContext2D} context
 * @param {number[][]} indices
 * @param {import("../types.d.ts").Palette} palette
 * @param {{ left: number, top: number, width: number, height: number }} area
 */
export function writeCodes(context, indices, palette, area) {
  const rows = indices.length;
  const columns = indices[0].length;
  const width = area.width / columns;
  const height = area.height / rows;
  const size = Math.max(12, Math.min(18, 0.46 * height));
  context.font = `600 ${size}px ui-monospace, "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const code = indices[i][j];
      const x = area.left + j * width;
      const y = area.top + i * height;
      context.fillStyle = palette.fill[code];
      // Half a pixel more, or the seams between the cells would let the page through.
      context.fillRect(x, y, width + 0.5, height + 0.5);
      if (width < LEAST_LABELLED) continue;
      context.fillStyle = palette.ink[code];
      context.fillText(String(code), x + width / 2, y + height / 2 + 0.04 * size);
    }
  }
}

/**
 * The numbers of the winning codes: all that is kept of the drawing.
 * @param {HTMLElement} element
 * @param {import("../types.d.ts").Store} store
 * @param {import("../anchors.js").Anchors} anchors
 * @returns {import("../types.d.ts").View}
 */
export function create(element, store, anchors) {
  const layer = createLayer(find(element, "canvas.data", HTMLCanvasElement), store);
  const cells = createCellGrid(find(element, ".cells"), store, "indices", anchors);

  return {
    update(changed) {
      const model = store.get("model");
      const trace = store.get("trace");
      if (touches(changed, ["model", "trace", "layout"]) && model && trace?.model === model.name) {
        layer.paint((context) => {
          const { width, height } = layer;
          writeCodes(context, trace.indices, model.palette, { left: 0, top: 0, width, height });
        });
      }
      cells.update(changed);
    },
    destroy() {
      layer.destroy();
      cells.destroy();
    },
  };
}
