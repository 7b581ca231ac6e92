// @ts-check

/** Numbers and shapes as text. */

/**
 * @param {number} value
 * @param {number} decimals
 * @returns {string} with a real minus sign
 */
export function toDecimals(value, decimals) {
  return value.toFixed(decimals).replace("-", "−");
}

/**
 * About two or three figures, never more than six characters, with a real minus sign.
 * @param {number} value
 * @returns {string}
 */
export function formatNumber(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const digits = size < 0.1 ? 3 : size < 10 ? 2 : size < 100 ? 1 : 0;
  // Rounded first, so that what rounds to 0 has no sign.
  return toDecimals(Number(value.toFixed(digits)), digits);
}

/**
 * A distance where there is room for four characters only.
 * @param {number} value not negative but for rounding
 * @returns {string}
 */
export function shortNumber(value) {
  if (!Number.isFinite(value)) return "–";
  const digits = value < 0.1 ? 3 : value < 1 ? 2 : value < 10 ? 1 : 0;
  return withoutZero(toDecimals(Math.max(0, value), digits));
}

/**
 * A value of either sign where there is room for four characters only.
 * @param {number} value
 * @returns {string}
 */
export function shortValue(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const text = withoutZero(toDecimals(size, size < 10 ? 2 : size < 100 ? 1 : 0));
  return value < 0 && Number(text) ? `−${text}` : text;
}

/**
 * @param {number[]} shape
 * @returns {string}
 */
export function dimensions(shape) {
  return shape.join("×");
}

/**
 * @param {number} share
 * @returns {string}
 */
export function percent(share) {
  return share > 0 && share < 0.001 ? "< 0.1%" : `${(100 * share).toFixed(1)}%`;
}

/**
 * Three figures of a number of any size, as gradients are.
 * @param {number} value
 * @returns {string}
 */
export function significant(value) {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  if (Math.abs(value) >= 0.001) return value.toPrecision(3).replace("-", "−");
  const [mantissa, exponent] = value.toExponential(1).split("e");
  return `${mantissa}×10${superscript(exponent)}`.replace("-", "−");
}

/** @param {string} exponent */
function superscript(exponent) {
  return [...exponent.replace("+", "")].map((sign) => sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(sign)]).join("");
}

/**
 * Terms and their sum with a common number of decimals, so that the terms as printed give the sum as printed. Takes the
 * fewest decimals at which rounding everything to the nearest does so. If none do, some terms are rounded the other way
 * at the most decimals, those that this changes least; or the sum, if a change of a term is too large for it.
 * @param {ArrayLike<number>} terms
 * @param {number} total
 * @param {object} options
 * @param {number} options.least decimals
 * @param {number} options.most decimals
 * @param {number[]} [options.weights] factor of each term, 1 without
 * @returns {{ terms: string[], total: string, decimals: number }}
 */
export function addUp(terms, total, { least, most, weights }) {
  /** @param {number} n */
  const weight = (n) => weights?.[n] ?? 1;
  for (let decimals = least;; decimals++) {
    const unit = 10 ** decimals;
    // Exact values and rounded ones in units of the last decimal.
    const exact = Array.from(terms, (term) => term * unit);
    const rounded = exact.map(Math.round);
    let sum = Math.round(total * unit);
    let excess = rounded.reduce((part, value, n) => part + weight(n) * value, 0) - sum;
    // At most what rounding can explain: otherwise the total is not the sum of the terms, and nothing can be done.
    const halves = rounded.reduce((part, _, n) => part + Math.abs(weight(n)), 1);
    const isSum = Math.abs(excess) <= halves / 2 + 1e-6;
    // What is left over rounds away: half a unit or less, beyond the noise of this addition.
    const isOff = () => isSum && Math.abs(excess) > 0.5 + 1e-6;
    if (isOff() && decimals < most) continue;
    while (isOff()) {
      const n = bestToChange(exact, rounded, excess, weight);
      if (n < 0) {
        sum += Math.round(excess);
        break;
      }
      const step = -Math.sign(excess * weight(n));
      rounded[n] += step;
      excess += step * weight(n);
    }
    /** @param {number} value */
    const print = (value) => toDecimals(value / unit, decimals);
    return { terms: rounded.map(print), total: print(sum), decimals };
  }
}

/**
 * @param {number[]} exact
 * @param {number[]} rounded
 * @param {number} excess of the sum of the rounded terms
 * @param {(n: number) => number} weight
 * @returns {number} the term that is least off when it is changed by one to reduce the excess; −1 if none reduces it
 */
function bestToChange(exact, rounded, excess, weight) {
  let best = -1, least = Infinity;
  exact.forEach((value, n) => {
    const step = -Math.sign(excess * weight(n));
    const off = Math.abs(rounded[n] + step - value);
    if (Math.abs(excess + step * weight(n)) < Math.abs(excess) && off < least) [best, least] = [n, off];
  });
  return best;
}

/**
 * @param {number} size the largest number of a row
 * @returns {number} decimals with which the row's numbers have four characters, not counting a zero before the point
 */
export function decimalsFor(size) {
  return size < 1 ? 3 : size < 10 ? 2 : size < 100 ? 1 : 0;
}

/**
 * @param {string} number
 * @returns {string} without the zero before the point
 */
export function withoutZero(number) {
  return number.replace(/^(−?)0\./, "$1.");
}
