// @ts-check

import { joinCodes, splitCodes, splitTensor } from "../core/level-codes.js";
import { toBase64 } from "../core/tensor.js";
import { compress, decompress } from "../kernel/compression.js";
import { levelsOf } from "../kernel/prior-layout.js";
import { sample } from "../kernel/sampling.js";
import { score } from "../kernel/scoring.js";

export { createPrior } from "../kernel/prior.js";

/**
 * The requests that a prior answers. The worker loads this code with the first prior: most visitors only draw.
 * @param {import("../kernel/types.d.ts").Prior} prior
 * @param {number[]} codeUsage
 */
export function createPriorAnswers(prior, codeUsage) {
  const levels = levelsOf(prior.config);

  /** @param {object} request */
  const codesOf = (request) => /** @type {number[]} */ (joinCodes(levels, "codes", request));

  return {
    /** @param {any} request */
    sample(request) {
      const given = joinCodes(levels, "given", request);
      const { digit, codes, probabilities, bits } = sample(prior, { ...request, given });
      return {
        digit,
        ...splitCodes(levels, "codes", codes),
        ...splitTensor(levels, "probabilities", probabilities, prior.config.num_embeddings),
        ...splitTensor(levels, "bits", bits),
      };
    },

    /** @param {object} request */
    score(request) {
      const { bits, ...numbers } = score(prior, codeUsage, codesOf(request));
      return { ...splitTensor(levels, "bits", bits), ...numbers };
    },

    /** @param {object} request */
    compress(request) {
      const codes = codesOf(request);
      const { class_bits, total } = score(prior, codeUsage, codes);
      const { digit, bits } = compress(prior, codes, class_bits);
      const unpacked = splitCodes(levels, "codes", decompress(prior, bits));
      return { digit, bits: bits.length, data: toBase64(toBytes(bits)), information: total, ...unpacked };
    },
  };
}

/**
 * @param {string} bits "0" and "1"
 * @returns {Uint8Array} the last byte filled up with zeros
 */
function toBytes(bits) {
  return Uint8Array.from(bits.match(/.{1,8}/g) ?? [], (byte) => parseInt(byte.padEnd(8, "0"), 2));
}
