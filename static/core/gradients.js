// @ts-check

import { eachLevel } from "./levels.js";
import { unpack } from "./tensor.js";

/** Gradients as they come from the backend, and their norms. No DOM. */

/** @typedef {import("./types.d.ts").Loss} Loss */
/** @typedef {import("./types.d.ts").Packed} Packed */
/** @typedef {import("./types.d.ts").Tensor} Tensor */

/** @type {Loss[]} */
export const LOSSES = ["reconstruction", "codebook", "commitment"];

/**
 * @param {Omit<import("./types.d.ts").BackwardReply, "type" | "seq" | "model">} message
 * @param {Uint8Array} pixels the picture it answers
 * @returns {import("./types.d.ts").Gradients}
 */
export function toGradients(message, pixels) {
  /** @param {Record<Loss, Packed | Tensor>} packed */
  const open = (packed) => /** @type {Record<Loss, Tensor>} */ (
    Object.fromEntries(LOSSES.map((loss) => [loss, withZeros(packed[loss])]))
  );
  const pass = { straightThrough: message.straight_through, computedBy: message.computed_by, pixels };
  /** @param {(stage: string) => any} read */
  const quantization = (read) => ({
    quantized: withZeros(read("quantized")),
    features: open(read("features")),
    embeddings: open(read("embeddings")),
  });
  return {
    ...pass,
    ...quantization((stage) => Reflect.get(message, stage)),
    levels: eachLevel(message, "quantized", (read) => ({ ...pass, ...quantization(read), levels: {} })),
  };
}

/**
 * Unpacks a tensor in which zero is meaningful ("no gradient"). Packing rounds values to steps, and zero may lie between
 * two of them, so the values nearest to zero become zero.
 * @param {Packed | Tensor} packed
 * @returns {Tensor}
 */
function withZeros(packed) {
  const tensor = unpack(packed);
  if (!("scale" in packed)) return tensor;
  // Slightly more than half a step, for the rounding of the values themselves.
  const least = 0.501 * Math.abs(packed.scale);
  return { shape: tensor.shape, data: tensor.data.map((value) => Math.abs(value) <= least ? 0 : value) };
}

/**
 * @param {Tensor} tensor
 * @returns {number} √ of the sum of squares of all its numbers
 */
export function norm({ data }) {
  let sum = 0;
  for (const value of data) sum += value * value;
  return Math.sqrt(sum);
}

/**
 * @param {Tensor} tensor
 * @returns {Float64Array} the norm of each vector along the last axis: of a cell's channels, of a code's numbers
 */
export function vectorNorms({ shape, data }) {
  const depth = shape[shape.length - 1];
  const norms = new Float64Array(data.length / depth);
  for (let n = 0; n < data.length; n++) norms[Math.floor(n / depth)] += data[n] * data[n];
  return norms.map(Math.sqrt);
}
