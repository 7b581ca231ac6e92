// @ts-check

import { hide } from "../core/dom.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/**
 * The frame in which matrices that are wider than their place scroll sideways: hundreds of codes or channels. It shows at
 * which edges there is more, can be scrolled with the arrow keys, and follows the selection.
 * @param {HTMLElement} scroller
 * @param {HTMLElement} hint shown while there is something to scroll
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("../core/positions.js").Positions} positions
 * @returns {import("../core/types.d.ts").View}
 */
export function create(scroller, hint, store, positions) {
  /** What has been followed, so that the frame stays where the visitor scrolls it. */
  let followed = "";
  /** @type {number | null} */
  let wanted = null;

  /** @returns {number} how far it scrolls, in pixels */
  const extent = () => getComputedStyle(scroller).overflowX === "auto" ? scroller.scrollWidth - scroller.clientWidth : 0;

  function showEdges() {
    const most = extent();
    const scrolls = most > 1;
    hide(hint, !scrolls);
    scroller.classList.toggle("has-more-left", scroller.scrollLeft > 1);
    scroller.classList.toggle("has-more-right", scroller.scrollLeft < most - 1);
    if (scrolls) {
      scroller.tabIndex = 0;
      scroller.setAttribute("role", "region");
      scroller.setAttribute("aria-label", texts.page["quantizer.board"]);
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) scroller.removeAttribute(name);
    }
  }

  /** @returns {DOMRect | null} what has to be in sight: the entry with the focus, or else the distance to the code */
  function target() {
    const entry = store.get("entry");
    if (entry && scroller.contains(document.activeElement)) return positions.rect(entry.stage, entry.row, entry.column);
    const focused = store.get("focus");
    if (!focused || scroller.matches(":hover")) return null;
    return positions.rect("distances", null, focused.code);
  }

  function measure() {
    const focused = store.get("focus");
    const entry = store.get("entry");
    const key = focused || entry ? `${focused?.row} ${focused?.code} ${entry?.stage} ${entry?.row} ${entry?.column}` : "";
    if (key === followed || extent() <= 1) return null;
    followed = key;
    const rect = target();
    const frame = scroller.getBoundingClientRect();
    if (!rect || (rect.left >= frame.left && rect.right <= frame.right)) return null;
    return scroller.scrollLeft + (rect.left + rect.right - frame.left - frame.right) / 2;
  }

  scroller.addEventListener("scroll", showEdges, { passive: true });
  const observer = new ResizeObserver(showEdges);
  observer.observe(scroller);
  for (const child of scroller.children) observer.observe(child);

  return {
    read(changed) {
      wanted = anyChanged(changed, ["focus", "entry", "model", "layout"]) ? measure() : null;
    },
    update() {
      if (wanted !== null) scroller.scrollLeft = wanted;
      wanted = null;
    },
  };
}
