// @ts-check

import { createStill } from "./canvas.js";
import { GREYS, shade } from "./colors.js";
import { unpack } from "./tensor.js";

const UNIT = { low: 0, high: 1 };

/**
 * What the decoder makes of each code: a block of cells that have it, in the middle of a blank page.
 * @param {import("./types.d.ts").Packed} packed
 */
export function codePictures(packed) {
  const { shape: [, height, width], data } = unpack(packed);
  const size = height * width;
  return {
    /**
     * @param {number} code
     * @returns {HTMLImageElement} a small picture, a new one each time
     */
    draw(code) {
      const grey = (/** @type {number} */ x, /** @type {number} */ y) =>
        GREYS[shade(data[code * size + y * width + x], UNIT)];
      return createStill(width, height, grey, "code-drawing");
    },

    /**
     * @param {number} code
     * @returns {number} 0 to 1
     */
    lightest: (code) => Math.max(...data.subarray(code * size, (code + 1) * size)),
  };
}

/** @typedef {ReturnType<typeof codePictures>} CodePictures */
