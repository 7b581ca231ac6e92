// @ts-check

/** A code that moving averages place at the mean of its features (van den Oord et al. 2017, appendix A.1). No DOM. */

/** @typedef {{ count: number, sum: number[] }} Totals moving averages of the number of features that chose it, and of their sum */

/**
 * @param {ArrayLike<number>} code
 * @param {number} count features that chose it in each batch so far
 * @returns {Totals} by which the code lies where it is
 */
export function totalsOf(code, count) {
  return { count, sum: Array.from(code, (value) => count * value) };
}

/**
 * N ← γN + (1 − γ)n, m ← γm + (1 − γ)Σz
 * @param {Totals} totals
 * @param {ArrayLike<number>[]} features that chose the code in the next batch
 * @param {number} decay γ
 * @returns {Totals}
 */
export function addBatch({ count, sum }, features, decay) {
  return {
    count: decay * count + (1 - decay) * features.length,
    sum: sum.map((total, d) => decay * total + (1 - decay) * features.reduce((part, feature) => part + feature[d], 0)),
  };
}

/**
 * @param {Totals} totals
 * @returns {number[]} e = m / N
 */
export function codeOf({ count, sum }) {
  return sum.map((total) => total / count);
}
