// @ts-check

import { createShownPicture } from "../core/canvas.js";
import { GREYS } from "../core/colors.js";
import { find, hide } from "../core/dom.js";
import { placeFrame } from "../core/frame.js";
import { boxAround } from "../core/rows.js";
import { SIZE } from "../core/state.js";
import { anyChanged } from "../core/store.js";

/**
 * The model input, with a frame around the part that the selected cell reads. On the pad the frame is mapped back through
 * the centring.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const picture = createShownPicture(find(element, "canvas.given", HTMLCanvasElement));
  const onGiven = find(element, ".given-picture .frame");
  const onPad = find(element, ".pad-picture .frame");
  const hint = find(element, ".pad-hint");

  function placeFrames() {
    const model = store.get("model");
    const focused = store.get("focus");
    const box = model && focused ? boxAround(model.fields.reads, focused.cells) : null;
    placeFrame(onGiven, box);
    const { scale, dx, dy } = store.get("placement");
    placeFrame(onPad, box && [(box[0] - dy) / scale, (box[1] - dx) / scale, (box[2] - dy) / scale, (box[3] - dx) / scale]);
  }

  return {
    update(changed) {
      if (changed.has("pixels")) {
        const values = store.get("pixels");
        picture.paint(SIZE, SIZE, (x, y) => GREYS[values[y * SIZE + x]]);
      }
      if (changed.has("drawing")) hide(hint, store.get("drawing").some((value) => value > 0));
      if (anyChanged(changed, ["model", "focus", "placement"])) placeFrames();
    },
  };
}
