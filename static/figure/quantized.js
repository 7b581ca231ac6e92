// @ts-check

import { createCellGrid } from "../core/cell-grid.js";
import { createLayer, createPicture } from "../core/canvas.js";
import { shade } from "../core/colors.js";
import { drawCube, placeFront, ruleCube, shape } from "./cube.js";
import { find } from "../core/dom.js";
import { anyChanged } from "../core/store.js";
import { createWatch } from "../core/watch.js";
import { writeCodes } from "../core/write-codes.js";

/**
 * The quantized vectors as a cube: the front shows the codes, the sides show the embeddings' values in the codes' hues.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("../core/positions.js").Positions} positions
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, positions) {
  const host = find(element, ".cube");
  const data = createLayer(find(host, "canvas.data", HTMLCanvasElement), store);
  const rod = createLayer(find(host, "canvas.highlight", HTMLCanvasElement), store);
  const cells = createCellGrid(find(host, ".cells"), store, "quantized", positions);
  const moved = createWatch();
  const faces = { top: createPicture(), side: createPicture() };
  const ends = { top: createPicture(), side: createPicture() };
  placeFront(host);

  /**
   * @param {import("../core/types.d.ts").Model} model
   * @param {number} code
   * @param {number} d channel
   */
  const tint = (model, code, d) => model.palette.ramps[code][shade(model.embeddings[code][d], model.scale)];

  function paintData() {
    const model = store.get("model");
    const indices = store.get("shownIndices");
    if (!model || !indices) return;
    const { grid: { height, width }, embedding_dim: depth } = model;
    if (!moved(indices.join(), model, store.get("layout"))) return;
    data.paint((context) => {
      const s = shape(data, 1);
      drawCube(context, s, {
        top: faces.top.fill(width, depth, (x, y) => tint(model, indices[0][x], depth - 1 - y)),
        side: faces.side.fill(depth, height, (x, y) => tint(model, indices[y][width - 1], x)),
      });
      writeCodes(context, indices, model.palette, { left: 0, top: s.top, width: s.width, height: s.height });
      ruleCube(context, s, height, width);
    });
  }

  function paintRod() {
    const model = store.get("model");
    const focused = store.get("focus");
    const cell = focused?.cell;
    host.classList.toggle("has-rod", Boolean(cell));
    if (!model || !focused || !cell) return; // what was painted last is hidden
    rod.paint((context) => {
      const { grid: { height, width }, embedding_dim: depth } = model;
      const [i, j] = cell;
      const s = shape(rod, 1);
      drawCube(context, s, {
        top: ends.top.fill(1, depth, (_, y) => tint(model, focused.code, depth - 1 - y)),
        side: ends.side.fill(depth, 1, (x) => tint(model, focused.code, x)),
      }, { left: j / width, top: i / height, right: (j + 1) / width, bottom: (i + 1) / height });
      writeCodes(context, [[focused.code]], model.palette, {
        left: (j * s.width) / width,
        top: s.top + (i * s.height) / height,
        width: s.width / width,
        height: s.height / height,
      });
    });
  }

  return {
    update(changed) {
      if (anyChanged(changed, ["model", "shownIndices", "layout"])) paintData();
      if (anyChanged(changed, ["model", "focus", "layout"])) paintRod();
      cells.update(changed);
    },
  };
}
