// @ts-check

import { createChip } from "../core/chip.js";
import { GREYS, cellColors, shade } from "../core/colors.js";
import { find, hide, make, setText } from "../core/dom.js";
import { formatNumber } from "../core/format.js";
import { kindOf, nameOf, read } from "./matrices.js";
import { anyChanged } from "../core/store.js";
import { quantizer } from "../texts/quantizer.js";

/** Neighbours shown on each side of the entry under the pointer. */
const REACH = { rows: 1, columns: 2 };

/** Least distance from the other edge, more than the width of the lens. */
const ROOM = "20rem";

/** Gap between the number and the lens, in pixels, so that the lens covers neither it nor its neighbours. */
const GAP = 18;

/**
 * The entries around the one under the pointer, in a small window beside it, and as a sentence for screen readers.
 * @param {HTMLElement} element the lens
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("../core/positions.js").Positions} positions
 * @param {HTMLElement} scroller what the matrices scroll in
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, positions, scroller) {
  const host = /** @type {HTMLElement} */ (element.parentElement);
  const title = find(element, ".lens-title");
  const table = find(element, "table", HTMLTableElement);
  const spoken = find(host, ".lens-spoken");
  /** @type {{ side: "left" | "right", away: number, least: number, most: number, top: number, below: boolean } | null} */
  let place = null;

  function measure() {
    const entry = store.get("entry");
    const rect = entry && positions.rect(entry.stage, entry.row, entry.column);
    if (!rect) return null;
    const area = host.getBoundingClientRect();
    // On the side that has more room: below in the upper half of the window, to the right in the left half of what is in sight.
    const below = rect.top < innerHeight / 2;
    const frame = scroller.getBoundingClientRect();
    const right = rect.x - frame.x < frame.width / 2;
    const [before, after] = [frame.left - area.left, area.right - frame.right];
    return {
      side: /** @type {"left" | "right"} */ (right ? "left" : "right"),
      away: GAP + (right ? rect.right - area.x : area.right - rect.left),
      least: right ? before : after,
      most: area.width - (right ? after : before),
      top: (below ? rect.bottom + GAP : rect.top - GAP) - area.y,
      below,
    };
  }

  /** @param {import("../core/types.d.ts").Entry} entry */
  function fill({ stage, row, column }) {
    const model = store.get("model");
    const reading = read(store.get("matrixSource"), stage);
    if (!model || !reading || row >= reading.rows || column >= reading.columns) return false;
    const kind = kindOf(stage);
    const codes = kind === "distances" || kind === "codes";
    /** @type {(at: number, reach: number, count: number) => number[]} */
    const around = (at, reach, count) => {
      const first = Math.max(0, Math.min(at - reach, count - 1 - 2 * reach));
      return Array.from({ length: Math.min(count, 2 * reach + 1) }, (_, n) => first + n);
    };
    const across = around(column, REACH.columns, reading.columns);
    /** @type {(n: number, y: number, x: number) => HTMLElement} */
    const cell = (n, y, x) => {
      const [background, ink] = kind === "column"
        ? [model.palette.fill[n], model.palette.ink[n]]
        : cellColors(GREYS, shade(n, reading.range(y, x)));
      const item = make("td", y === row && x === column ? "is-here" : "", kind === "column" ? String(n) : formatNumber(n));
      item.style.backgroundColor = background;
      item.style.color = ink;
      return item;
    };
    const head = make("tr", "", make("td"), ...across.map((x) =>
      make("th", "", codes ? createChip(model, x, String(x)) : kind === "column" ? "" : String(x))
    ));
    table.replaceChildren(make("thead", "", head), make("tbody", "", ...around(row, REACH.rows, reading.rows).map((y) =>
      make("tr", "", make("th", "", String(y)), ...across.map((x) => cell(reading.value(y, x), y, x)))
    )));
    const value = reading.value(row, column);
    const said = nameOf(model, store.get("shownVariant"), store.get("shownChannel"), stage, row, column, value);
    setText(title, said);
    // With the pointer the numbers change too fast to be read out.
    if (document.activeElement?.closest(".entries")) spoken.textContent = quantizer.spoken(stage, said);
    return true;
  }

  function put() {
    if (element.hidden || !place) return;
    element.style.left = element.style.right = "auto";
    element.style[place.side] = `max(${place.least}px, min(${place.away}px, ${place.most}px - ${ROOM}))`;
    element.style.top = `${place.top}px`;
    element.style.translate = place.below ? "" : "0 -100%";
  }

  scroller.addEventListener("scroll", () => {
    place = measure();
    put();
  }, { passive: true });

  return {
    read(changed) {
      if (anyChanged(changed, ["entry", "layout"])) place = measure();
    },
    update(changed) {
      if (!anyChanged(changed, ["entry", "layout", "model", "matrixSource"])) return;
      const entry = store.get("entry");
      hide(element, !entry || !place || !fill(entry));
      put();
    },
  };
}
