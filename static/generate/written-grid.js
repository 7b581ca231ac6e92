// @ts-check

import { createLayer } from "../core/canvas.js";
import { find, hide, setText } from "../core/dom.js";
import { cellCount, cellOf } from "../core/grid.js";
import { gridsOf, startOf, toRows } from "../core/level-codes.js";
import { atLevel } from "../core/level-store.js";
import { createRovingGrid } from "../core/roving-grid.js";
import { anyChanged } from "../core/store.js";
import { generate } from "../texts/generate.js";
import { texts } from "../texts/texts.js";
import { writeCodes } from "../core/write-codes.js";

/**
 * The codes of a level that are written: hidden where the model has no such level.
 * @param {HTMLElement} figure
 * @param {import("../core/types.d.ts").Store} page
 * @param {(position: number) => void} moveTo a cell among those of all levels
 * @returns {import("../core/types.d.ts").View}
 */
export function createWrittenGrid(figure, page, moveTo) {
  const id = figure.dataset.level ?? "";
  const { store, see } = atLevel(page, id);
  const layer = createLayer(find(figure, "canvas", HTMLCanvasElement), page);
  const caption = find(figure, "figcaption");
  const cells = createRovingGrid(find(figure, ".cells"), store, {
    select: (row) => ({ cell: null, code: codeAt(row), stage: "indices" }),
    label: labelOf,
    take: (row) => (moveTo(start() + row), true),
  });

  /** Position of the level's first cell among those of all levels. */
  function start() {
    const model = page.get("model");
    return model ? startOf(gridsOf(model), id) : 0;
  }

  /**
   * @param {number} row
   * @returns {number | null} its code if it is written
   */
  function codeAt(row) {
    const position = start() + row;
    return position < page.get("written") ? page.get("writing")?.codes[position] ?? null : null;
  }

  /** @param {number} row */
  function isOverruled(row) {
    return Boolean(page.get("writing")?.overruled.includes(start() + row));
  }

  /** @param {number} row */
  function labelOf(row) {
    const grid = store.get("model")?.grid ?? { width: 1 };
    return generate.writtenCell(cellOf(row, grid), codeAt(row), isOverruled(row));
  }

  /** @param {import("../core/types.d.ts").Model} model */
  function paint({ grid, palette }) {
    const count = cellCount(grid);
    const codes = Array.from({ length: count }, (_, row) => codeAt(row));
    layer.paint((context) => {
      const { width, height } = layer;
      writeCodes(context, toRows(codes, grid), palette, { left: 0, top: 0, width, height });
    });
    const written = Math.min(count, Math.max(0, page.get("written") - start()));
    cells.mark((row) => row === page.get("written") - start() ? "pinned" : "");
    codes.forEach((_, row) => {
      const item = cells.element(row);
      item?.toggleAttribute("data-changed", isOverruled(row) && row < written);
      item?.setAttribute("aria-label", labelOf(row));
    });
    const bits = page.get("writing")?.bits.slice(start(), start() + written).reduce((sum, value) => sum + value, 0) ?? 0;
    const says = generate.written(written, count, bits);
    setText(caption, page.get("layered") ? `${texts.figure.level(id, grid)}: ${says}` : says);
  }

  return see({
    update(changed) {
      const model = store.get("model");
      hide(figure, !model);
      if (!model) return;
      if (changed.has("model")) cells.arrange(cellCount(model.grid), model.grid.width);
      if (anyChanged(changed, ["model", "writing", "written", "layout"])) paint(model);
    },
  });
}
