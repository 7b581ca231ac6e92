// @ts-check

/** Statistics of code usage and of reconstruction errors. No DOM. */

/**
 * Perplexity, exp(−Σ p ln p): the number of evenly used codes with the same entropy.
 * @param {number[]} shares that sum to 1
 * @returns {number}
 */
export function perplexityOf(shares) {
  return Math.exp(-shares.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0));
}

/**
 * @param {number[]} shares
 * @returns {number} codes that are used at all
 */
export function usedOf(shares) {
  return shares.filter((p) => p > 0).length;
}

/**
 * Which percentile of the test digits' errors an error is, interpolated between whole ones.
 * @param {number} error
 * @param {number[]} percentiles 0 to 100, ascending
 * @returns {number} 0 to 100; 0 also for an error below the least
 */
export function percentileOf(error, percentiles) {
  const above = percentiles.findIndex((value) => value > error);
  if (above < 0) return percentiles.length - 1;
  if (above === 0) return 0;
  const [low, high] = [percentiles[above - 1], percentiles[above]];
  return above - 1 + (error - low) / (high - low);
}

/**
 * How unusual an error is: "largest" and "smallest" lie outside those of all test digits, "tail" is in the last percent.
 * @typedef {"largest" | "tail" | "unusual" | "usual" | "smallest"} Familiarity
 */

/**
 * @param {number} error
 * @param {number[]} percentiles 0 to 100, ascending
 * @returns {{ percentile: number, unlike: boolean, kind: Familiarity }} `unlike`: the model has seen nothing like it
 */
export function familiarity(error, percentiles) {
  const percentile = percentileOf(error, percentiles);
  const largest = error > percentiles[percentiles.length - 1];
  const kind = largest ? "largest"
    : percentile > 99 ? "tail"
    : error < percentiles[0] ? "smallest"
    : percentile > 90 ? "unusual"
    : "usual";
  return { percentile, unlike: kind === "largest" || kind === "tail", kind };
}
