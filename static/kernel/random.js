// @ts-check

/** Random numbers and choices, the same as those of explain/sampling.py. */

/**
 * @param {number[]} distribution not all 0
 * @param {number} number random, from 0 to 1, 1 excluded
 * @returns {number} the first outcome up to which the probabilities add up to more than `number` of their sum
 */
export function pick(distribution, number) {
  let sum = 0;
  const sums = distribution.map((probability) => sum += probability);
  return sums.findIndex((upTo) => upTo > number * sum);
}

/**
 * @param {number} seed
 * @param {number} n
 * @returns {number} the n-th random number of a seed, from 0 to 1, 1 excluded: Mulberry32 by Tommy Ettinger
 */
export function uniform(seed, n) {
  const state = (seed + Math.imul(n + 1, 0x6D2B79F5)) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
