// @ts-check

import { step } from "./grid.js";
import { hover, move, togglePin } from "./selection.js";

/** @typedef {import("./types.d.ts").Selection} Selection */

/**
 * An invisible grid of elements over a picture: what can be pointed at, focused and tapped, and where highlights are
 * shown, so that the picture below need not be painted again.
 * @param {HTMLElement} host gets the role of a grid, and its `data-label` as its name
 * @param {import("./types.d.ts").Store} store
 * @param {object} options
 * @param {(index: number) => Selection} options.select what an item stands for
 * @param {(index: number) => string} options.label what an item is called, asked when it gets the focus
 * @param {(index: number) => boolean} [options.take] asked when an item is clicked or entered; true when it was used for
 *   something else than pinning
 */
export function createCells(host, store, { select, label, take = () => false }) {
  /** @type {HTMLElement[]} */
  let items = [];
  let width = 0;
  let current = 0;

  /**
   * @param {Event} event
   * @returns {number} −1 between the items
   */
  function indexOf(event) {
    const target = event.target instanceof Element ? event.target.closest("[data-item]") : null;
    return target instanceof HTMLElement ? Number(target.dataset.item) : -1;
  }

  /** @param {number} index */
  function rove(index) {
    items[current]?.setAttribute("tabindex", "-1");
    current = index;
    items[current].setAttribute("tabindex", "0");
    items[current].setAttribute("aria-label", label(index));
  }

  host.addEventListener("pointerover", (event) => {
    const index = indexOf(event);
    // A finger does not hover: its tap pins.
    if (index >= 0 && event.pointerType !== "touch") hover(store, select(index));
  });
  host.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") hover(store, null);
  });
  host.addEventListener("focusin", (event) => {
    const index = indexOf(event);
    if (index < 0) return;
    rove(index);
    hover(store, select(index));
  });
  host.addEventListener("focusout", (event) => {
    if (!host.contains(/** @type {Node | null} */ (event.relatedTarget))) hover(store, null);
  });
  host.addEventListener("click", (event) => {
    const index = indexOf(event);
    if (index < 0 || take(index)) return;
    const pinned = togglePin(store, select(index));
    const touch = /** @type {PointerEvent} */ (event).pointerType === "touch";
    if (!pinned && touch) hover(store, null);
  });
  host.addEventListener("keydown", (event) => {
    const index = indexOf(event);
    if (index < 0) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (!take(index)) togglePin(store, select(index));
      return;
    }
    const next = step(index, event.key, event.ctrlKey || event.metaKey, items.length, width);
    if (next === null) return;
    event.preventDefault();
    rove(next);
    items[next].focus();
    move(store, select(next));
  });

  return {
    /**
     * @param {number} count
     * @param {number} columns
     * @param {(index: number) => Node[]} [content]
     * @returns {HTMLElement[]} the items
     */
    arrange(count, columns, content = () => []) {
      width = columns;
      current = 0;
      // Only now, since a grid without rows would promise what is not there yet.
      host.setAttribute("role", "grid");
      host.setAttribute("aria-label", host.dataset.label ?? "");
      host.style.setProperty("--columns", String(columns));
      host.style.setProperty("--rows", String(Math.ceil(count / columns)));
      items = Array.from({ length: count }, (_, index) => {
        const item = document.createElement("div");
        item.setAttribute("role", "gridcell");
        item.setAttribute("tabindex", index === 0 ? "0" : "-1");
        item.setAttribute("aria-label", label(index));
        item.className = "cell";
        item.dataset.item = String(index);
        item.append(...content(index));
        return item;
      });
      const rows = [];
      for (let start = 0; start < count; start += columns) {
        const row = document.createElement("div");
        row.setAttribute("role", "row");
        row.className = "cells-row";
        row.append(...items.slice(start, start + columns));
        rows.push(row);
      }
      host.replaceChildren(...rows);
      return items;
    },

    /** @param {(index: number) => string} mark "" or what the style sheet shows: selected, pinned, lit, dim, second */
    mark(mark) {
      items.forEach((item, index) => {
        const wanted = mark(index);
        if ((item.dataset.mark ?? "") === wanted) return;
        if (wanted) item.dataset.mark = wanted;
        else delete item.dataset.mark;
        if (wanted === "selected" || wanted === "pinned") item.setAttribute("aria-selected", "true");
        else item.removeAttribute("aria-selected");
      });
    },

    /**
     * @param {number} index
     * @returns {HTMLElement | undefined}
     */
    item: (index) => items[index],
  };
}

/** @typedef {ReturnType<typeof createCells>} Cells */
