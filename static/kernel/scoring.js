// @ts-check

/** How surprising codes are to a prior, as explain/scoring.py computes it. */

import { CLASSES } from "./prior.js";
import { layoutOf, levelsOf } from "./prior-layout.js";
import { logSoftmax } from "./sampling.js";

/**
 * @param {import("./types.d.ts").Prior} prior
 * @param {number[]} codeUsage (L·K,), how often the training digits have each code of each level
 * @param {number[]} codes (T,)
 * @returns {import("./types.d.ts").Score}
 */
export function score(prior, codeUsage, codes) {
  const layout = layoutOf(levelsOf(prior.config));
  const { num_embeddings: size } = prior.config;
  const sums = Array.from({ length: CLASSES }, (_, digit) => {
    prior.start(digit);
    let sum = 0;
    const logits = prior.predict(codes, codes.length); // (T, K)
    return logits.map((cell, n) => sum += logSoftmax(cell)[codes[n]] / Math.LN2); // (T,): log2 p(codes up to t | class)
  });
  const mixture = codes.map((_, n) => log2Mean(sums.map((sum) => sum[n]))); // (T,): log2 p(codes up to t)
  return {
    bits: Float32Array.from(mixture, (sum, n) => (mixture[n - 1] ?? 0) - sum),
    class_bits: sums.map((sum) => -sum[codes.length - 1]),
    total: -mixture[codes.length - 1],
    unigram_bits: codes.reduce((sum, code, cell) => sum - Math.log2(codeUsage[layout[cell].level * size + code]), 0),
  };
}

/**
 * @param {number[]} logarithms
 * @returns {number} log2 of the mean of 2^logarithms
 */
function log2Mean(logarithms) {
  const largest = Math.max(...logarithms);
  const sum = logarithms.reduce((sum, logarithm) => sum + 2 ** (logarithm - largest), 0);
  return largest + Math.log2(sum / logarithms.length);
}
