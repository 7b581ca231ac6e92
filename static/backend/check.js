// @ts-check

import { fromBase64, unpack } from "../core/tensor.js";

/**
 * What PyTorch computed for a drawing, as the class `Check` of explain/detail.py describes it.
 * @typedef {object} Check
 * @property {string} pixels
 * @property {number[][]} indices
 * @property {number} commitment
 * @property {import("../core/types.d.ts").Packed} reconstruction
 */

/** Far more than rounding, far less than another activation function makes of a drawing. */
const TOLERANCE = 1e-3;

/**
 * Weights fit an architecture whose code was edited in a way that leaves their names and shapes, but the kernel does not.
 * @param {import("../kernel/types.d.ts").Model} model
 * @param {Check} check
 * @returns {boolean} whether the model computes the same
 */
export function passes(model, { pixels, indices, commitment, reconstruction }) {
  const { distances: { shape: [, size], data }, losses } = model.trace(fromBase64(pixels));
  const expected = unpack(reconstruction).data;
  return near(losses.commitment, commitment, TOLERANCE * commitment) &&
    // Rounding can decide between two codes at nearly the same distance.
    indices.flat().every((code, row) => {
      const distances = data.subarray(row * size, (row + 1) * size);
      return near(distances[code], Math.min(...distances), TOLERANCE * Math.max(...distances));
    }) &&
    model.decode(indices).data.every((value, n) => near(value, expected[n], TOLERANCE));
}

/**
 * @param {number} one
 * @param {number} other
 * @param {number} tolerance
 */
function near(one, other, tolerance) {
  return Math.abs(one - other) <= tolerance;
}
