// @ts-check

/** How surprising codes are to a prior, as explain/scoring.py computes it. */

import { CLASSES } from "./prior.js";
import { logSoftmax } from "./sampling.js";

/**
 * @param {import("./types.d.ts").Prior} prior
 * @param {number[]} codeUsage (K,), how often the training digits have each code
 * @param {number[][]} grid (H, W), codes
 * @returns {import("./types.d.ts").Score}
 */
export function score(prior, codeUsage, grid) {
  const { height, width } = prior.config;
  const codes = grid.flat(); // (T,)
  const sums = Array.from({ length: CLASSES }, (_, digit) => {
    prior.start(digit);
    let sum = 0;
    const logits = prior.predict(codes, codes.length); // (T, K)
    return logits.map((cell, n) => sum += logSoftmax(cell)[codes[n]] / Math.LN2); // (T,): log2 p(codes up to t | class)
  });
  const mixture = codes.map((_, n) => log2Mean(sums.map((sum) => sum[n]))); // (T,): log2 p(codes up to t)
  return {
    bits: { shape: [height, width], data: Float32Array.from(mixture, (sum, n) => (mixture[n - 1] ?? 0) - sum) },
    class_bits: sums.map((sum) => -sum[codes.length - 1]),
    total: -mixture[codes.length - 1],
    unigram_bits: codes.reduce((sum, code) => sum - Math.log2(codeUsage[code]), 0),
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
