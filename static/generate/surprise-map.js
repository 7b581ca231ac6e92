// @ts-check

import { createLayer, createPicture } from "../core/canvas.js";
import { createCellGrid } from "../core/cell-grid.js";
import { GREYS } from "../core/colors.js";
import { find, hide, setText } from "../core/dom.js";
import { cellCount, cellOf } from "../core/grid.js";
import { gridsOf, startOf } from "../core/level-codes.js";
import { atLevel } from "../core/level-store.js";
import { SIZE } from "../core/state.js";
import { anyChanged } from "../core/store.js";
import { generate } from "../texts/generate.js";
import { texts } from "../texts/texts.js";

/** Bits at which a cell has its full colour. */
const FULL = 8;

export const HEAT = [255, 96, 48];

/** Of the drawing's ink, so that the heat can be seen on it. */
const DIMMED = 0.55;

/**
 * The bits of a level's codes over the drawing: hidden where the model has no such level.
 * @param {HTMLElement} figure
 * @param {import("../core/types.d.ts").Store} page
 * @returns {import("../core/types.d.ts").View}
 */
export function createSurpriseMap(figure, page) {
  const id = figure.dataset.level ?? "";
  const { store, see } = atLevel(page, id);
  const map = createLayer(find(figure, "canvas", HTMLCanvasElement), page);
  const caption = find(figure, "figcaption");
  const drawing = createPicture();
  const cells = createCellGrid(find(figure, ".cells"), store, "indices", null, {
    label(name, row) {
      const score = page.get("score");
      const model = store.get("model");
      if (!score || !model) return name;
      const position = start() + row;
      return generate.surprise(cellOf(row, model.grid), score.codes[position], score.bits[position]);
    },
  });

  /** Position of the level's first cell among those of all levels. */
  function start() {
    const model = page.get("model");
    return model ? startOf(gridsOf(model), id) : 0;
  }

  /** @param {import("../core/types.d.ts").Model} model */
  function paint({ grid }) {
    const score = page.get("score");
    const pixels = page.get("trace")?.pixels;
    if (!score || !pixels) return;
    const own = score.bits.subarray(start(), start() + cellCount(grid));
    map.paint((context) => {
      drawing.fill(SIZE, SIZE, (x, y) => GREYS[Math.round(DIMMED * pixels[y * SIZE + x])]);
      context.drawImage(drawing.canvas, 0, 0, map.width, map.height);
      const [width, height] = [map.width / grid.width, map.height / grid.height];
      const size = Math.max(12, Math.min(16, 0.36 * width));
      context.font = `600 ${size}px ui-monospace, "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace`;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.lineWidth = 3;
      context.lineJoin = "round";
      context.strokeStyle = "#000";
      own.forEach((bits, row) => {
        const [i, j] = cellOf(row, grid);
        context.fillStyle = `rgb(${HEAT.join(" ")} / ${0.85 * Math.min(1, bits / FULL)})`;
        context.fillRect(j * width, i * height, width, height);
        context.fillStyle = "#fff";
        const text = bits.toFixed(1);
        context.strokeText(text, (j + 0.5) * width, (i + 0.5) * height);
        context.fillText(text, (j + 0.5) * width, (i + 0.5) * height);
      });
    });
    const says = generate.surpriseMap(Math.max(...own));
    setText(caption, page.get("layered") ? `${texts.figure.level(id, grid)}. ${says}` : says);
  }

  return see({
    update(changed) {
      const model = store.get("model");
      hide(figure, !model);
      if (!model) return;
      cells.update(changed);
      if (anyChanged(changed, ["model", "score", "layout", "trace"])) paint(model);
    },
  });
}
