// @ts-check

import { createShownPicture, createStill } from "../core/canvas.js";
import { GREYS } from "../core/colors.js";
import { find, hide, setText } from "../core/dom.js";
import { cellAt, cellCount, cellOf, rowOf } from "../core/grid.js";
import { stageAt } from "../core/levels.js";
import { SIZE } from "../core/state.js";
import { anyChanged } from "../core/store.js";
import { drawings } from "../texts/drawings.js";

/** @typedef {import("../core/types.d.ts").Model} Model */
/** Drawings of the visitor that are shown. */
const MOST = 6;

/**
 * How many test digits have a code in each cell.
 * @param {number[]} counts of all codes
 * @param {number} code
 * @param {number} cells
 */
export function placesOf(counts, code, cells) {
  const own = counts.slice(code * cells, (code + 1) * cells);
  const most = Math.max(...own);
  // Every digit has some code in the first cell.
  let digits = 0;
  for (let n = 0; n < counts.length; n += cells) digits += counts[n];
  return { own, most, at: own.indexOf(most), digits };
}

/**
 * Where the test digits have the selected code, and the visitor's drawings that have it.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("../core/codes-of.js").CodesOf} codesOf
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, codesOf) {
  const picture = createShownPicture(find(element, "canvas", HTMLCanvasElement));
  const [where, who] = element.querySelectorAll("p");
  const own = find(element, ".own-drawings");
  /** Counts what is shown: codes of a drawing that come too late are dropped. */
  let turn = 0;

  /**
   * @param {Model} model
   * @param {number} code
   * @param {number[]} counts
   */
  function paint({ grid, palette }, code, counts) {
    const { own, most, at, digits } = placesOf(counts, code, cellCount(grid));
    picture.paint(grid.width, grid.height, (x, y) => palette.ramps[code][Math.round(255 * own[rowOf([y, x], grid)] / (most || 1))]);
    setText(where, drawings.places(code, most, digits, cellOf(at, grid)));
  }

  /**
   * @param {Model} model
   * @param {number} code
   */
  async function gather(model, code) {
    const mine = ++turn;
    const stage = stageAt("indices", store.get("readAt"));
    const past = store.get("past");
    /** @type {HTMLImageElement[]} */
    const found = [];
    for (const pixels of past) {
      const codes = await codesOf(pixels);
      if (mine !== turn) return;
      const indices = codes && Reflect.get(codes, stage).flat();
      if (!indices?.includes(code)) continue;
      const { grid, palette } = model;
      const image = createStill(SIZE, SIZE, (x, y) => {
        const row = rowOf(cellAt(grid, y / SIZE, x / SIZE), grid);
        return (indices[row] === code ? palette.ramps[code] : GREYS)[pixels[y * SIZE + x]];
      }, "own-drawing");
      found.push(image);
    }
    own.replaceChildren(...found.slice(0, MOST));
    setText(who, past.length ? drawings.ownDrawings(found.length, past.length) : "");
  }

  return {
    update(changed) {
      if (!anyChanged(changed, ["model", "focus", "usages", "past"])) return;
      const model = store.get("model");
      const focused = store.get("focus");
      const code = focused && !focused.cell ? focused.code : null;
      const counts = model ? store.get("usages")[model.name]?.[store.get("readAt")] : undefined;
      const shown = model && code !== null && counts?.length && cellCount(model.grid) > 1;
      hide(element, !shown);
      if (!shown) return;
      paint(model, code, counts);
      gather(model, code);
    },
  };
}
