// @ts-check

/**
 * A level: a grid of codes, its encoder and its quantizer, as model/quantizer.py and explain/variants.py compute them.
 *
 * Shapes: an H×W grid, D channels, K embeddings, N = H·W rows.
 */

import { fill, Network, unpadded } from "./network.js";

/**
 * @typedef {import("./types.d.ts").Config} Config
 * @typedef {import("./types.d.ts").Tensor} Tensor
 *
 * @typedef {ReturnType<typeof createLevel>} Level
 */

const SIZE = 28; // of a drawing's sides

/**
 * @param {string} id "" is the main level
 * @param {import("./architectures.js").Level} architecture
 * @param {Config} config
 * @param {Record<string, Tensor>} tensors of the weights file
 * @param {{ grid: number[], dim: number }[]} before levels that its encoder knows of
 */
export function createLevel(id, architecture, config, tensors, before) {
  const quantizer = id ? `${id}_quantizer` : "quantizer";
  const [height, width] = architecture.grid(config);
  const rows = height * width; // N
  const network = new Network(tensors);
  const { shape: [size, dim], data: embeddings } = network.tensor(`${quantizer}.embeddings`); // (K, D)
  const input = network.picture(SIZE, SIZE); // (28, 28, 1)
  const known = before.map(({ grid: [h, w], dim }) => network.volume(h, w, dim)); // (H', W', D') of each
  const encoded = architecture.encode(network, config, input, ...known); // (H, W, D)
  const vectors = network.matrix(rows, dim); // (N, D)
  const codebook = network.weights(`${quantizer}.embeddings`); // (K, D)
  const products = network.matrix(rows, codebook.rows); // (N, K)
  const squares = Float64Array.from({ length: size }, (_, code) => squaredNorm(embeddings, code * dim, dim)); // (K,)

  /**
   * "wrong-reshape" takes features (D, H, W) for (H, W, D).
   * @param {number} n of a number in that order
   * @returns {number} where it is in `encoded`
   */
  function wrongPlace(n) {
    return (n % rows) * encoded.values.stride + Math.floor(n / rows);
  }

  /**
   * @param {Int32Array} codes (N,)
   * @returns {Float32Array} (N, D)
   */
  function select(codes) {
    const selected = new Float32Array(rows * dim);
    codes.forEach((code, row) => selected.set(embeddings.subarray(code * dim, (code + 1) * dim), row * dim));
    return selected;
  }

  return {
    id,
    network,
    grid: [height, width],
    size,
    dim,
    trainingOnly: [`${quantizer}.cluster_size`, `${quantizer}.cluster_sum`],

    /**
     * @param {Float32Array} ink (784,), from 0 to 1
     * @param {import("./types.d.ts").Variant} variant
     * @param {Float32Array[]} given (N', D'): what the decoder gets of the levels before
     */
    quantize(ink, variant, given) {
      input.values.data.set(ink);
      known.forEach(({ values }, n) => fill(values, given[n]));
      network.forward();
      const reshaped = variant === "wrong-reshape";
      for (let row = 0; row < rows; row++) {
        for (let d = 0; d < dim; d++) {
          const from = reshaped ? wrongPlace(row * dim + d) : row * encoded.values.stride + d;
          vectors.data[row * vectors.stride + d] = encoded.values.data[from];
        }
      }
      // ‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b
      network.multiply(vectors, codebook, products); // (N, K)
      const distances = new Float32Array(rows * size); // (N, K)
      const codes = new Int32Array(rows); // (N,)
      for (let row = 0; row < rows; row++) {
        const square = squaredNorm(vectors.data, row * vectors.stride, dim);
        let nearest = 0;
        for (let code = 0; code < size; code++) {
          const distance = square + squares[code] - 2 * products.data[row * products.stride + code];
          distances[row * size + code] = distance;
          if (distances[row * size + code] < distances[row * size + nearest]) nearest = code;
        }
        codes[row] = nearest;
      }
      const features = unpadded(vectors); // (N, D)
      const quantized = select(codes); // (N, D)
      const straight = variant === "bypass" ? features : quantized;
      // Back as it came: number n of the decoder's input is where (D, H, W) has it.
      const decoded = reshaped ? straight.map((_, n) => straight[(n % dim) * rows + Math.floor(n / dim)]) : straight; // (N, D)
      return { features, distances, codes, quantized, decoded };
    },

    /**
     * @param {import("./types.d.ts").Codes | null} codes (H, W)
     * @returns {Float32Array} (N, D): their embeddings
     * @throws {Error} when the grid has another size, or a code is not in the codebook
     */
    select(codes) {
      if (!codes || codes.length !== height || codes.some((row) => row.length !== width)) {
        throw new Error(`The codes must be a grid of ${height}×${width}.`);
      }
      const flat = Int32Array.from(codes.flat());
      if (flat.some((code) => code < 0 || code >= size)) throw new Error(`Codes must be from 0 to ${size - 1}.`);
      return select(flat);
    },

    /**
     * @param {Int32Array} codes (N,)
     * @returns {import("./types.d.ts").Codes} (H, W)
     */
    rows: (codes) => Array.from({ length: height }, (_, i) => [...codes.subarray(i * width, (i + 1) * width)]),

    /**
     * @param {Float32Array} numbers (N, D)
     * @returns {Tensor} (H, W, D)
     */
    tensor: (numbers) => ({ shape: [height, width, dim], data: numbers }),

    /** @returns {Float32Array} (N, D) */
    zeros: () => new Float32Array(rows * dim),

    /**
     * @param {Float32Array} gradient (N, D), of the embeddings that were selected
     * @param {Int32Array} codes (N,)
     * @returns {Tensor} (K, D), of the codebook
     */
    toCodebook(gradient, codes) {
      const sums = new Float32Array(size * dim);
      gradient.forEach((value, n) => sums[codes[Math.floor(n / dim)] * dim + n % dim] += value);
      return { shape: [size, dim], data: sums };
    },

    /**
     * @param {string} stage
     * @returns {string} its name at this level, such as "features.top"
     */
    name: (stage) => id ? `${stage}.${id}` : stage,
  };
}

/**
 * @param {Float32Array} data
 * @param {number} start
 * @param {number} length
 */
function squaredNorm(data, start, length) {
  let sum = 0;
  for (let n = start; n < start + length; n++) sum += data[n] ** 2;
  return sum;
}
