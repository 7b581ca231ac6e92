// @ts-check

import { anyChanged } from "./store.js";

const SVG = "http://www.w3.org/2000/svg";

/** @type {import("./types.d.ts").Key[]} */
const KEYS = ["focus", "model", "layout"];

/** @typedef {(rect: DOMRect | null) => DOMRect | null} Here from the window's coordinates to the overlay's */

/**
 * Lines over the page that follow the selected cell, in the colour of its code.
 * @param {SVGSVGElement} element
 * @param {import("./types.d.ts").Store} store
 * @param {string[]} names of the paths, from back to front; "casing" gets the same path as "line"
 * @param {(focused: import("./selection.js").Focus, here: Here) => Record<string, string> | null} measure
 *   returns the `d` of each path; the only place that reads the page's layout
 * @returns {import("./types.d.ts").View}
 */
export function createOverlay(element, store, names, measure) {
  const host = /** @type {HTMLElement} */ (element.parentElement);
  const paths = names.map((name) => {
    const path = document.createElementNS(SVG, "path");
    path.classList.add(`link-${name}`);
    element.append(path);
    return { name: name === "casing" ? "line" : name, path };
  });
  /** @type {Record<string, string> | null} */
  let drawn = null;

  function look() {
    const focused = store.get("focus");
    if (!focused?.cell) return null;
    // The host's, since a hidden overlay has no position.
    const { left, top } = host.getBoundingClientRect();
    return measure(focused, (rect) => rect && new DOMRect(rect.x - left, rect.y - top, rect.width, rect.height));
  }

  function draw() {
    element.toggleAttribute("hidden", !drawn);
    const focused = store.get("focus");
    const model = store.get("model");
    if (!drawn || !focused || !model) return;
    element.style.setProperty("--code", model.palette.fill[focused.code]);
    for (const { name, path } of paths) path.setAttribute("d", drawn[name]);
  }

  // Other views write after this one has measured: a longer text may move what the lines lead to.
  new ResizeObserver(() => {
    drawn = look();
    draw();
  }).observe(host);

  return {
    read(changed) {
      if (anyChanged(changed, KEYS)) drawn = look();
    },
    update(changed) {
      if (anyChanged(changed, KEYS)) draw();
    },
  };
}
