// @ts-check

import { cellsBetween, recode } from "../core/edits.js";
import { cellAt } from "../core/grid.js";

/** @typedef {import("../core/types.d.ts").Cell} Cell */

/**
 * Dragging over the grid paints its cells with the code on the brush. Without one, the pointer selects and pins.
 * @param {HTMLElement} host lies over the grid
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function createPainting(host, store) {
  /** @type {number | null} */
  let pointer = null;
  /** @type {Cell} */
  let last = [0, 0];
  /** Whether this drag has changed a cell: undo takes it back as a whole. */
  let painted = false;
  /** @type {DOMRect} */
  let rect;

  /**
   * @param {PointerEvent} event
   * @returns {Cell} the nearest one when the pointer is beside the grid
   */
  function locate(event) {
    const grid = store.get("model")?.grid ?? { height: 1, width: 1 };
    return cellAt(grid, (event.clientY - rect.top) / rect.height, (event.clientX - rect.left) / rect.width);
  }

  /** @param {PointerEvent} event */
  function paint(event) {
    const code = store.get("brushCode");
    if (code === null) return;
    const cell = locate(event);
    painted = recode(store, cellsBetween(last, cell), code, painted) || painted;
    last = cell;
  }

  host.addEventListener("pointerdown", (event) => {
    if (store.get("brushCode") === null || pointer !== null || event.button !== 0) return;
    pointer = event.pointerId;
    painted = false;
    rect = host.getBoundingClientRect();
    last = locate(event);
    paint(event);
  });
  // On the whole page, so that a stroke can leave the grid; a captured pointer would not hover cells.
  addEventListener("pointermove", (event) => event.pointerId === pointer && paint(event));
  for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
    addEventListener(end, (event) => {
      if (event.pointerId === pointer) pointer = null;
    });
  }

  return {
    update(changed) {
      // Without a brush, touch scrolls the page again.
      if (changed.has("brushCode")) host.classList.toggle("is-painted", store.get("brushCode") !== null);
    },
  };
}
