// @ts-check

import { createLayer, createPicture } from "../core/canvas.js";
import { GREYS, shade } from "../core/colors.js";
import { anyChanged } from "../core/store.js";
import { createWatch } from "../core/watch.js";

const UNIT = { low: 0, high: 1 };

/**
 * A small reconstruction beside the pad for phones, where the large one is below the fold. The style sheet hides it on
 * larger screens; without a size it is never painted.
 * @param {HTMLCanvasElement} canvas
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(canvas, store) {
  const layer = createLayer(canvas, store);
  const picture = createPicture();
  const moved = createWatch();

  return {
    update(changed) {
      const tensor = store.get("shownReconstruction");
      if (!tensor || !anyChanged(changed, ["shownReconstruction", "layout"])) return;
      if (!moved(tensor, store.get("layout"))) return;
      layer.paint((context) => {
        const [height, width] = tensor.shape;
        picture.fill(width, height, (x, y) => GREYS[shade(tensor.data[y * width + x], UNIT)]);
        context.drawImage(picture.canvas, 0, 0, layer.width, layer.height);
      });
    },
  };
}
