// @ts-check

/** English: the levels of a hierarchical model. */

/** @typedef {import("../core/grid.js").Grid} Grid */
/** @typedef {{ own: number, other: number, isOwn: boolean }} Nearness */

/** @param {number} value */
const short = (value) => value.toFixed(4);

/** @param {string} level */
const named = (level) => level === "top" ? "top" : "bottom";

/** @param {Grid} grid @param {number} bits */
export const top = ({ height, width }, bits) =>
  `Top, ${height}×${width}: computed first, from the whole drawing. ${height * width} codes, ${bits} bits.`;
/** @param {Grid} grid @param {number} bits */
export const bottom = ({ height, width }, bits) =>
  `Bottom, ${height}×${width}: its encoder sees the drawing and the quantized top. ${height * width} codes, ${bits} bits.`;

export const title = "What each level holds";
export const intro =
  "The decoder draws from both levels. Here it gets one of them, and zeros in place of the other.";
export const full = "Both levels";
/** @param {string} level */
export const alone = (level) => level === "top" ? "Top alone" : "Bottom alone";
/** @param {number} value */
export const error = (value) => `error ${short(value)}`;

/**
 * @param {number} full
 * @param {{ top_alone_mse: number, bottom_alone_mse: number, top_shuffled_mse: number }} hierarchy
 */
export const measured = (full, { top_alone_mse, bottom_alone_mse, top_shuffled_mse }) =>
  `Mean error on the test digits: ${short(full)} with both levels, ${short(top_alone_mse)} with the top alone, ` +
  `${short(bottom_alone_mse)} with the bottom alone, and ${short(top_shuffled_mse)} with another digit’s top.`;

export const swapTitle = "Whose digit is it?";
export const swapIntro =
  "Exchange a level of your drawing with that of an example digit, and see which of the two digits the picture reads as.";
export const swapDigits = "Example digits";
/** @param {number} digit */
export const swapWith = (digit) => `Exchange with the example ${digit}`;
export const yours = "Your drawing";
/** @param {number} digit */
export const example = (digit) => `The example ${digit}`;
/**
 * @param {string} level of the example
 * @param {number} digit
 */
export const swap = (level, digit) =>
  level === "top" ? `Top of the ${digit}, your bottom` : `Your top, bottom of the ${digit}`;

/**
 * @param {number} digit
 * @param {Nearness} bottom with the bottom of the example
 * @param {Nearness} top with the top of the example
 */
export function verdict(digit, bottom, top) {
  /** @param {string} level @param {Nearness} nearness */
  const says = (level, { own, other }) =>
    `With the ${named(level)} of the ${digit} the picture differs by ${short(own)} from yours and by ${short(other)} from the ${digit}.`;
  const decides = bottom.isOwn && !top.isOwn
    ? "The top decides which digit it is."
    : !bottom.isOwn && top.isOwn
    ? "The bottom decides which digit it is."
    : "Neither level decides alone.";
  return `${says("", bottom)} ${says("top", top)} ${decides}`;
}
