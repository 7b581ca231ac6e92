// @ts-check

import { step } from "./grid.js";
import { hover, move, togglePin } from "./selection.js";

/** @typedef {import("./types.d.ts").Point} Point */
/** @typedef {import("./types.d.ts").Selection} Selection */

/**
 * Points of a picture that can be pointed at, and walked through in their order with the arrow keys. One element stands
 * for the point at hand, as ARIA has it for grids that are shown in part.
 * @param {HTMLElement} host lies over the picture; gets the role of a grid of one row, and its `data-label` as its name
 * @param {import("./types.d.ts").Store} store
 * @param {object} options
 * @param {(n: number) => Selection} options.select what a point stands for
 * @param {(n: number) => string} options.label
 * @param {(n: number) => Point} options.place where it stands, in CSS pixels
 * @param {(at: Point) => Selection | null} options.find what lies under the pointer
 */
export function createScatter(host, store, { select, label, place, find }) {
  const point = document.createElement("div");
  point.className = "scatter-point";
  point.setAttribute("role", "gridcell");
  point.setAttribute("tabindex", "0");
  const line = document.createElement("div");
  line.setAttribute("role", "row");
  line.append(point);
  let count = 0;
  let current = 0;

  function stand() {
    const [x, y] = place(current);
    point.style.translate = `${x}px ${y}px`;
    point.setAttribute("aria-colindex", String(current + 1));
    point.setAttribute("aria-label", label(current));
  }

  /**
   * @param {MouseEvent} event
   * @returns {Selection | null}
   */
  function under(event) {
    const { left, top } = host.getBoundingClientRect();
    return count ? find([event.clientX - left, event.clientY - top]) : null;
  }

  host.addEventListener("pointermove", (event) => {
    // A finger does not hover: its tap pins.
    if (event.pointerType !== "touch") hover(store, under(event));
  });
  host.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") hover(store, null);
  });
  host.addEventListener("click", (event) => {
    const found = under(event);
    if (!found) return;
    const pinned = togglePin(store, found);
    const touch = /** @type {PointerEvent} */ (event).pointerType === "touch";
    if (!pinned && touch) hover(store, null);
  });
  point.addEventListener("focus", () => {
    if (!count) return;
    stand();
    hover(store, select(current));
  });
  point.addEventListener("blur", () => hover(store, null));
  point.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      togglePin(store, select(current));
      return;
    }
    // The points lie in no rows: down is on, up is back.
    const key = { ArrowDown: "ArrowRight", ArrowUp: "ArrowLeft" }[event.key] ?? event.key;
    const next = step(current, key, true, count, count);
    if (next === null) return;
    event.preventDefault();
    current = next;
    stand();
    move(store, select(current));
  });

  return {
    /** @param {number} points */
    arrange(points) {
      count = points;
      current = 0;
      host.setAttribute("role", "grid");
      host.setAttribute("aria-label", host.dataset.label ?? "");
      host.setAttribute("aria-rowcount", "1");
      host.setAttribute("aria-colcount", String(count));
      line.setAttribute("aria-rowindex", "1");
      host.replaceChildren(line);
      stand();
    },

    /** Puts the point at hand where it stands now, after the picture was drawn anew. */
    stand,
  };
}
