// @ts-check

/** Statistics of code usage and of reconstruction errors. No DOM. */

/** Mean squared error of black pictures on the MNIST test digits, ink in [0, 1]: their mean square. */
export const BLACK_MSE = 0.11396;

/** From this share of a black picture's error on, a model draws black. */
const BLACK = 0.9;

/** A codebook that uses a smaller share of its codes is collapsed, and so is one as varied as a smaller share of them. */
const COLLAPSED = { used: 0.5, perplexity: 0.05 };

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
 * @param {number} used
 * @param {number} perplexity
 * @param {number} codes
 * @returns {boolean} whether the codebook is collapsed
 */
export function isCollapsed(used, perplexity, codes) {
  return used < COLLAPSED.used * codes || perplexity < COLLAPSED.perplexity * codes;
}

/**
 * @typedef {object} Condition
 * @property {boolean} collapsed
 * @property {boolean} black whether the model draws black pictures
 */

/**
 * @param {Pick<import("./types.d.ts").ModelSummary, "metrics" | "num_embeddings">} model
 * @returns {Condition} what the figures measured on the test digits say of the model
 */
export function conditionOf({ metrics, num_embeddings: codes }) {
  return {
    collapsed: isCollapsed(metrics.codes_used, metrics.perplexity, codes),
    black: metrics.test_mse >= BLACK * BLACK_MSE,
  };
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
