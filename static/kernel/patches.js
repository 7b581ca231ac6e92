// @ts-check

/**
 * The patches of a picture that a convolution reads, or that a transposed convolution writes: one row a patch, in the
 * order kernel row, kernel column, channel.
 *
 * With channels last, a row of a patch is one run of numbers in the picture, less what lies outside.
 */

/** @typedef {import("./types.d.ts").Matrix} Matrix */

/**
 * @typedef {Object} Geometry
 * @property {number} height of the picture
 * @property {number} width
 * @property {number} cell numbers a pixel
 * @property {number} rows of patches
 * @property {number} columns of patches
 * @property {number} kernel side of a patch
 * @property {number} stride from patch to patch
 * @property {number} padding pixels around the picture
 * @property {number} patch numbers a row of the matrix of patches
 */

/**
 * @param {Geometry} geometry
 * @returns {Int32Array} for each run: where it begins in the patches, where in the picture, and its length
 */
export function findRuns({ height, width, cell, rows, columns, kernel, stride, padding, patch }) {
  const runs = [];
  for (let n = 0; n < rows * columns; n++) {
    const [top, left] = [Math.floor(n / columns), n % columns].map((position) => position * stride - padding);
    const [from, to] = [Math.max(0, -left), Math.min(kernel, width - left)]; // columns of the patch inside the picture
    if (from >= to) continue;
    for (let ky = Math.max(0, -top); ky < Math.min(kernel, height - top); ky++) {
      runs.push(
        n * patch + (ky * kernel + from) * cell,
        ((top + ky) * width + left + from) * cell,
        (to - from) * cell,
      );
    }
  }
  return Int32Array.from(runs);
}

/**
 * Copies the picture into the patches. What lies outside the picture is left as it is.
 * @param {Float32Array} memory that holds both
 * @param {Int32Array} runs
 * @param {Matrix} picture
 * @param {Matrix} patches
 */
export function gather(memory, runs, picture, patches) {
  for (let n = 0; n < runs.length; n += 3) {
    const to = patches.at + runs[n], from = picture.at + runs[n + 1];
    memory.copyWithin(to, from, from + runs[n + 2]);
  }
}

/**
 * Adds the patches to the picture.
 * @param {Int32Array} runs
 * @param {Float32Array} patches
 * @param {Float32Array} picture
 */
export function scatter(runs, patches, picture) {
  for (let n = 0; n < runs.length; n += 3) {
    const from = runs[n], to = runs[n + 1], length = runs[n + 2];
    for (let t = 0; t < length; t++) picture[to + t] += patches[from + t];
  }
}
