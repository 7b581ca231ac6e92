// @ts-check

/** How codes share the work, and how unusual an error is. No DOM. */

/**
 * exp(−Σ p ln p): how many evenly used codes would be as hard to guess.
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
 * What an error says of a drawing, in words that the measured percentiles bear out.
 * @param {number} error
 * @param {number[]} percentiles 0 to 100, ascending
 * @returns {{ percentile: number, unlike: boolean, text: string }}
 */
export function familiarity(error, percentiles) {
  const percentile = percentileOf(error, percentiles);
  const most = percentiles[percentiles.length - 1];
  if (error > most) {
    return {
      percentile,
      unlike: true,
      text: "larger than that of any test digit: the model has not seen anything like this",
    };
  }
  if (percentile > 99) {
    return { percentile, unlike: true, text: "worse than 99% of test digits: the model has not seen anything like this" };
  }
  if (error < percentiles[0]) return { percentile, unlike: false, text: "smaller than that of any test digit" };
  const whole = Math.round(percentile);
  return {
    percentile,
    unlike: false,
    text: percentile > 90
      ? `worse than ${whole}% of test digits: an unusual one`
      : `worse than ${whole}% of test digits: nothing unusual`,
  };
}
