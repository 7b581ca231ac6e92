// @ts-check

import { hover } from "./selection.js";

/**
 * Elements with `data-term` stand for what a line of code computes. Pointing at one or focusing it selects that stage or
 * loss; the element is lit while its stage or loss is selected anywhere.
 * @param {HTMLElement} element
 * @param {import("./types.d.ts").Store} store
 * @returns {import("./types.d.ts").View}
 */
export function createTermLinks(element, store) {
  /**
   * @param {EventTarget | null} target
   * @returns {import("./types.d.ts").Linked | null}
   */
  function termOf(target) {
    // A term of an equation is MathML: an Element, but no HTMLElement.
    const term = target instanceof Element ? target.closest("[data-term]")?.getAttribute("data-term") : null;
    return /** @type {import("./types.d.ts").Linked | null} */ (term ?? null);
  }

  /** @param {Event} event */
  function point(event) {
    const stage = termOf(event.target);
    if (stage) hover(store, { cell: null, code: null, stage });
  }
  /** @param {PointerEvent | FocusEvent} event */
  function leave(event) {
    if (termOf(event.target) && !termOf(event.relatedTarget)) hover(store, null);
  }

  element.addEventListener("pointerover", point);
  element.addEventListener("focusin", point);
  element.addEventListener("pointerout", leave);
  element.addEventListener("focusout", leave);

  return {
    update(changed) {
      if (!changed.has("selection")) return;
      const stage = store.get("selection")?.stage;
      for (const term of element.querySelectorAll("[data-term]")) {
        term.classList.toggle("is-linked", term.getAttribute("data-term") === stage);
      }
    },
  };
}
