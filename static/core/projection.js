// @ts-check

/** The codebook seen along its two principal axes. No DOM. */

/** @typedef {import("./types.d.ts").Point} Point */
/** @typedef {{ left: number, right: number, bottom: number, top: number }} Extent in units of the codebook, y upwards */

/**
 * @param {{ mean: number[], axes: number[][] }} projection
 * @param {ArrayLike<number>} vector
 * @param {number} [start] where the vector begins in a longer array
 * @returns {Point} axes·(vector − mean)
 */
export function project({ mean, axes }, vector, start = 0) {
  const [x, y] = axes.map((axis) => axis.reduce((sum, a, d) => sum + a * (vector[start + d] - mean[d]), 0));
  return [x, y];
}

/**
 * @param {Point[]} points
 * @param {Extent | null} [least] that is part of the result
 * @returns {Extent}
 */
export function extentOf(points, least = null) {
  const seen = least ? { ...least } : { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity };
  for (const [x, y] of points) {
    if (x < seen.left) seen.left = x;
    if (x > seen.right) seen.right = x;
    if (y < seen.bottom) seen.bottom = y;
    if (y > seen.top) seen.top = y;
  }
  return seen;
}

/**
 * One scale for both axes, so that distances can be compared across them.
 * @param {Extent} extent
 * @param {{ width: number, height: number }} size of the plot in CSS pixels
 * @param {number} margin in CSS pixels
 * @returns {(point: Point) => Point} from the codebook's units to CSS pixels
 */
export function fit(extent, { width, height }, margin) {
  // Codes that all lie in one place are drawn in the middle.
  const across = Math.max(extent.right - extent.left, 1e-9);
  const up = Math.max(extent.top - extent.bottom, 1e-9);
  const scale = Math.max(0, Math.min((width - 2 * margin) / across, (height - 2 * margin) / up));
  const x0 = width / 2 - (scale * (extent.left + extent.right)) / 2;
  const y0 = height / 2 + (scale * (extent.bottom + extent.top)) / 2;
  return ([x, y]) => [x0 + scale * x, y0 - scale * y];
}

/**
 * @param {Point} a
 * @param {Point} b
 * @param {number} t 0 at a, 1 at b
 * @returns {Point}
 */
export function between(a, b, t) {
  return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
}

/**
 * @param {Point[]} points
 * @param {Point} at
 * @param {number} reach
 * @returns {number} the nearest point within reach, −1 if there is none
 */
export function nearest(points, [x, y], reach) {
  let found = -1;
  let least = reach * reach;
  points.forEach((point, n) => {
    const distance = (point[0] - x) ** 2 + (point[1] - y) ** 2;
    if (distance <= least) [found, least] = [n, distance];
  });
  return found;
}
