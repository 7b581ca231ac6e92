// @ts-check

/** The sums behind a distance, in double precision. No DOM. */

/**
 * ‖f − e‖² = ‖f‖² + ‖e‖² − 2 f·e, the way the quantizer computes it, and directly.
 * @param {ArrayLike<number>} f a feature
 * @param {ArrayLike<number>} e an embedding
 * @returns {{ f2: number, e2: number, fe: number, expansion: number, direct: number }}
 */
export function terms(f, e) {
  let f2 = 0, e2 = 0, fe = 0, direct = 0;
  for (let d = 0; d < f.length; d++) {
    f2 += f[d] * f[d];
    e2 += e[d] * e[d];
    fe += f[d] * e[d];
    direct += (f[d] - e[d]) ** 2;
  }
  return { f2, e2, fe, expansion: f2 + e2 - 2 * fe, direct };
}

/**
 * @param {ArrayLike<number>} distances of one feature to every code
 * @returns {number[]} codes, nearest first; of equally near ones the lower number, as argmin has it
 */
export function ranking(distances) {
  return Array.from(distances, (_, code) => code).sort((a, b) => distances[a] - distances[b] || a - b);
}
