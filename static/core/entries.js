// @ts-check

import { cellAt, cellOf, rowOf, step } from "./grid.js";
import { hover, move, togglePin } from "./selection.js";

/** @typedef {import("./types.d.ts").Selection} Selection */

/**
 * A grid too fine for an element a cell: one element stands for the cell at hand, as ARIA has it for grids that are
 * shown in part, and the pointer is asked where it is.
 * @param {HTMLElement} host lies over the picture; gets the role of a grid, and its `data-label` as its name
 * @param {import("./types.d.ts").Store} store
 * @param {object} options
 * @param {import("./types.d.ts").Stage} options.stage
 * @param {(row: number, column: number) => Selection} options.select
 * @param {(row: number, column: number) => string} options.label
 */
export function createEntries(host, store, { stage, select, label }) {
  const cell = document.createElement("div");
  cell.className = "entry";
  cell.setAttribute("role", "gridcell");
  cell.setAttribute("tabindex", "0");
  const line = document.createElement("div");
  line.setAttribute("role", "row");
  line.append(cell);
  let rows = 0;
  let columns = 0;
  let current = 0;

  /** @param {number} index */
  function rove(index) {
    current = index;
    const [row, column] = cellOf(index, { width: columns });
    line.setAttribute("aria-rowindex", String(row + 1));
    cell.setAttribute("aria-colindex", String(column + 1));
    cell.setAttribute("aria-label", label(row, column));
    cell.style.left = `${(100 * column) / columns}%`;
    cell.style.top = `${(100 * row) / rows}%`;
  }

  /** @param {number} index */
  function point(index) {
    const [row, column] = cellOf(index, { width: columns });
    const entry = store.get("entry");
    if (entry?.stage !== stage || entry.row !== row || entry.column !== column) store.set("entry", { stage, row, column });
  }

  /** @param {number} index */
  const selection = (index) => select(...cellOf(index, { width: columns }));

  function leave() {
    if (store.get("entry")?.stage === stage) store.set("entry", null);
    hover(store, null);
  }

  /**
   * @param {MouseEvent} event
   * @returns {number}
   */
  function indexAt(event) {
    const { left, top, width, height } = host.getBoundingClientRect();
    const at = cellAt({ height: rows, width: columns }, (event.clientY - top) / height, (event.clientX - left) / width);
    return rowOf(at, { width: columns });
  }

  host.addEventListener("pointermove", (event) => {
    // A finger does not hover: its tap pins.
    if (!rows || event.pointerType === "touch") return;
    const index = indexAt(event);
    point(index);
    hover(store, selection(index));
  });
  host.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") leave();
  });
  host.addEventListener("click", (event) => {
    if (!rows) return;
    const index = indexAt(event);
    const pinned = togglePin(store, selection(index));
    rove(index);
    cell.focus({ preventScroll: true });
    point(index);
    const touch = /** @type {PointerEvent} */ (event).pointerType === "touch";
    if (!pinned && touch) leave();
  });
  cell.addEventListener("focus", () => {
    if (!rows) return;
    rove(current);
    point(current);
    hover(store, selection(current));
  });
  cell.addEventListener("blur", leave);
  cell.addEventListener("keydown", (event) => {
    if (event.key === "Escape") store.set("entry", null);
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      togglePin(store, selection(current));
      return;
    }
    const next = step(current, event.key, event.ctrlKey || event.metaKey, rows * columns, columns);
    if (next === null) return;
    event.preventDefault();
    rove(next);
    point(next);
    move(store, selection(next));
  });

  return {
    /**
     * @param {number} height
     * @param {number} width
     */
    arrange(height, width) {
      [rows, columns] = [height, width];
      host.setAttribute("role", "grid");
      host.setAttribute("aria-label", host.dataset.label ?? "");
      host.setAttribute("aria-rowcount", String(rows));
      host.setAttribute("aria-colcount", String(columns));
      cell.style.width = `${100 / columns}%`;
      cell.style.height = `${100 / rows}%`;
      host.replaceChildren(line);
      rove(0);
    },
  };
}
