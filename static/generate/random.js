// @ts-check

/** Seeded random numbers and samples. No DOM. */

/**
 * The same numbers as those of the prior; see `docs/protocol.md`.
 * @param {number} seed of 32 bits
 * @param {number} n
 * @returns {number} the n-th random number of a seed, from 0 to 1, 1 excluded: Mulberry32 by Tommy Ettinger
 */
export function uniform(seed, n) {
  const state = (seed + Math.imul(n + 1, 0x6D2B79F5)) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

/**
 * @param {ArrayLike<number>} shares not all 0
 * @param {number} number from 0 to 1, 1 excluded
 * @returns {number} the first outcome up to which the shares add up to more than that part of their sum
 */
export function pick(shares, number) {
  let total = 0;
  for (let n = 0; n < shares.length; n++) total += shares[n];
  let last = 0;
  for (let n = 0, sum = 0; n < shares.length; n++) {
    sum += shares[n];
    if (shares[n] > 0) last = n;
    if (sum > number * total) return n;
  }
  // Only a rounding error leads here.
  return last;
}
