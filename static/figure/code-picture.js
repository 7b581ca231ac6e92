// @ts-check

import { codePictures } from "../core/code-pictures.js";
import { find } from "../core/dom.js";
import { cellCount } from "../core/grid.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/** A picture whose lightest pixel is below this value is empty. */
const INK = 0.1;

/**
 * What the decoder draws from the selected code, with a caption.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const place = find(element, ".code-picture-place");
  const words = find(element, "figcaption");
  /** @type {import("../core/code-pictures.js").CodePictures | null} */
  let pictures = null;
  /** @type {number | null} */
  let shown = null;

  return {
    update(changed) {
      const model = store.get("model");
      if (!model) return;
      if (changed.has("model")) pictures = codePictures(model.code_pictures);
      if (!anyChanged(changed, ["model", "focus"])) return;
      const focused = store.get("focus");
      const code = focused && !focused.cell ? focused.code : null;
      if (code === shown && !changed.has("model")) return;
      shown = code;
      element.hidden = code === null;
      if (code === null || !pictures) return;
      const picture = pictures.draw(code);
      picture.alt = texts.figure.pictureName(code);
      place.replaceChildren(picture);
      words.textContent = cellCount(model.grid) === 1
        ? texts.figure.wholePicture(code)
        : pictures.lightest(code) < INK
        ? texts.figure.emptyPicture(code)
        : texts.figure.picture(code);
    },
  };
}
