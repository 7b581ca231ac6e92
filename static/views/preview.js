// @ts-check

import { createLayer, createPicture } from "../canvas.js";
import { GREYS, shade } from "../colors.js";
import { touches } from "../store.js";

const UNIT = { low: 0, high: 1 };

/**
 * A small reconstruction beside the pad, for phones, where the large one is far below the drawing finger. The style
 * sheet hides it elsewhere; without a size it is never painted.
 * @param {HTMLCanvasElement} canvas
 * @param {import("../types.d.ts").Store} store
 * @returns {import("../types.d.ts").View}
 */
export function create(canvas, store) {
  const layer = createLayer(canvas, store);
  const picture = createPicture();

  return {
    update(changed) {
      const tensor = store.get("trace")?.reconstruction;
      if (!tensor || !touches(changed, ["trace", "layout"])) return;
      layer.paint((context) => {
        const [height, width] = tensor.shape;
        picture.fill(width, height, (x, y) => GREYS[shade(tensor.data[y * width + x], UNIT)]);
        context.drawImage(picture.canvas, 0, 0, layer.width, layer.height);
      });
    },
    destroy: layer.destroy,
  };
}
