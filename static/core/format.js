// @ts-check

/** Numbers and shapes as text. */

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
  return Number(value.toFixed(digits)).toFixed(digits).replace("-", "−");
}

/**
 * A distance where there is room for four characters only.
 * @param {number} value not negative but for rounding
 * @returns {string}
 */
export function shortNumber(value) {
  if (!Number.isFinite(value)) return "–";
  const digits = value < 0.1 ? 3 : value < 1 ? 2 : value < 10 ? 1 : 0;
  return Math.max(0, value).toFixed(digits).replace(/^0\./, ".");
}

/**
 * A value of either sign where there is room for four characters only.
 * @param {number} value
 * @returns {string}
 */
export function shortValue(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const text = size.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0).replace(/^0\./, ".");
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
