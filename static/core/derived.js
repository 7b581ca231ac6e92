// @ts-check

/** What the page shows when the visitor has changed something: the edited grid, or the model's own. No DOM. */

/** @typedef {import("./types.d.ts").Store} Store */
/** @typedef {import("./types.d.ts").Tensor} Tensor */

/**
 * @param {Store} store
 * @returns {number[][] | null} the codes that the decoder gets
 */
export function shownIndices(store) {
  return store.get("edited") ?? store.get("trace")?.indices ?? null;
}

/**
 * @param {Store} store
 * @returns {Tensor | null}
 */
export function shownReconstruction(store) {
  // Until an edited grid has been decoded, the old picture is better than none.
  return store.get("editedReconstruction") ?? store.get("trace")?.reconstruction ?? null;
}

/**
 * @param {Store} store
 * @returns {number} mean squared error of the picture that is shown; NaN without one
 */
export function shownError(store) {
  const picture = shownReconstruction(store);
  const pixels = store.get("trace")?.pixels;
  return picture && pixels ? meanSquaredError(picture, pixels) : NaN;
}

/**
 * @param {Store} store
 * @returns {import("./types.d.ts").Trace | null} the drawing as the model itself sees it, whatever variant is on
 */
export function normalTrace(store) {
  const trace = store.get("trace");
  return trace?.variant === "normal" ? trace : store.get("reference");
}

/**
 * @param {Tensor} picture in [0, 1]
 * @param {Uint8Array} pixels 0 to 255
 * @returns {number}
 */
export function meanSquaredError(picture, pixels) {
  let sum = 0;
  for (let n = 0; n < pixels.length; n++) sum += (picture.data[n] - pixels[n] / 255) ** 2;
  return sum / pixels.length;
}
