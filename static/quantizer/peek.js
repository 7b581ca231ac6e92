// @ts-check

import { createShownPicture } from "../core/canvas.js";
import { GREYS, shade } from "../core/colors.js";
import { find, hide, setText } from "../core/dom.js";
import { anyChanged } from "../core/store.js";
import { quantizer } from "../texts/quantizer.js";
import { kindOf, read } from "./matrices.js";

/** @typedef {import("../core/types.d.ts").Stage} Stage */

/** Share of a matrix that has to be in sight. */
const ENOUGH = 0.5;

/** Between the line and the picture, in pixels. */
const GAP = 6;

const UNIT = { low: 0, high: 1 };

/**
 * What the line under the pointer makes, beside the line, where its matrix is out of sight: pointing at code then never
 * scrolls the page, and never highlights only what nobody sees.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("../core/positions.js").Positions} positions
 * @param {{ source: HTMLElement, scroller: HTMLElement }} places the code, and what the matrices scroll in
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, positions, { source, scroller }) {
  const host = /** @type {HTMLElement} */ (element.parentElement);
  const title = find(element, "p");
  const canvas = find(element, "canvas", HTMLCanvasElement);
  const picture = createShownPicture(canvas);
  /** @type {{ top: number, above: boolean } | null} */
  let place = null;

  /** @returns {number} height of what stays in view at the top of the window, in pixels */
  const covered = () => parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;

  /**
   * @param {DOMRect} rect
   * @returns {number} share of it that is in the window, below what stays in view, and not scrolled out of its frame
   */
  function inSight(rect) {
    const frame = scroller.getBoundingClientRect();
    const width = Math.min(rect.right, frame.right, innerWidth) - Math.max(rect.left, frame.left, 0);
    const height = Math.min(rect.bottom, innerHeight) - Math.max(rect.top, covered());
    return (Math.max(0, width) * Math.max(0, height)) / (rect.width * rect.height);
  }

  function measure() {
    const selection = store.get("selection");
    if (!selection || selection.cell || selection.code !== null) return null;
    const line = source.querySelector(".code-line[tabindex]:is(:hover, :focus, [aria-pressed=true])");
    const matrix = positions.rect(/** @type {Stage} */ (selection.stage), null);
    if (!line || (matrix && inSight(matrix) >= ENOUGH)) return null;
    const { top, bottom } = line.getBoundingClientRect();
    const area = host.getBoundingClientRect();
    const above = top - covered() > innerHeight - bottom;
    return { above, top: (above ? top - GAP : bottom + GAP) - area.top };
  }

  /** @param {Stage} stage */
  function paint(stage) {
    const source = store.get("matrixSource");
    const tensor = stage === "reconstruction" ? store.get("shownReconstruction") : null;
    const reading = read(source, stage);
    const column = kindOf(stage) === "column";
    canvas.classList.toggle("is-square", Boolean(tensor) || column || kindOf(stage) === "grid");
    hide(canvas, !tensor && !reading);
    if (tensor) {
      const [height, width] = tensor.shape;
      picture.paint(width, height, (x, y) => GREYS[shade(tensor.data[y * width + x], UNIT)]);
    } else if (reading && source && column) {
      const { height, width } = source.model.grid;
      picture.paint(width, height, (x, y) => source.model.palette.packed[reading.value(y * width + x, 0)]);
    } else if (reading) {
      picture.paint(reading.columns, reading.rows, (x, y) => GREYS[shade(reading.value(y, x), reading.range(y, x))]);
    }
  }

  return {
    read(changed) {
      if (anyChanged(changed, ["selection", "pinned", "model", "layout"])) place = measure();
    },
    update(changed) {
      if (!anyChanged(changed, ["selection", "pinned", "model", "layout", "matrixSource", "shownReconstruction"])) return;
      const model = store.get("model");
      const stage = store.get("selection")?.stage;
      hide(element, !place || !stage || !model);
      if (!place || !stage || !model) return;
      element.dataset.stage = stage;
      const made = /** @type {Stage} */ (stage);
      setText(title, quantizer.peek(stage, model.stages[made], store.get("normalTrace")?.losses));
      paint(made);
      element.style.top = `${place.top}px`;
      element.style.translate = place.above ? "0 -100%" : "";
    },
  };
}
