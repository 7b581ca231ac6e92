// @ts-check

/**
 * Builds a network and runs it forward and backward.
 *
 * Every picture or grid of features is a matrix, one row a cell, channels last. A convolution gathers the patch of each
 * output cell into a row and multiplies the rows by its weights (im2col). A transposed convolution is the reverse: each
 * input cell times the weights gives a patch, and the patches are added up where they overlap. So each of the two is
 * the other's backward pass.
 */

import { findRuns, gather, scatter } from "./patches.js";

/**
 * @typedef {import("./types.d.ts").Matrix} Matrix
 * @typedef {import("./types.d.ts").Volume} Volume
 * @typedef {import("./types.d.ts").Tensor} Tensor
 */

export class Network {
  /** @type {Set<string>} names of the tensors that it is made of */
  used = new Set();

  /** @type {import("./types.d.ts").Operation[]} */
  #operations = [];

  /** @type {Matrix[]} */
  #matrices = [];

  /** @type {Matrix[]} */
  #gradients = [];

  /** @type {{ matrix: Matrix, values: Float32Array }[]} */
  #constants = [];

  #floats = 0;
  #memory = new Float32Array();
  #tensors;
  #backward;

  /**
   * @param {Record<string, Tensor>} tensors by their names in PyTorch
   * @param {{ backward?: boolean }} [options] whether gradients can be computed
   */
  constructor(tensors, { backward = false } = {}) {
    this.#tensors = tensors;
    this.#backward = backward;
  }

  /** @type {import("./types.d.ts").Multiply} */
  multiply = () => {
    throw new Error("The network has no memory yet.");
  };

  /**
   * Ends the building: gives every matrix its memory.
   * @param {import("./types.d.ts").Math} math
   */
  open(math) {
    const { buffer, multiply } = math.createMemory(this.#floats);
    this.#memory = new Float32Array(buffer);
    this.multiply = multiply;
    for (const matrix of this.#matrices) {
      matrix.data = new Float32Array(buffer, 4 * matrix.at, matrix.rows * matrix.stride);
    }
    for (const { matrix, values } of this.#constants) matrix.data.set(values);
    this.#constants = [];
  }

  /** Computes all volumes from the input. */
  forward() {
    for (const operation of this.#operations) operation.forward();
  }

  /**
   * Computes the gradients of all volumes, after `forward`.
   * @param {Volume} output
   * @param {(gradient: Float32Array) => void} seed writes the gradient of the output
   */
  backward(output, seed) {
    for (const { data } of this.#gradients) data.fill(0);
    seed(output.gradient.data);
    for (const operation of this.#operations.toReversed()) operation.backward();
  }

  /**
   * @param {string} name
   * @returns {Tensor}
   * @throws {Error} when there is none
   */
  tensor(name) {
    if (!Object.hasOwn(this.#tensors, name)) throw new Error(`The weights have no tensor "${name}".`);
    this.used.add(name);
    return this.#tensors[name];
  }

  /**
   * @param {number} rows
   * @param {number} columns
   * @param {number} [stride]
   * @returns {Matrix}
   */
  matrix(rows, columns, stride = padded(columns)) {
    const matrix = { rows, columns, stride, at: this.#floats, data: new Float32Array() };
    this.#matrices.push(matrix);
    this.#floats += padded(rows * stride);
    return matrix;
  }

  /**
   * Packs a weight for the right side of products. Channels and rows of 0 are added, so that sizes are multiples of 4.
   * @param {string} name of a tensor (first, second, kernel, kernel) or (first, second)
   * @param {{ transposed?: boolean, cell?: number }} [options] `cell`: numbers a pixel of the patches
   * @returns {Matrix} first × patch, where place k·cell + n of a patch belongs to weight [n] at place k of the kernel; or
   *   transposed
   */
  weights(name, { transposed = false, cell = 0 } = {}) {
    const { data, shape: [first, second, kernel = 1] } = this.tensor(name);
    cell ||= padded(second);
    const patch = kernel ** 2 * cell;
    const matrix = transposed ? this.matrix(padded(patch), first) : this.matrix(padded(first), patch);
    const [row, column] = transposed ? [1, matrix.stride] : [matrix.stride, 1];
    const values = new Float32Array(matrix.rows * matrix.stride);
    let at = 0;
    for (let m = 0; m < first; m++) {
      for (let n = 0; n < second; n++) {
        for (let k = 0; k < kernel ** 2; k++) values[m * row + (k * cell + n) * column] = data[at++];
      }
    }
    this.#constants.push({ matrix, values });
    return matrix;
  }

  /**
   * @param {number} height
   * @param {number} width
   * @param {number} channels
   * @param {number} [stride]
   * @returns {Volume} the input, or what an operation computes
   */
  volume(height, width, channels, stride = padded(channels)) {
    const values = this.matrix(height * width, channels, stride);
    const gradient = this.matrix(this.#backward ? height * width : 0, channels, stride);
    this.#gradients.push(gradient);
    return { height, width, channels, values, gradient };
  }

  /**
   * @param {number} height
   * @param {number} width
   * @returns {Volume} of one channel, with nothing between the pixels; no left side of a product
   */
  picture(height, width) {
    return this.volume(height, width, 1, 1);
  }

  /**
   * @param {Volume} input whose numbers have nothing between them
   * @param {number} height
   * @param {number} width
   * @param {number} channels
   * @returns {Volume} the same numbers
   */
  reshape(input, height, width, channels) {
    const [values, gradient] = [input.values, input.gradient].map((matrix) => {
      const view = { ...matrix, rows: matrix.rows && height * width, columns: channels, stride: channels };
      this.#matrices.push(view);
      return view;
    });
    return { height, width, channels, values, gradient };
  }

  /**
   * `nn.Conv2d`, and `nn.Linear` on a volume of one cell.
   * @param {Volume} input
   * @param {string} name of a weight (outputs, inputs, kernel, kernel) or (outputs, inputs), and a bias (outputs)
   * @param {{ stride?: number, padding?: number }} [options]
   * @returns {Volume}
   */
  convolution(input, name, { stride = 1, padding = 0 } = {}) {
    const { shape: [outputs, inputs, kernel = 1] } = this.tensor(`${name}.weight`);
    checkInputs(name, inputs, input);
    const bias = this.tensor(`${name}.bias`).data;
    const [height, width] = [input.height, input.width].map((n) => Math.floor((n + 2 * padding - kernel) / stride) + 1);
    const output = this.volume(height, width, outputs);
    const cell = input.values.stride;
    const weights = this.weights(`${name}.weight`, { cell }); // outputs × patch
    const { runs, patches } = this.#patches(input, output, kernel, stride, padding); // cells × patch
    this.#operations.push({
      forward: () => {
        gather(this.#memory, runs, input.values, patches);
        this.multiply(patches, weights, output.values); // cells × outputs
        addBias(output.values, bias);
      },
      backward: this.#derivative(() => {
        const transposed = this.weights(`${name}.weight`, { cell, transposed: true }); // patch × outputs
        const change = this.matrix(patches.rows, patches.columns);
        return () => {
          this.multiply(output.gradient, transposed, change); // cells × patch
          scatter(runs, change.data, input.gradient.data);
        };
      }),
    });
    return output;
  }

  /**
   * `nn.ConvTranspose2d`
   * @param {Volume} input
   * @param {string} name of a weight (inputs, outputs, kernel, kernel) and a bias (outputs)
   * @param {{ stride?: number, padding?: number, outputPadding?: number, picture?: boolean }} [options]
   * @returns {Volume}
   */
  transposedConvolution(input, name, { stride = 1, padding = 0, outputPadding = 0, picture = false } = {}) {
    const { shape: [inputs, outputs, kernel] } = this.tensor(`${name}.weight`);
    checkInputs(name, inputs, input);
    const bias = this.tensor(`${name}.bias`).data;
    const [height, width] = [input.height, input.width].map((n) =>
      (n - 1) * stride - 2 * padding + kernel + outputPadding
    );
    const output = picture ? this.picture(height, width) : this.volume(height, width, outputs);
    const cell = output.values.stride;
    const weights = this.weights(`${name}.weight`, { cell, transposed: true }); // patch × inputs
    const { runs, patches } = this.#patches(output, input, kernel, stride, padding); // cells × patch
    this.#operations.push({
      forward: () => {
        this.multiply(input.values, weights, patches); // cells × patch
        output.values.data.fill(0);
        scatter(runs, patches.data, output.values.data);
        addBias(output.values, bias);
      },
      backward: this.#derivative(() => {
        const straight = this.weights(`${name}.weight`, { cell }); // inputs × patch
        const gathered = this.matrix(patches.rows, patches.columns);
        const change = this.matrix(input.values.rows, inputs);
        return () => {
          gather(this.#memory, runs, output.gradient, gathered);
          this.multiply(gathered, straight, change); // cells × inputs
          addTo(input.gradient.data, change.data);
        };
      }),
    });
    return output;
  }

  /**
   * `nn.Linear`
   * @param {Volume} input
   * @param {string} name of a weight (outputs, inputs) and a bias (outputs)
   * @returns {Volume}
   */
  linear(input, name) {
    return this.convolution(input, name);
  }

  /**
   * @param {Volume} input
   * @returns {Volume} max(0, x)
   */
  relu(input) {
    // Not by #elementwise, which calls a function for each number.
    const output = this.volume(input.height, input.width, input.channels, input.values.stride);
    this.#operations.push({
      forward: () => {
        const from = input.values.data, to = output.values.data;
        for (let n = 0; n < to.length; n++) to[n] = Math.max(0, from[n]);
      },
      backward: () => {
        const from = output.gradient.data, to = input.gradient.data, values = output.values.data;
        for (let n = 0; n < to.length; n++) if (values[n] > 0) to[n] += from[n];
      },
    });
    return output;
  }

  /**
   * @param {Volume} input
   * @returns {Volume} 1 / (1 + exp(−x))
   */
  sigmoid(input) {
    return this.#elementwise(input, (x) => 1 / (1 + Math.exp(-x)), (y) => y * (1 - y));
  }

  /**
   * @param {Volume} input
   * @returns {Volume} (tanh(x) + 1) / 2, from all numbers to [0, 1]
   */
  tanh(input) {
    return this.#elementwise(input, (x) => (Math.tanh(x) + 1) / 2, (y) => 2 * y * (1 - y));
  }

  /**
   * @param {Volume} input
   * @returns {Volume} 2x − 1, from [0, 1] to [−1, 1]
   */
  center(input) {
    return this.#elementwise(input, (x) => 2 * x - 1, () => 2);
  }

  /**
   * @param {Volume} one
   * @param {Volume} other of the same shape
   * @returns {Volume}
   */
  add(one, other) {
    const output = this.volume(one.height, one.width, one.channels, one.values.stride);
    this.#operations.push({
      forward: () => {
        output.values.data.set(one.values.data);
        addTo(output.values.data, other.values.data);
      },
      backward: () => {
        addTo(one.gradient.data, output.gradient.data);
        addTo(other.gradient.data, output.gradient.data);
      },
    });
    return output;
  }

  /**
   * @param {Volume} one
   * @param {Volume} other of the same height and width
   * @returns {Volume} the channels of both in each cell
   */
  concatenate(one, other) {
    const output = this.volume(one.height, one.width, one.channels + other.channels);
    const parts = [{ part: one, start: 0 }, { part: other, start: one.channels }].map(({ part, start }) => {
      const [to, from, length] = [output.values.stride, part.values.stride, part.channels];
      const runs = Array.from({ length: part.values.rows }, (_, row) => [row * to + start, row * from, length]);
      return { part, runs: Int32Array.from(runs.flat()) };
    });
    this.#operations.push({
      forward: () => {
        for (const { part, runs } of parts) gather(this.#memory, runs, part.values, output.values);
      },
      backward: () => {
        for (const { part, runs } of parts) scatter(runs, output.gradient.data, part.gradient.data);
      },
    });
    return output;
  }

  /**
   * @param {Volume} input
   * @param {(x: number) => number} compute
   * @param {(y: number) => number} derivative by x, from the result
   * @returns {Volume}
   */
  #elementwise(input, compute, derivative) {
    const output = this.volume(input.height, input.width, input.channels, input.values.stride);
    this.#operations.push({
      forward: () => {
        const from = input.values.data, to = output.values.data;
        for (let n = 0; n < to.length; n++) to[n] = compute(from[n]);
      },
      backward: () => {
        const from = output.gradient.data, to = input.gradient.data, values = output.values.data;
        for (let n = 0; n < to.length; n++) to[n] += from[n] * derivative(values[n]);
      },
    });
    return output;
  }

  /**
   * @param {Volume} picture
   * @param {Volume} cells one for each patch of it
   * @param {number} kernel
   * @param {number} stride
   * @param {number} padding
   */
  #patches(picture, cells, kernel, stride, padding) {
    const patches = this.matrix(cells.height * cells.width, kernel ** 2 * picture.values.stride);
    const runs = findRuns({
      height: picture.height,
      width: picture.width,
      cell: picture.values.stride,
      rows: cells.height,
      columns: cells.width,
      kernel,
      stride,
      padding,
      patch: patches.stride,
    });
    return { runs, patches };
  }

  /**
   * @param {() => () => void} prepare makes what the backward pass needs, and returns it
   * @returns {() => void}
   */
  #derivative(prepare) {
    return this.#backward ? prepare() : unavailable;
  }
}

/**
 * @param {Record<string, Tensor>} tensors
 * @param {Network[]} networks
 * @param {string[]} [others] names of tensors that no network needs
 * @throws {Error} when no network is made of one of the tensors: they are those of another network
 */
export function checkUsed(tensors, networks, others = []) {
  const known = new Set([...networks.flatMap(({ used }) => [...used]), ...others]);
  const name = Object.keys(tensors).find((name) => !known.has(name));
  if (name !== undefined) throw new Error(`The weights have a tensor "${name}" that the kernel does not know.`);
}

/**
 * @param {string} name of a layer
 * @param {number} inputs channels that its weight is for
 * @param {Volume} input
 * @throws {Error} when the input has another number of channels
 */
function checkInputs(name, inputs, { channels }) {
  if (inputs !== channels) throw new Error(`The tensor "${name}.weight" is for ${inputs} channels, but gets ${channels}.`);
}

function unavailable() {
  throw new Error("The network has no backward pass.");
}

/**
 * @param {number} length
 * @returns {number} the next multiple of 4, which `multiply` needs
 */
function padded(length) {
  return Math.ceil(length / 4) * 4;
}

/**
 * @param {Matrix} matrix
 * @param {Float32Array} bias of each column
 */
export function addBias({ rows, columns, stride, data }, bias) {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) data[row * stride + column] += bias[column];
  }
}

/**
 * @param {Matrix} matrix
 * @param {Float32Array} numbers (rows, columns)
 */
export function fill({ rows, columns, stride, data }, numbers) {
  for (let row = 0; row < rows; row++) data.set(numbers.subarray(row * columns, (row + 1) * columns), row * stride);
}

/**
 * @param {Matrix} matrix
 * @returns {Float32Array} (rows, columns), a copy
 */
export function unpadded({ rows, columns, stride, data }) {
  const copy = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) copy.set(data.subarray(row * stride, row * stride + columns), row * columns);
  return copy;
}

/**
 * @param {Float32Array} sum
 * @param {Float32Array} values
 */
function addTo(sum, values) {
  for (let n = 0; n < sum.length; n++) sum[n] += values[n];
}
