// @ts-check

/** Samples codes from a prior as explain/sampling.py does: the same seed gives the same codes. */

import { CLASSES } from "./prior.js";
import { pick, uniform } from "./random.js";

/** @typedef {import("./types.d.ts").Prior} Prior */

/**
 * @param {Prior} prior
 * @param {import("./types.d.ts").SampleSettings} settings
 * @returns {import("./types.d.ts").Sample}
 */
export function sample(prior, { digit, temperature, top_k: topK, seed, given }) {
  const cells = given.length; // T
  const known = given.includes(null) ? given.indexOf(null) : cells; // cells before the first free one
  const label = digit ?? drawClass(prior, /** @type {number[]} */ (given.slice(0, known)), uniform(seed, 0));
  prior.start(label);
  const codes = given.map((code) => code ?? 0); // (T,)
  /** @type {Float32Array[]} */
  const logits = []; // (T, K)
  for (let cell = Math.min(known, cells - 1); cell < cells; cell++) {
    logits.push(...prior.predict(codes, cell + 1));
    codes[cell] = given[cell] ?? pick(probabilities(logits[cell], temperature, topK), uniform(seed, 1 + cell));
  }
  return {
    digit: label,
    codes,
    probabilities: Float32Array.from(logits.flatMap((cell) => probabilities(cell, temperature, topK))),
    bits: Float32Array.from(logits, (cell, n) => -logSoftmax(cell)[codes[n]] / Math.LN2),
  };
}

/**
 * @param {Prior} prior
 * @param {number[]} known the codes before the first free cell
 * @param {number} number random, from 0 to 1
 * @returns {number} a class, drawn with p(class | known codes)
 */
function drawClass(prior, known, number) {
  const logarithms = Array.from({ length: CLASSES }, (_, digit) => {
    if (known.length === 0) return 0;
    prior.start(digit);
    return prior.predict(known, known.length).reduce((sum, logits, n) => sum + logSoftmax(logits)[known[n]], 0);
  });
  return pick(logSoftmax(logarithms).map(Math.exp), number);
}

/**
 * @param {Float32Array} logits (K,)
 * @param {number} temperature
 * @param {number | null} topK
 * @returns {number[]} (K,), the distribution that a code is sampled from
 */
export function probabilities(logits, temperature, topK) {
  const scaled = Array.from(logits, (logit) => logit / temperature);
  // Sorting is stable: of equally probable codes, the first are kept.
  const order = scaled.map((_, code) => code).sort((a, b) => scaled[b] - scaled[a]);
  for (const code of order.slice(topK ?? order.length)) scaled[code] = -Infinity;
  return logSoftmax(scaled).map(Math.exp);
}

/**
 * @param {ArrayLike<number>} logits
 * @returns {number[]} natural logarithms of the probabilities
 */
export function logSoftmax(logits) {
  const largest = Math.max(...Array.from(logits));
  const shifted = Array.from(logits, (logit) => logit - largest);
  const total = Math.log(shifted.reduce((sum, logit) => sum + Math.exp(logit), 0));
  return shifted.map((logit) => logit - total);
}
