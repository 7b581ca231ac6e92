// @ts-check

import { createCellGrid } from "../core/cell-grid.js";
import { createShownPicture } from "../core/canvas.js";
import { DIFFERENCE, differenceColor, GREYS, shade } from "../core/colors.js";
import { find } from "../core/dom.js";
import { placeFrame } from "../core/frame.js";
import { boxAround } from "../core/rows.js";
import { anyChanged } from "../core/store.js";
import { createWatch } from "../core/watch.js";

const UNIT = { low: 0, high: 1 };

/**
 * The reconstruction, or its difference from the model input.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("../core/positions.js").Positions} positions
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, positions) {
  const picture = createShownPicture(find(element, "canvas.data", HTMLCanvasElement));
  const cells = createCellGrid(find(element, ".cells"), store, "reconstruction", positions);
  const frame = find(element, ".frame");
  const key = find(element, ".difference-key");
  for (const [name, rgb] of Object.entries(DIFFERENCE)) key.style.setProperty(`--${name}`, `rgb(${rgb.join(" ")})`);
  const moved = createWatch();

  function paint() {
    const trace = store.get("trace");
    const tensor = store.get("shownReconstruction");
    if (!trace || !tensor) return;
    const [height, width] = tensor.shape;
    const input = store.get("difference") ? trace.pixels : null;
    if (!moved(tensor, input)) return;
    picture.paint(width, height, (x, y) => {
      const n = y * width + x;
      return input ? differenceColor(tensor.data[n] - input[n] / 255, input[n] / 255) : GREYS[shade(tensor.data[n], UNIT)];
    });
  }

  return {
    update(changed) {
      if (anyChanged(changed, ["shownReconstruction", "trace", "difference"])) paint();
      if (anyChanged(changed, ["model", "focus"])) {
        const model = store.get("model");
        const focused = store.get("focus");
        placeFrame(frame, model && focused ? boxAround(model.fields.writes, focused.cells) : null);
      }
      if (changed.has("difference")) key.hidden = !store.get("difference");
      cells.update(changed);
    },
  };
}
