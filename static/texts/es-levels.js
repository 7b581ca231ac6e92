// @ts-check

/** Spanish: the levels of a hierarchical model. */

/** @typedef {import("../core/grid.js").Grid} Grid */
/** @typedef {{ own: number, other: number, isOwn: boolean }} Nearness */

/** @param {number} value */
const short = (value) => value.toFixed(4);

/** @param {string} level */
const named = (level) => level === "top" ? "nivel superior" : "nivel inferior";

/** @param {Grid} grid @param {number} bits */
export const top = ({ height, width }, bits) =>
  `Nivel superior, ${height}×${width}: se calcula primero, a partir de todo el dibujo. ${height * width} códigos, ${bits} bits.`;
/** @param {Grid} grid @param {number} bits */
export const bottom = ({ height, width }, bits) =>
  `Nivel inferior, ${height}×${width}: su codificador ve el dibujo y el nivel superior cuantizado. ${height * width} códigos, ${bits} bits.`;

export const title = "Qué contiene cada nivel";
export const intro =
  "El decodificador dibuja a partir de los dos niveles. Aquí recibe uno de ellos, y ceros en lugar del otro.";
export const full = "Los dos niveles";
/** @param {string} level */
export const alone = (level) => level === "top" ? "Solo el superior" : "Solo el inferior";
/** @param {number} value */
export const error = (value) => `error: ${short(value)}`;

/**
 * @param {number} full
 * @param {{ top_alone_mse: number, bottom_alone_mse: number, top_shuffled_mse: number }} hierarchy
 */
export const measured = (full, { top_alone_mse, bottom_alone_mse, top_shuffled_mse }) =>
  `Error medio en los dígitos de prueba: ${short(full)} con los dos niveles, ${short(top_alone_mse)} solo con el superior, ` +
  `${short(bottom_alone_mse)} solo con el inferior y ${short(top_shuffled_mse)} con el nivel superior de otro dígito.`;

export const swapTitle = "¿De quién es el dígito?";
export const swapIntro =
  "Cambia un nivel de tu dibujo por el de un dígito de ejemplo y mira cuál de los dos dígitos se lee en la imagen.";
export const swapDigits = "Dígitos de ejemplo";
/** @param {number} digit */
export const swapWith = (digit) => `Intercambiar con el ejemplo ${digit}`;
export const yours = "Tu dibujo";
/** @param {number} digit */
export const example = (digit) => `El ejemplo ${digit}`;
/**
 * @param {string} level of the example
 * @param {number} digit
 */
export const swap = (level, digit) =>
  level === "top" ? `Nivel superior del ${digit}, el inferior es tuyo` : `El superior es tuyo, nivel inferior del ${digit}`;

/**
 * @param {number} digit
 * @param {Nearness} bottom with the bottom of the example
 * @param {Nearness} top with the top of the example
 */
export function verdict(digit, bottom, top) {
  /** @param {string} level @param {Nearness} nearness */
  const says = (level, { own, other }) =>
    `Con el ${named(level)} del ${digit}, la imagen difiere en ${short(own)} de la tuya y en ${short(other)} del ${digit}.`;
  const decides = bottom.isOwn && !top.isOwn
    ? "El nivel superior decide qué dígito es."
    : !bottom.isOwn && top.isOwn
    ? "El nivel inferior decide qué dígito es."
    : "Ningún nivel decide por sí solo.";
  return `${says("", bottom)} ${says("top", top)} ${decides}`;
}
