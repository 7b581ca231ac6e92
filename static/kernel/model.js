// @ts-check

/**
 * The VQ-VAE as model/vqvae.py, model/quantizer.py, explain/trace.py and explain/gradients.py compute it.
 *
 * Shapes: an H×W grid, D channels, K embeddings, N = H·W rows.
 */

import { ARCHITECTURES, OUTPUTS } from "./architectures.js";
import { checkUsed, Network } from "./network.js";

/**
 * @typedef {import("./types.d.ts").Config} Config
 * @typedef {import("./types.d.ts").Matrix} Matrix
 * @typedef {import("./types.d.ts").Tensor} Tensor
 */

const SIZE = 28; // of a drawing's sides
const TRAINING_ONLY = ["quantizer.cluster_size", "quantizer.cluster_sum"];

/**
 * @param {Config} config
 * @param {Record<string, Tensor>} tensors of the weights file
 * @param {import("./types.d.ts").Math} math
 * @returns {import("./types.d.ts").Model}
 * @throws {Error} when the kernel lacks the architecture or the output, or the weights are those of another network
 */
export function createModel(config, tensors, math) {
  const architecture = choose(ARCHITECTURES, "architecture", config.architecture);
  const output = choose(OUTPUTS, "output", config.output);
  const [height, width] = architecture.grid;
  const rows = height * width; // N

  const encoder = new Network(tensors);
  const { shape: [size, dim], data: embeddings } = encoder.tensor("quantizer.embeddings"); // (K, D)
  const input = encoder.picture(SIZE, SIZE); // (28, 28, 1)
  const encoded = architecture.encode(encoder, input, config); // (H, W, D)
  const vectors = encoder.matrix(rows, dim); // (N, D)
  const codebook = encoder.weights("quantizer.embeddings"); // (K, D)
  const products = encoder.matrix(rows, codebook.rows); // (N, K)
  const squares = Float64Array.from({ length: size }, (_, code) => squaredNorm(embeddings, code * dim, dim)); // (K,)

  const decoder = createDecoder();
  checkUsed(tensors, [encoder, decoder.network], TRAINING_ONLY);
  encoder.open(math);
  decoder.network.open(math);
  /** @type {ReturnType<typeof createDecoder> | null} made when gradients are first asked for */
  let trainer = null;

  /** @param {{ backward?: boolean }} [options] */
  function createDecoder(options) {
    const network = new Network(tensors, options);
    const input = network.volume(height, width, dim); // (H, W, D)
    return { network, input, picture: output(network, architecture.decode(network, input, config)) }; // (28, 28, 1)
  }

  /**
   * @param {Uint8Array} pixels (784,), 255 is ink
   * @param {import("./types.d.ts").Variant} variant
   */
  function quantize(pixels, variant) {
    if (pixels.length !== SIZE ** 2) throw new Error(`A drawing must be ${SIZE ** 2} bytes, got ${pixels.length}.`);
    const ink = input.values.data;
    for (let n = 0; n < ink.length; n++) ink[n] = pixels[n] / 255;
    encoder.forward();
    const reshaped = variant === "wrong-reshape";
    for (let row = 0; row < rows; row++) {
      for (let d = 0; d < dim; d++) {
        const from = reshaped ? wrongPlace(row * dim + d) : row * encoded.values.stride + d;
        vectors.data[row * vectors.stride + d] = encoded.values.data[from];
      }
    }
    // ‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b
    encoder.multiply(vectors, codebook, products); // (N, K)
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
    return { features, distances, codes, quantized };
  }

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

  /**
   * @param {ReturnType<typeof createDecoder>} decoder
   * @param {(n: number) => number} value of channel n % D of cell n / D
   */
  function run({ network, input }, value) {
    const { data, stride } = input.values;
    for (let n = 0; n < rows * dim; n++) data[Math.floor(n / dim) * stride + n % dim] = value(n);
    network.forward();
  }

  /** @param {Float32Array} numbers (N, D) */
  const grid = (numbers) => ({ shape: [height, width, dim], data: numbers });

  return {
    trace(pixels, variant = "normal") {
      const { features, distances, codes, quantized } = quantize(pixels, variant);
      const decoded = variant === "bypass" ? features : quantized;
      if (variant === "wrong-reshape") {
        // Back as it came: number n of the decoder's input is where (D, H, W) has it.
        run(decoder, (n) => decoded[(n % dim) * rows + Math.floor(n / dim)]);
      } else {
        run(decoder, (n) => decoded[n]);
      }
      const picture = decoder.picture.values.data;
      const reconstruction = meanSquare(picture, input.values.data);
      const commitment = meanSquare(features, quantized);
      // In "ema" mode moving averages replace the codebook loss, which is not minimized.
      const minimized = config.codebook === "gradient" ? commitment : 0;
      return {
        features: grid(features),
        distances: { shape: [rows, size], data: distances },
        indices: Array.from({ length: height }, (_, i) => [...codes.subarray(i * width, (i + 1) * width)]),
        quantized: grid(quantized),
        reconstruction: clipped(picture),
        losses: {
          reconstruction,
          codebook: commitment, // equal in value
          commitment,
          total: config.reconstruction_weight * reconstruction + config.beta * commitment + minimized,
        },
      };
    },

    decode(indices) {
      const codes = Int32Array.from(indices.flat());
      if (indices.length !== height || indices.some((row) => row.length !== width)) {
        throw new Error(`The codes must be a grid of ${height}×${width}.`);
      }
      if (codes.some((code) => code < 0 || code >= size)) throw new Error(`Codes must be from 0 to ${size - 1}.`);
      const vectors = select(codes);
      run(decoder, (n) => vectors[n]);
      return clipped(decoder.picture.values.data);
    },

    gradients(pixels, straightThrough = true) {
      if (!trainer) {
        trainer = createDecoder({ backward: true });
        trainer.network.open(math);
      }
      const { features, codes, quantized } = quantize(pixels, "normal");
      run(trainer, (n) => quantized[n]);
      const picture = trainer.picture.values.data;
      const ink = input.values.data;
      trainer.network.backward(trainer.picture, (gradient) => {
        for (let n = 0; n < gradient.length; n++) gradient[n] = 2 * (picture[n] - ink[n]) / gradient.length;
      });
      const byQuantized = unpadded(trainer.input.gradient); // (N, D)
      const pull = features.map((value, n) => 2 * (value - quantized[n]) / features.length); // (N, D)
      const zeros = () => new Float32Array(rows * dim);
      /** @param {Float32Array} gradient (N, D), of the selected embeddings */
      const byEmbeddings = (gradient) => {
        const sums = new Float32Array(size * dim); // (K, D)
        gradient.forEach((value, n) => sums[codes[Math.floor(n / dim)] * dim + n % dim] += value);
        return { shape: [size, dim], data: sums };
      };
      return {
        quantized: grid(byQuantized),
        features: {
          // The straight-through step copies the gradient to the features; without it the codes get it.
          reconstruction: grid(straightThrough ? byQuantized.slice() : zeros()),
          codebook: grid(zeros()),
          commitment: grid(pull),
        },
        embeddings: {
          reconstruction: byEmbeddings(straightThrough ? zeros() : byQuantized),
          codebook: byEmbeddings(pull.map((value) => -value)),
          commitment: byEmbeddings(zeros()),
        },
      };
    },
  };
}

/**
 * @template T
 * @param {Record<string, T>} table
 * @param {string} kind
 * @param {string} name
 * @returns {T}
 */
function choose(table, kind, name) {
  if (!Object.hasOwn(table, name)) {
    throw new Error(`The kernel has no ${kind} "${name}"; it has ${Object.keys(table).join(", ")}.`);
  }
  return table[name];
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

/**
 * @param {Float32Array} one
 * @param {Float32Array} other
 */
function meanSquare(one, other) {
  let sum = 0;
  for (let n = 0; n < one.length; n++) sum += (one[n] - other[n]) ** 2;
  return sum / one.length;
}

/**
 * @param {Matrix} matrix
 * @returns {Float32Array} a copy without the padding
 */
function unpadded({ rows, columns, stride, data }) {
  const copy = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) copy.set(data.subarray(row * stride, row * stride + columns), row * columns);
  return copy;
}

/**
 * @param {Float32Array} picture (784,)
 * @returns {Tensor} (28, 28), in [0, 1]
 */
function clipped(picture) {
  return { shape: [SIZE, SIZE], data: picture.map((value) => Math.min(1, Math.max(0, value))) };
}
