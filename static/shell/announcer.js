// @ts-check

import { counted, figure } from "../core/format.js";
import { focus } from "../core/selection.js";
import { shownIndices } from "../core/derived.js";
import { anyChanged } from "../core/store.js";

/** A listener hears where things have come to, not every stroke on the way there. */
const QUIET_MS = 900;

/**
 * Says the selection, or the whole trace, to those who listen to the page.
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
    const focused = focus(store);
    const codes = (shownIndices(store) ?? trace.indices).flat();
    if (focused?.cell) {
      const pin = store.get("pinned") ? "Pinned: " : "";
      const has = focused.code === focused.chosen ? "is nearest to code" : "was changed to code";
      element.textContent = `${pin}row ${focused.cell[0]}, column ${focused.cell[1]} ${has} ${focused.code}, ` +
        `squared distance ${figure(focused.distance(focused.code))}; runner-up ${focused.runnerUp}, ` +
        `${figure(focused.distance(focused.runnerUp))}.`;
    } else if (focused) {
      element.textContent = `Code ${focused.code} is used by ${focused.users.size} of ${counted(codes.length, "cell")}.`;
    } else {
      element.textContent = `The drawing is traced: ${counted(new Set(codes).size, "code")} in ${counted(codes.length, "cell")}.`;
    }
  }

  return {
    update(changed) {
      if (!anyChanged(changed, ["trace", "selection", "pinned"])) return;
      clearTimeout(timer);
      timer = setTimeout(announce, QUIET_MS);
    },
    destroy: () => clearTimeout(timer),
  };
}
