// @ts-check

import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/** Announcements wait for a pause, so that a screen reader reads the result and not every stroke. */
const QUIET_MS = 900;

/**
 * Announces to screen readers what the tour says, and the selection or the whole trace.
 * @param {HTMLElement} element a polite live region
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  /** @type {number | undefined} */
  let timer;

  function announce() {
    const trace = store.get("trace");
    if (!trace) return;
    const focused = store.get("focus");
    const codes = (store.get("shownIndices") ?? trace.indices).flat();
    if (focused?.cell) {
      const { cell, code, chosen, measured, runnerUp, distance } = focused;
      element.textContent = texts.shell.cell({
        place: { ...focused, cell },
        pinned: store.get("pinned"),
        edited: code !== chosen,
        code,
        distance: measured ? distance(code) : null,
        runnerUp,
        runnerUpDistance: distance(runnerUp ?? code),
      });
    } else if (focused) {
      element.textContent = texts.shell.code(focused.code, focused.users.size, codes.length);
    } else {
      element.textContent = texts.shell.traced(new Set(codes).size, codes.length);
    }
  }

  return {
    update(changed) {
      if (changed.has("announcement")) element.textContent = store.get("announcement");
      if (!anyChanged(changed, ["trace", "focus", "shownIndices", "pinned"])) return;
      clearTimeout(timer);
      timer = setTimeout(announce, QUIET_MS);
    },
  };
}
