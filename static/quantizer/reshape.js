// @ts-check

import { GREYS, shade } from "../core/colors.js";
import { createPicture } from "../core/canvas.js";
import { make } from "../core/dom.js";
import { cellCount, cellOf } from "../core/grid.js";
import { read } from "./matrices.js";
import { anyChanged } from "../core/store.js";
import { quantizer } from "../texts/quantizer.js";
import { texts } from "../texts/texts.js";

/** @typedef {import("../core/types.d.ts").Stage} Stage */

/** Of one flight, from the first start to the last, and of the pause after them, in milliseconds. */
const TIME = { flight: 900, spread: 1500, rest: 700 };

/** More flights at once cannot be followed: of a larger grid only the first cells fly. */
const MOST = 256;

/** @type {{ grid: Stage, rows: Stage, into: "rows" | "grid" }[]} */
const RESHAPES = [
  { grid: "features", rows: "feature_vectors", into: "rows" },
  { grid: "quantized", rows: "quantized_vectors", into: "grid" },
];

/**
 * Shows on demand which cell of the grid is which row: cell (i, j) flies to row W·i + j, and a row of the quantized
 * vectors back to its cell. With a cell selected, only that one. With reduced motion, cells and rows of one
 * colour are shown in place for a moment instead.
 * @param {HTMLElement} element lies over the matrices
 * @param {HTMLElement} button
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("../core/positions.js").Positions} positions
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, button, store, positions) {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {number | undefined} */
  let timer;

  function clear() {
    clearTimeout(timer);
    element.replaceChildren();
  }

  function show() {
    clear();
    const model = store.get("model");
    if (!model) return;
    const focused = store.get("focus");
    const { grid } = model;
    const all = Array.from({ length: Math.min(MOST, cellCount(grid)) }, (_, row) => row);
    const rows = focused?.cell ? [focused.row] : all;
    const area = element.getBoundingClientRect();
    // Everything is measured before anything is put on the page.
    const flights = RESHAPES.flatMap((reshape) => rows.map((row) => ({ reshape, row, ...ends(reshape, row, grid, area) })));
    for (const { reshape, row, cell, line } of flights) {
      if (!cell || !line) continue;
      const [i] = cellOf(row, grid);
      if (still.matches) element.append(box(cell, i), box(line, i));
      else fly(reshape, row, rows.length, cell, line);
    }
    timer = setTimeout(clear, TIME.flight + TIME.spread + 2 * TIME.rest);
  }

  /**
   * @param {typeof RESHAPES[number]} reshape
   * @param {number} row
   * @param {import("../core/grid.js").Grid} grid
   * @param {DOMRect} area
   */
  function ends(reshape, row, grid, area) {
    /** @param {DOMRect | null} rect */
    const within = (rect) => rect && new DOMRect(rect.x - area.x, rect.y - area.y, rect.width, rect.height);
    return { cell: within(positions.rect(reshape.grid, ...cellOf(row, grid))), line: within(positions.rect(reshape.rows, row)) };
  }

  /**
   * @param {typeof RESHAPES[number]} reshape
   * @param {number} row
   * @param {number} count
   * @param {DOMRect} cell
   * @param {DOMRect} line
   */
  function fly({ rows, into }, row, count, cell, line) {
    const reading = read(store.get("matrixSource"), rows);
    if (!reading) return;
    const picture = createPicture(document.createElement("canvas"));
    const flyer = picture.fill(reading.columns, 1, (x) => GREYS[shade(reading.value(row, x), reading.range(row, x))]);
    flyer.className = "flyer";
    flyer.style.width = `${line.width}px`;
    flyer.style.height = `${line.height}px`;
    element.append(flyer);
    const atLine = `translate(${line.x}px, ${line.y}px)`;
    const atCell = `translate(${cell.x}px, ${cell.y}px) scale(${cell.width / line.width}, ${cell.height / line.height})`;
    const way = into === "rows" ? [atCell, atLine] : [atLine, atCell];
    const start = count > 1 ? (TIME.spread * (row % MOST)) / count : 0;
    flyer.animate(
      [{ transform: way[0], opacity: 1 }, { transform: way[1], opacity: 1, offset: 0.9 }, { transform: way[1], opacity: 0 }],
      { duration: TIME.flight + TIME.rest, delay: start, easing: "cubic-bezier(0.5, 0, 0.2, 1)", fill: "both" },
    );
  }

  button.addEventListener("click", show);

  return {
    update(changed) {
      if (changed.has("model")) clear();
      if (!anyChanged(changed, ["focus", "pinned"])) return;
      const cell = store.get("focus")?.cell;
      button.textContent = cell && store.get("pinned") ? quantizer.reshapeCell(cell) : texts.page["quantizer.reshape"];
    },
  };
}

/**
 * @param {DOMRect} rect
 * @param {number} i row of the grid: neighbours alternate
 * @returns {HTMLElement}
 */
function box({ x, y, width, height }, i) {
  const element = make("div", `band${i % 2 ? " is-odd" : ""}`);
  element.style.translate = `${x}px ${y}px`;
  element.style.width = `${width}px`;
  element.style.height = `${height}px`;
  return element;
}
