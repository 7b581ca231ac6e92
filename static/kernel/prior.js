// @ts-check

/**
 * The prior as model/prior.py computes it: a causal transformer that predicts each code from those before it.
 *
 * Keys and values of the cells that are done are kept, so that a further cell costs the same as the first.
 *
 * Shapes: T = H·W cells of all L levels, S cells at once, K codes, C channels, A attention heads.
 */

import { addBias, checkUsed, Network } from "./network.js";
import { layoutOf, levelsOf } from "./prior-layout.js";

/** @typedef {import("./types.d.ts").Matrix} Matrix */

export const CLASSES = 10;
const EPSILON = 1e-5; // of PyTorch's LayerNorm

/**
 * @param {import("./types.d.ts").PriorConfig} config
 * @param {Record<string, import("./types.d.ts").Tensor>} tensors of the prior's weights file
 * @param {import("./types.d.ts").Math} math
 * @returns {import("./types.d.ts").Prior}
 * @throws {Error} when the kernel lacks the architecture, or the weights are those of another network
 */
export function createPrior(config, tensors, math) {
  if (config.architecture !== "transformer") {
    throw new Error(`The kernel has no prior "${config.architecture}"; it has transformer.`);
  }
  const { num_embeddings: size, channels, layers: depth, heads } = config;
  const levels = levelsOf(config);
  const layout = layoutOf(levels);
  const cells = layout.length; // T
  const symbols = levels.length * size; // L·K: code k of level l is symbol l·K + k
  const network = new Network(tensors);

  /** @param {number} columns */
  const work = (columns) => network.matrix(cells, columns); // (S, columns)
  const x = work(channels);
  const normal = work(channels);
  const split = work(3 * channels); // queries, keys and values
  const attended = work(channels);
  const hidden = work(4 * channels);
  const change = work(channels);
  const logits = work(symbols);

  /** @param {string} name */
  const pair = (name) => ({ weight: network.tensor(`${name}.weight`).data, bias: network.tensor(`${name}.bias`).data });
  /** @param {string} name */
  const linear = (name) => ({ weights: network.weights(`${name}.weight`), bias: network.tensor(`${name}.bias`).data });
  /** @param {string} name */
  const table = (name) => network.tensor(`${name}.weight`).data; // (entries, C)
  const layers = Array.from({ length: depth }, (_, n) => ({
    norm1: pair(`layers.${n}.norm1`),
    queryKeyValue: linear(`layers.${n}.query_key_value`),
    mix: linear(`layers.${n}.mix`),
    norm2: pair(`layers.${n}.norm2`),
    expand: linear(`layers.${n}.expand`),
    contract: linear(`layers.${n}.contract`),
    keys: new Float32Array(cells * channels), // (T, C), of the cells that are done
    values: new Float32Array(cells * channels), // (T, C)
  }));
  const norm = pair("norm");
  const output = linear("logits");
  const [classes, codebook, rows, columns] = ["classes", "codes", "rows", "columns"].map(table);
  // (L·K + 1, C) each, the last row: outside the grid
  const neighbors = layout[0].neighbors.map((_, n) => table(`neighbors.${n}`));
  const scores = new Float64Array(cells); // of attention, for one cell and head
  const sums = new Float64Array(channels / heads); // of weighted values
  checkUsed(tensors, [network]);
  network.open(math);

  let label = 0;
  let done = 0;

  /**
   * The input of the first layer.
   * @param {ArrayLike<number>} codes
   * @param {number} cell
   * @param {number} at first number of its row
   */
  function embed(codes, cell, at) {
    const { row, column, neighbors: positions } = layout[cell];
    /** @param {number} position */
    const symbol = (position) => position < cells ? layout[position].level * size + codes[position] : symbols;
    x.data.fill(0, at, at + channels);
    /** @type {(table: Float32Array, entry: number) => void} */
    const add = (table, entry) => {
      for (let c = 0; c < channels; c++) x.data[at + c] += table[entry * channels + c];
    };
    if (cell === 0) add(classes, label);
    else add(codebook, symbol(cell - 1));
    if (config.class_inputs === "all") add(classes, label);
    add(rows, row);
    add(columns, column);
    positions.forEach((position, n) => add(neighbors[n], symbol(position)));
  }

  /**
   * For each cell, the mean of the values of the cells up to it, weighted by softmax(q · k / √(C/A)).
   * @param {typeof layers[number]} layer
   */
  function attend({ keys, values }) {
    const length = channels / heads;
    const scale = 1 / Math.sqrt(length);
    const queries = split.data;
    for (let row = 0; row < split.rows; row++) {
      const cell = done + row;
      const at = row * split.stride;
      keys.set(queries.subarray(at + channels, at + 2 * channels), cell * channels);
      values.set(queries.subarray(at + 2 * channels, at + 3 * channels), cell * channels);
      for (let first = 0; first < channels; first += length) { // of a head
        let largest = -Infinity;
        for (let other = 0; other <= cell; other++) {
          const from = other * channels;
          let product = 0;
          for (let c = first; c < first + length; c++) product += queries[at + c] * keys[from + c];
          scores[other] = product * scale;
          if (scores[other] > largest) largest = scores[other];
        }
        let sum = 0;
        sums.fill(0);
        for (let other = 0; other <= cell; other++) {
          const from = other * channels + first;
          const weight = Math.exp(scores[other] - largest);
          sum += weight;
          for (let c = 0; c < length; c++) sums[c] += weight * values[from + c];
        }
        const to = row * attended.stride + first;
        for (let c = 0; c < length; c++) attended.data[to + c] = sums[c] / sum;
      }
    }
  }

  /**
   * @param {Matrix} input
   * @param {{ weights: Matrix, bias: Float32Array }} parameters
   * @param {Matrix} result
   */
  function apply(input, { weights, bias }, result) {
    network.multiply(input, weights, result);
    addBias(result, bias);
  }

  return {
    config,

    start(digit) {
      label = digit;
      done = 0;
    },

    predict(codes, stop) {
      const first = done;
      for (const matrix of [x, normal, split, attended, hidden, change, logits]) matrix.rows = stop - done;
      for (let row = 0; row < x.rows; row++) embed(codes, done + row, row * x.stride);
      for (const layer of layers) {
        normalize(x, layer.norm1, normal); // (S, C)
        apply(normal, layer.queryKeyValue, split); // (S, 3C)
        attend(layer); // (S, C)
        apply(attended, layer.mix, change); // (S, C)
        add(x, change);
        normalize(x, layer.norm2, normal); // (S, C)
        apply(normal, layer.expand, hidden); // (S, 4C)
        gelu(hidden);
        apply(hidden, layer.contract, change); // (S, C)
        add(x, change);
      }
      done = stop;
      normalize(x, norm, normal);
      apply(normal, output, logits); // (S, L·K)
      return Array.from({ length: logits.rows }, (_, row) => {
        const at = row * logits.stride + layout[first + row].level * size;
        return logits.data.slice(at, at + size);
      });
    },
  };
}

/**
 * Layer normalization (Ba et al. 2016, arXiv:1607.06450).
 * @param {Matrix} input
 * @param {{ weight: Float32Array, bias: Float32Array }} parameters
 * @param {Matrix} output
 */
function normalize({ rows, columns, stride, data }, { weight, bias }, output) {
  for (let at = 0; at < rows * stride; at += stride) {
    let mean = 0;
    for (let c = 0; c < columns; c++) mean += data[at + c] / columns;
    let variance = 0;
    for (let c = 0; c < columns; c++) variance += (data[at + c] - mean) ** 2 / columns;
    const scale = 1 / Math.sqrt(variance + EPSILON);
    for (let c = 0; c < columns; c++) output.data[at + c] = (data[at + c] - mean) * scale * weight[c] + bias[c];
  }
}

/**
 * @param {Matrix} sum
 * @param {Matrix} values
 */
function add(sum, values) {
  for (let n = 0; n < sum.rows * sum.stride; n++) sum.data[n] += values.data[n];
}

/**
 * The approximation with tanh of Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2, as (1 + tanh(u)) / 2 = σ(2u).
 * @param {Matrix} matrix
 */
function gelu({ rows, stride, data }) {
  const factor = 2 * Math.sqrt(2 / Math.PI);
  for (let n = 0; n < rows * stride; n++) {
    const x = data[n];
    data[n] = x / (1 + Math.exp(-factor * (x + 0.044715 * x * x * x)));
  }
}
