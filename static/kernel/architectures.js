// @ts-check

/**
 * The encoders and decoders of vqvae_explainer/model/architectures/, and the last layers of its output.py.
 *
 * C = hidden_channels, D = embedding_dim.
 */

/**
 * @typedef {import("./types.d.ts").Config} Config
 * @typedef {import("./types.d.ts").Volume} Volume
 * @typedef {import("./network.js").Network} Network
 *
 * @typedef {Object} Architecture
 * @property {[number, number]} grid height and width of the features
 * @property {(network: Network, input: Volume, config: Config) => Volume} encode picture (28, 28, 1) → features (H, W, D)
 * @property {(network: Network, quantized: Volume, config: Config) => Volume} decode (H, W, D) → numbers (28, 28, 1),
 *   which an output maps to ink
 */

/** @type {Record<string, Architecture>} */
export const ARCHITECTURES = {
  residual: {
    grid: [7, 7],
    encode(network, input, config) {
      let x = network.convolution(input, "encoder.downsample1", { stride: 2, padding: 1 }); // (14, 14, C/2)
      x = network.convolution(network.relu(x), "encoder.downsample2", { stride: 2, padding: 1 }); // (7, 7, C)
      x = network.relu(residualBlocks(network, x, "encoder.residual", config)); // (7, 7, C)
      return network.convolution(x, "encoder.project"); // (7, 7, D)
    },
    decode(network, quantized, config) {
      let x = network.convolution(quantized, "decoder.project"); // (7, 7, C)
      x = network.relu(residualBlocks(network, x, "decoder.residual", config)); // (7, 7, C)
      x = network.transposedConvolution(x, "decoder.upsample1", { stride: 2, padding: 1 }); // (14, 14, C/2)
      x = network.relu(x);
      return network.transposedConvolution(x, "decoder.upsample2", { stride: 2, padding: 1, picture: true });
    },
  },
  strided: {
    grid: [7, 7],
    encode(network, input) {
      let x = network.convolution(input, "encoder.downsample1", { stride: 2, padding: 1 }); // (14, 14, C/2)
      x = network.convolution(network.relu(x), "encoder.downsample2", { stride: 2, padding: 1 }); // (7, 7, C)
      return network.convolution(network.relu(x), "encoder.project"); // (7, 7, D)
    },
    decode(network, quantized) {
      const twice = { stride: 2, padding: 1, outputPadding: 1 };
      let x = network.transposedConvolution(quantized, "decoder.upsample1", twice); // (14, 14, C)
      x = network.transposedConvolution(network.relu(x), "decoder.upsample2", twice); // (28, 28, C/2)
      return network.transposedConvolution(network.relu(x), "decoder.project", { padding: 1, picture: true });
    },
  },
  minimal: {
    grid: [7, 7],
    encode(network, input) {
      let x = network.center(input); // (28, 28, 1), from [0, 1] to [−1, 1]
      x = network.convolution(x, "encoder.downsample1", { stride: 2, padding: 1 }); // (14, 14, C)
      x = network.convolution(network.relu(x), "encoder.downsample2", { stride: 2, padding: 1 }); // (7, 7, C)
      return network.convolution(network.relu(x), "encoder.project", { padding: 1 }); // (7, 7, D)
    },
    decode(network, quantized) {
      let x = network.transposedConvolution(quantized, "decoder.project", { padding: 1 }); // (7, 7, C)
      x = network.transposedConvolution(network.relu(x), "decoder.upsample1", { stride: 2, padding: 1 }); // (14, 14, C)
      x = network.relu(x);
      return network.transposedConvolution(x, "decoder.upsample2", { stride: 2, padding: 1, picture: true });
    },
  },
  mlp: {
    grid: [1, 1],
    encode(network, input) {
      const { height, width } = input;
      let x = network.linear(network.reshape(input, 1, 1, height * width), "encoder.layer1"); // (1, 1, C)
      x = network.linear(network.relu(x), "encoder.layer2"); // (1, 1, C/2)
      return network.linear(network.relu(x), "encoder.project"); // (1, 1, D)
    },
    decode(network, quantized) {
      let x = network.linear(quantized, "decoder.project"); // (1, 1, C)
      x = network.linear(network.relu(x), "decoder.layer1"); // (1, 1, 784)
      return network.reshape(x, 28, 28, 1);
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
 * @param {Volume} x (7, 7, C)
 * @param {string} name
 * @param {Config} config
 * @returns {Volume} (7, 7, C)
 */
function residualBlocks(network, x, name, config) {
  for (let n = 0; n < config.residual_blocks; n++) {
    let change = network.convolution(network.relu(x), `${name}.${n}.spread`, { padding: 1 }); // (7, 7, residual_channels)
    change = network.convolution(network.relu(change), `${name}.${n}.mix`); // (7, 7, C)
    x = network.add(x, change);
  }
  return x;
}
