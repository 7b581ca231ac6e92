// @ts-check

import { createLayer } from "../canvas.js";
import { codePictures } from "../codepictures.js";
import { find } from "../dom.js";
import { focus } from "../selection.js";
import { touches } from "../store.js";

/** A picture whose lightest pixel is darker shows paper and no ink. */
const INK = 0.1;

/**
 * What the decoder draws from the code that is pointed at, large and in words.
 * @param {HTMLElement} element
 * @param {import("../types.d.ts").Store} store
 * @returns {import("../types.d.ts").View}
 */
export function create(element, store) {
  const layer = createLayer(find(element, "canvas", HTMLCanvasElement), store);
  const words = find(element, "figcaption");
  /** @type {import("../codepictures.js").CodePictures | null} */
  let pictures = null;
  /** @type {number | null} */
  let shown = null;

  return {
    update(changed) {
      const model = store.get("model");
      if (!model) return;
      if (touches(changed, ["model"])) pictures = codePictures(model.code_pictures);
      if (!touches(changed, ["model", "trace", "edited", "selection", "layout"])) return;
      const focused = focus(store);
      const code = focused && !focused.cell ? focused.code : null;
      if (code === shown && !touches(changed, ["model", "layout"])) return;
      shown = code;
      element.hidden = code === null;
      if (code === null || !pictures) return;
      const picture = pictures.draw(code);
      layer.paint((context) => context.drawImage(picture, 0, 0, layer.width, layer.height));
      words.textContent = pictures.lightest(code) < INK
        ? `In the middle of a blank page, the decoder draws nothing from code ${code}.`
        : `What the decoder draws from code ${code} in the middle of a blank page.`;
    },
    destroy: layer.destroy,
  };
}
