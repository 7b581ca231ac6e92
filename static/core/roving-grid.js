// @ts-check

import { cellAt, cellOf, rowOf, step } from "./grid.js";
import { hover, move, togglePin } from "./selection.js";

/** @typedef {import("./types.d.ts").Point} Point */
/** @typedef {import("./types.d.ts").Selection} Selection */

/**
 * A grid of items over a picture that can be hovered, tapped, and walked through with the arrow keys; one of them is in the
 * tab order (a roving tabindex).
 *
 * A small grid has an element for each item, which also shows the item's mark, so that the picture below is not
 * painted again. A large one has a single element, which moves to the current item: the ARIA pattern for a grid of which
 * only a part is in the DOM.
 * @param {HTMLElement} host gets the role of a grid, and its `data-label` as its name
 * @param {import("./types.d.ts").Store} store
 * @param {object} options
 * @param {(item: number) => Selection} options.select
 * @param {(item: number) => string} options.label name of an item, asked again when it gets the focus
 * @param {(item: number) => boolean} [options.take] asked when an item is clicked or entered; true when that was used
 *   for something else than pinning
 * @param {(item: number | null) => void} [options.point] gets the item under the pointer or with the focus
 * @param {boolean} [options.single] one element for all items
 * @param {{ place: (item: number) => Point, find: (at: Point) => number }} [options.scattered] for a single element:
 *   where items are, in CSS pixels from the host, if not in rows and columns that fill it. `find` returns −1 where there
 *   is none; it may return items beyond the last, which only the pointer reaches
 */
export function createRovingGrid(host, store, { select, label, take = () => false, point = () => {}, single = false, scattered }) {
  /** @type {HTMLElement[]} */
  let elements = [];
  let count = 0;
  let width = 1;
  let current = 0;

  /** @param {number} item */
  const elementOf = (item) => elements[single ? 0 : item];

  /**
   * @param {Event} event
   * @returns {number} the item whose element it happened to, −1 if to none
   */
  function itemOf(event) {
    if (single) return current;
    const element = event.target instanceof Element ? event.target.closest("[data-item]") : null;
    return element instanceof HTMLElement ? Number(element.dataset.item) : -1;
  }

  /**
   * @param {MouseEvent} event
   * @returns {number} the item under the pointer, −1 if there is none
   */
  function itemAt(event) {
    if (!single) return itemOf(event);
    if (!count) return -1;
    const box = host.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    if (scattered) return scattered.find([x, y]);
    return rowOf(cellAt({ height: count / width, width }, y / box.height, x / box.width), { width });
  }

  function place() {
    const [element] = elements;
    const [row, column] = cellOf(current, { width });
    element.parentElement?.setAttribute("aria-rowindex", String(row + 1));
    element.setAttribute("aria-colindex", String(column + 1));
    if (scattered) {
      const [x, y] = scattered.place(current);
      element.style.translate = `${x}px ${y}px`;
    } else {
      element.style.width = `${100 / width}%`;
      element.style.height = `${(100 * width) / count}%`;
      element.style.left = `${(100 * column) / width}%`;
      element.style.top = `${(100 * row * width) / count}%`;
    }
  }

  /** @param {number} item */
  function rove(item) {
    elementOf(current).tabIndex = -1;
    current = item;
    if (single) place();
    elementOf(item).tabIndex = 0;
    elementOf(item).setAttribute("aria-label", label(item));
  }

  /**
   * Where Tab comes in, while the focus is elsewhere.
   * @param {number} item
   */
  function rest(item) {
    if (item !== current && !host.contains(document.activeElement)) rove(item);
  }

  /** @param {number} item */
  function enter(item) {
    point(item);
    hover(store, select(item));
  }

  function leave() {
    point(null);
    hover(store, null);
  }

  /** @param {number} item */
  function makeElement(item) {
    const element = document.createElement("div");
    element.className = single ? "entry" : "cell";
    element.setAttribute("role", "gridcell");
    element.setAttribute("aria-label", label(item));
    element.tabIndex = item === 0 ? 0 : -1;
    if (!single) element.dataset.item = String(item);
    return element;
  }

  /** @param {HTMLElement[]} content */
  function makeRow(content) {
    const row = document.createElement("div");
    row.setAttribute("role", "row");
    if (!single) row.className = "cells-row";
    row.append(...content);
    return row;
  }

  // A finger does not hover: its tap pins.
  host.addEventListener(single ? "pointermove" : "pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const item = itemAt(event);
    if (item >= 0) enter(item);
    else if (single) leave();
  });
  host.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") leave();
  });
  host.addEventListener("focusin", (event) => {
    const item = itemOf(event);
    if (item < 0) return;
    rove(item);
    enter(item);
  });
  host.addEventListener("focusout", (event) => {
    const { relatedTarget } = event;
    if (host.contains(/** @type {Node | null} */ (relatedTarget))) return;
    point(null);
    // What shows the selection would vanish with it, and the focus that it just got.
    if (!(relatedTarget instanceof Element && relatedTarget.closest("[data-keeps-selection]"))) hover(store, null);
  });
  host.addEventListener("click", (event) => {
    const item = itemAt(event);
    if (item < 0 || take(item)) return;
    const pinned = togglePin(store, select(item));
    if (single && item < count) {
      rove(item);
      elements[0].focus({ preventScroll: true });
      point(item);
    }
    const touch = /** @type {PointerEvent} */ (event).pointerType === "touch";
    if (!pinned && touch) leave();
  });
  host.addEventListener("keydown", (event) => {
    const item = itemOf(event);
    if (item < 0) return;
    if (event.key === "Escape") point(null);
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (!take(item)) togglePin(store, select(item));
      return;
    }
    const next = step(item, event.key, event.ctrlKey || event.metaKey, count, width);
    if (next === null) return;
    event.preventDefault();
    rove(next);
    elementOf(next).focus();
    point(next);
    move(store, select(next));
  });

  return {
    /**
     * @param {number} items
     * @param {number} columns
     * @param {(item: number) => Node[]} [content] of an item's element
     */
    arrange(items, columns, content = () => []) {
      count = items;
      width = columns;
      current = 0;
      const rows = Math.ceil(count / columns);
      // Only now, since a grid without rows is an error in ARIA.
      host.setAttribute("role", "grid");
      host.setAttribute("aria-label", host.dataset.label ?? "");
      host.style.setProperty("--columns", String(columns));
      host.style.setProperty("--rows", String(rows));
      elements = Array.from({ length: single ? 1 : count }, (_, item) => makeElement(item));
      if (single) {
        host.setAttribute("aria-rowcount", String(rows));
        host.setAttribute("aria-colcount", String(columns));
        host.replaceChildren(makeRow(elements));
        place();
        return;
      }
      elements.forEach((element, item) => element.append(...content(item)));
      host.replaceChildren(...Array.from({ length: rows }, (_, row) =>
        makeRow(elements.slice(row * columns, (row + 1) * columns))
      ));
    },

    /** @param {(item: number) => string} mark "" or what the style sheet shows: selected, pinned, lit, dim, second */
    mark(mark) {
      elements.forEach((element, item) => {
        const wanted = mark(item);
        if ((element.dataset.mark ?? "") === wanted) return;
        if (wanted === "pinned") rest(item);
        if (wanted) element.dataset.mark = wanted;
        else delete element.dataset.mark;
        if (wanted === "selected" || wanted === "pinned") element.setAttribute("aria-selected", "true");
        else element.removeAttribute("aria-selected");
      });
    },

    /**
     * @param {number} item
     * @returns {HTMLElement | undefined}
     */
    element: (item) => elements[item],

    /**
     * @param {number} item
     * @returns {DOMRect | null} of its element, null while that is not shown; of an item that was scrolled out of a long
     *   grid, the edge where it went
     */
    rect(item) {
      const rect = elements[item]?.getBoundingClientRect();
      if (!rect?.width) return null;
      const { top, bottom } = host.getBoundingClientRect();
      return new DOMRect(rect.x, Math.max(top, Math.min(rect.y, bottom - rect.height)), rect.width, rect.height);
    },

    rest,

    /** Puts the single element where its item is now. */
    place,
  };
}
