// @ts-check

/**
 * The VQ-VAE as model/vqvae.py, model/hierarchical.py, explain/trace.py and explain/gradients.py compute it.
 *
 * Shapes: an H×W grid, D channels, K embeddings, N = H·W rows; of each level.
 */

import { ARCHITECTURES, OUTPUTS } from "./architectures.js";
import { createLevel } from "./level.js";
import { checkUsed, fill, Network, unpadded } from "./network.js";

/**
 * @typedef {import("./types.d.ts").Config} Config
 * @typedef {import("./types.d.ts").Tensor} Tensor
 */

const PIXELS = 784;

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

  /** @type {import("./level.js").Level[]} in the order in which they are computed */
  const levels = [];
  for (const [id, level] of Object.entries({ ...architecture.before, "": architecture })) {
    levels.push(createLevel(id, level, config, tensors, [...levels]));
  }
  const decoder = createDecoder();
  const networks = [...levels, decoder].map(({ network }) => network);
  checkUsed(tensors, networks, levels.flatMap(({ trainingOnly }) => trainingOnly));
  for (const network of networks) network.open(math);
  /** @type {ReturnType<typeof createDecoder> | null} made when gradients are first asked for */
  let trainer = null;

  /** @param {{ backward?: boolean }} [options] */
  function createDecoder(options) {
    const network = new Network(tensors, options);
    const inputs = levels.map(({ grid: [height, width], dim }) => network.volume(height, width, dim)); // (H, W, D) of each
    return { network, inputs, picture: output(network, architecture.decode(network, config, ...inputs)) }; // (28, 28, 1)
  }

  /**
   * @param {Uint8Array} pixels (784,), 255 is ink
   * @param {import("./types.d.ts").Variant} variant
   */
  function quantize(pixels, variant) {
    if (pixels.length !== PIXELS) throw new Error(`A drawing must be ${PIXELS} bytes, got ${pixels.length}.`);
    const ink = Float32Array.from(pixels, (value) => value / 255);
    /** @type {(ReturnType<levels[0]["quantize"]> & { level: levels[0] })[]} */
    const found = [];
    for (const level of levels) {
      found.push({ level, ...level.quantize(ink, variant, found.map(({ decoded }) => decoded)) });
    }
    return { ink, found };
  }

  /**
   * @param {ReturnType<typeof createDecoder>} decoder
   * @param {Float32Array[]} vectors (N, D) of each level
   * @returns {Float32Array} (784,), ink that a linear output may overshoot
   */
  function run({ network, inputs, picture }, vectors) {
    inputs.forEach(({ values }, n) => fill(values, vectors[n]));
    network.forward();
    return picture.values.data;
  }

  return {
    trace(pixels, variant = "normal") {
      const { ink, found } = quantize(pixels, variant);
      const picture = run(decoder, found.map(({ decoded }) => decoded));
      const reconstruction = meanSquare(picture, ink);
      const commitment = sum(found.map(({ features, quantized }) => meanSquare(features, quantized)));
      // In "ema" mode moving averages replace the codebook loss, which is not minimized.
      const minimized = config.codebook === "gradient" ? commitment : 0;
      return Object.assign({}, ...found.map(({ level, features, distances, codes, quantized }) => ({
        [level.name("features")]: level.tensor(features),
        [level.name("distances")]: { shape: [codes.length, level.size], data: distances },
        [level.name("indices")]: level.rows(codes),
        [level.name("quantized")]: level.tensor(quantized),
      })), {
        reconstruction: clipped(picture),
        losses: {
          reconstruction,
          codebook: commitment, // equal in value
          commitment,
          total: config.reconstruction_weight * reconstruction + config.beta * commitment + minimized,
        },
      });
    },

    decode(codes) {
      const vectors = levels.map((level) => {
        const indices = Object(codes)[level.name("indices")] ?? null;
        return !indices && levels.length > 1 ? level.zeros() : level.select(indices);
      });
      return clipped(run(decoder, vectors));
    },

    gradients(pixels, straightThrough = true) {
      if (!trainer) {
        trainer = createDecoder({ backward: true });
        trainer.network.open(math);
      }
      const { ink, found } = quantize(pixels, "normal");
      const picture = run(trainer, found.map(({ quantized }) => quantized));
      trainer.network.backward(trainer.picture, (gradient) => {
        for (let n = 0; n < gradient.length; n++) gradient[n] = 2 * (picture[n] - ink[n]) / gradient.length;
      });
      const byQuantized = trainer.inputs.map(({ gradient }) => unpadded(gradient)); // (N, D) of each level
      return Object.assign({}, ...found.map(({ level, features, codes, quantized }, n) => {
        const pull = features.map((value, m) => 2 * (value - quantized[m]) / features.length); // (N, D)
        return {
          [level.name("quantized")]: level.tensor(byQuantized[n]),
          [level.name("features")]: {
            // The straight-through step copies the gradient to the features; without it the codes get it.
            reconstruction: level.tensor(straightThrough ? byQuantized[n].slice() : level.zeros()),
            codebook: level.tensor(level.zeros()),
            commitment: level.tensor(pull),
          },
          [level.name("embeddings")]: {
            reconstruction: level.toCodebook(straightThrough ? level.zeros() : byQuantized[n], codes),
            codebook: level.toCodebook(pull.map((value) => -value), codes),
            commitment: level.toCodebook(level.zeros(), codes),
          },
        };
      }));
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

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, value) => total + value, 0);
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
 * @param {Float32Array} picture (784,)
 * @returns {Tensor} (28, 28), in [0, 1]
 */
function clipped(picture) {
  return { shape: [28, 28], data: picture.map((value) => Math.min(1, Math.max(0, value))) };
}
