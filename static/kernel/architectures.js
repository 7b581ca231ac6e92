// @ts-check

/**
 * The encoders and decoders of vqvae_explainer/model/architectures/, and the last layers of its output.py.
 *
 * C = hidden_channels, D = embedding_dim; the bottom grid of a hierarchical model is S×S, its top grid T×T.
 */

/**
 * @typedef {import("./types.d.ts").Config} Config
 * @typedef {import("./types.d.ts").Volume} Volume
 * @typedef {import("./network.js").Network} Network
 *
 * @typedef {Object} Level
 * @property {(config: Config) => [number, number]} grid height and width of the features
 * @property {(network: Network, config: Config, input: Volume, ...known: Volume[]) => Volume} encode picture (28, 28, 1), and
 *   what the decoder gets of the levels before → features (H, W, D)
 *
 * @typedef {Object} Decoder
 * @property {Record<string, Level>} [before] levels that are computed before the main one, by id
 * @property {(network: Network, config: Config, ...quantized: Volume[]) => Volume} decode (H, W, D) of each level → numbers
 *   (28, 28, 1), which an output maps to ink
 *
 * @typedef {Level & Decoder} Architecture its own fields as a level are those of the main one
 */

/** @type {Record<string, Architecture>} */
export const ARCHITECTURES = {
  residual: {
    grid: () => [7, 7],
    encode(network, config, input) {
      let x = network.convolution(input, "encoder.downsample1", { stride: 2, padding: 1 }); // (14, 14, C/2)
      x = network.convolution(network.relu(x), "encoder.downsample2", { stride: 2, padding: 1 }); // (7, 7, C)
      x = network.relu(residualBlocks(network, config, x, "encoder.residual")); // (7, 7, C)
      return network.convolution(x, "encoder.project"); // (7, 7, D)
    },
    decode(network, config, quantized) {
      let x = network.convolution(quantized, "decoder.project"); // (7, 7, C)
      x = network.relu(residualBlocks(network, config, x, "decoder.residual")); // (7, 7, C)
      x = network.transposedConvolution(x, "decoder.upsample1", { stride: 2, padding: 1 }); // (14, 14, C/2)
      x = network.relu(x);
      return network.transposedConvolution(x, "decoder.upsample2", { stride: 2, padding: 1, picture: true });
    },
  },
  strided: {
    grid: () => [7, 7],
    encode(network, _config, input) {
      let x = network.convolution(input, "encoder.downsample1", { stride: 2, padding: 1 }); // (14, 14, C/2)
      x = network.convolution(network.relu(x), "encoder.downsample2", { stride: 2, padding: 1 }); // (7, 7, C)
      return network.convolution(network.relu(x), "encoder.project"); // (7, 7, D)
    },
    decode(network, _config, quantized) {
      const twice = { stride: 2, padding: 1, outputPadding: 1 };
      let x = network.transposedConvolution(quantized, "decoder.upsample1", twice); // (14, 14, C)
      x = network.transposedConvolution(network.relu(x), "decoder.upsample2", twice); // (28, 28, C/2)
      return network.transposedConvolution(network.relu(x), "decoder.project", { padding: 1, picture: true });
    },
  },
  minimal: {
    grid: () => [7, 7],
    encode(network, _config, input) {
      let x = network.center(input); // (28, 28, 1), from [0, 1] to [−1, 1]
      x = network.convolution(x, "encoder.downsample1", { stride: 2, padding: 1 }); // (14, 14, C)
      x = network.convolution(network.relu(x), "encoder.downsample2", { stride: 2, padding: 1 }); // (7, 7, C)
      return network.convolution(network.relu(x), "encoder.project", { padding: 1 }); // (7, 7, D)
    },
    decode(network, _config, quantized) {
      let x = network.transposedConvolution(quantized, "decoder.project", { padding: 1 }); // (7, 7, C)
      x = network.transposedConvolution(network.relu(x), "decoder.upsample1", { stride: 2, padding: 1 }); // (14, 14, C)
      x = network.relu(x);
      return network.transposedConvolution(x, "decoder.upsample2", { stride: 2, padding: 1, picture: true });
    },
  },
  mlp: {
    grid: () => [1, 1],
    encode(network, _config, input) {
      const { height, width } = input;
      let x = network.linear(network.reshape(input, 1, 1, height * width), "encoder.layer1"); // (1, 1, C)
      x = network.linear(network.relu(x), "encoder.layer2"); // (1, 1, C/2)
      return network.linear(network.relu(x), "encoder.project"); // (1, 1, D)
    },
    decode(network, _config, quantized) {
      let x = network.linear(quantized, "decoder.project"); // (1, 1, C)
      x = network.linear(network.relu(x), "decoder.layer1"); // (1, 1, 784)
      return network.reshape(x, 28, 28, 1);
    },
  },
  hierarchical: {
    before: {
      top: {
        grid: ({ bottom_size: size }) => [Math.ceil(size / 2), Math.ceil(size / 2)],
        encode(network, config, input) {
          let x = downsample(network, config, input, "top_encoder.downsample"); // (S, S, C)
          x = network.convolution(x, "top_encoder.downsample_top", { stride: 2, padding: 1 }); // (T, T, C)
          x = network.relu(residualBlocks(network, config, x, "top_encoder.residual")); // (T, T, C)
          return network.convolution(x, "top_encoder.project"); // (T, T, D)
        },
      },
    },
    grid: ({ bottom_size: size }) => [size, size],
    encode(network, config, input, top) {
      const seen = downsample(network, config, input, "encoder.downsample"); // (S, S, C)
      const known = network.transposedConvolution(top, "encoder.upsample_top", { stride: 2, padding: 1 }); // (S, S, C)
      let x = network.concatenate(seen, network.relu(known)); // (S, S, 2C)
      x = network.convolution(x, "encoder.mix"); // (S, S, C)
      x = network.relu(residualBlocks(network, config, x, "encoder.residual")); // (S, S, C)
      return network.convolution(x, "encoder.project"); // (S, S, D)
    },
    decode(network, config, top, bottom) {
      const coarse = network.transposedConvolution(top, "decoder.upsample_top", { stride: 2, padding: 1 }); // (S, S, C)
      const fine = network.convolution(bottom, "decoder.project"); // (S, S, C)
      let x = network.concatenate(network.relu(coarse), network.relu(fine)); // (S, S, 2C)
      x = network.convolution(x, "decoder.mix", { padding: 1 }); // (S, S, C)
      x = residualBlocks(network, config, x, "decoder.residual"); // (S, S, C)
      const last = halvings(config) - 1;
      for (let n = 0; n <= last; n++) {
        const twice = { stride: 2, padding: 1, picture: n === last };
        x = network.transposedConvolution(network.relu(x), `decoder.upsample.${n}`, twice);
      }
      return x;
    },
  },
};

/** @type {Record<string, (network: Network, numbers: Volume) => Volume>} numbers (28, 28, 1) → ink */
export const OUTPUTS = {
  sigmoid: (network, numbers) => network.sigmoid(numbers),
  tanh: (network, numbers) => network.tanh(numbers),
  linear: (_, numbers) => numbers,
};

/**
 * @param {Network} network
 * @param {Config} config
 * @param {Volume} x (H, W, C)
 * @param {string} name
 * @returns {Volume} (H, W, C)
 */
function residualBlocks(network, config, x, name) {
  for (let n = 0; n < config.residual_blocks; n++) {
    let change = network.convolution(network.relu(x), `${name}.${n}.spread`, { padding: 1 }); // (H, W, residual_channels)
    change = network.convolution(network.relu(change), `${name}.${n}.mix`); // (H, W, C)
    x = network.add(x, change);
  }
  return x;
}

/**
 * @param {Network} network
 * @param {Config} config
 * @param {Volume} x (28, 28, 1)
 * @param {string} name
 * @returns {Volume} (S, S, C)
 */
function downsample(network, config, x, name) {
  for (let n = 0; n < halvings(config); n++) {
    x = network.relu(network.convolution(x, `${name}.layers.${n}`, { stride: 2, padding: 1 }));
  }
  return x;
}

/**
 * @param {Config} config
 * @returns {number} how often a picture's side is halved on the way to the bottom grid
 */
function halvings({ bottom_size }) {
  return Math.log2(28 / bottom_size);
}
