// @ts-check

import { fromBase64, unpack } from "../core/tensor.js";

/**
 * What PyTorch computed for a drawing, as the class `Check` of explain/detail.py describes it.
 * @typedef {import("../kernel/types.d.ts").Grids & Fields} Check
 *
 * @typedef {object} Fields
 * @property {string} pixels
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
export function passes(model, { pixels, commitment, reconstruction, ...codes }) {
  const { losses, ...stages } = model.trace(fromBase64(pixels));
  const expected = unpack(reconstruction).data;
  return near(losses.commitment, commitment, TOLERANCE * commitment) &&
    Object.entries(Object(codes)).every(([name, indices]) =>
      areNearest(indices, Object(stages)[name.replace("indices", "distances")])
    ) &&
    model.decode(codes).data.every((value, n) => near(value, expected[n], TOLERANCE));
}

/**
 * Rounding can decide between two codes at nearly the same distance.
 * @param {number[][]} indices
 * @param {import("../core/types.d.ts").Tensor} distances
 */
function areNearest(indices, { shape: [, size], data }) {
  return indices.flat().every((code, row) => {
    const distances = data.subarray(row * size, (row + 1) * size);
    return near(distances[code], Math.min(...distances), TOLERANCE * Math.max(...distances));
  });
}

/**
 * @param {number} one
 * @param {number} other
 * @param {number} tolerance
 */
function near(one, other, tolerance) {
  return Math.abs(one - other) <= tolerance;
}
