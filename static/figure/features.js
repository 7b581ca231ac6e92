// @ts-check

import { createCellGrid } from "../core/cell-grid.js";
import { createLayer, createPicture } from "../core/canvas.js";
import { GREYS, shade } from "../core/colors.js";
import { drawCube, placeFront, ruleCube, shape } from "./cube.js";
import { formatNumber } from "../core/format.js";
import { anyChanged } from "../core/store.js";
import { createWatch } from "../core/watch.js";
import { find } from "../core/dom.js";

/**
 * The encoder's output as a cube of grey values. A slider removes slices from the front to show each channel; pointing at
 * a cell highlights its vector through the cube.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("../core/positions.js").Positions} positions
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, positions) {
  const host = find(element, ".cube");
  const data = createLayer(find(host, "canvas.data", HTMLCanvasElement), store);
  const rod = createLayer(find(host, "canvas.highlight", HTMLCanvasElement), store);
  const cells = createCellGrid(find(host, ".cells"), store, "features", positions);
  const slider = find(element, "input[name=channel]", HTMLInputElement);
  const moved = createWatch();
  const faces = { front: createPicture(), top: createPicture(), side: createPicture() };
  const ends = { front: createPicture(), top: createPicture(), side: createPicture() };
  placeFront(host);
  slider.addEventListener("input", () => store.set("channel", Number(slider.value)));

  function paintData() {
    const model = store.get("model");
    const tensor = store.get("trace")?.features;
    if (!model || !tensor) return;
    const [height, width, depth] = tensor.shape;
    const first = store.get("shownChannel");
    if (!moved(tensor, model, first, store.get("layout"))) return;
    const left = depth - first;
    /** @type {(i: number, j: number, d: number) => number} */
    const grey = (i, j, d) => GREYS[shade(tensor.data[(i * width + j) * depth + d], model.scale)];
    data.paint((context) => {
      const s = shape(data, left / depth);
      drawCube(context, s, {
        front: faces.front.fill(width, height, (x, y) => grey(y, x, first)),
        top: faces.top.fill(width, left, (x, y) => grey(0, x, depth - 1 - y)),
        side: faces.side.fill(left, height, (x, y) => grey(y, width - 1, first + x)),
      });
      ruleCube(context, s, height, width);
    });
  }

  function paintRod() {
    const model = store.get("model");
    const tensor = store.get("trace")?.features;
    const focused = store.get("focus");
    const cell = focused?.cell;
    host.classList.toggle("has-rod", Boolean(cell));
    if (!model || !tensor || !focused || !cell) return; // what was painted last is hidden
    rod.paint((context) => {
      const [height, width, depth] = tensor.shape;
      const first = store.get("shownChannel");
      const left = depth - first;
      /** @param {number} d */
      const grey = (d) => GREYS[shade(tensor.data[focused.row * depth + d], model.scale)];
      const [i, j] = cell;
      drawCube(context, shape(rod, left / depth), {
        front: ends.front.fill(1, 1, () => grey(first)),
        top: ends.top.fill(1, left, (_, y) => grey(depth - 1 - y)),
        side: ends.side.fill(left, 1, (x) => grey(first + x)),
      }, { left: j / width, top: i / height, right: (j + 1) / width, bottom: (i + 1) / height });
    });
  }

  function describe() {
    const model = store.get("model");
    if (!model) return;
    const channel = String(store.get("shownChannel"));
    slider.max = String(model.embedding_dim - 1);
    slider.value = channel;
    find(element, "output").textContent = channel;
    find(element, ".low").textContent = formatNumber(model.scale.low);
    find(element, ".high").textContent = formatNumber(model.scale.high);
  }

  return {
    update(changed) {
      if (anyChanged(changed, ["model", "shownChannel"])) describe();
      if (anyChanged(changed, ["model", "trace", "shownChannel", "layout"])) paintData();
      if (anyChanged(changed, ["model", "trace", "shownChannel", "layout", "focus"])) paintRod();
      cells.update(changed);
    },
  };
}
