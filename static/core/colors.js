// @ts-check

/** Colours: one for each code, and the grey scale. No DOM. */

/**
 * OKLCH to 8-bit sRGB; lightness and hue then mean the same to the eye for every code.
 * Matrices: Björn Ottosson, "A perceptual color space for image processing" (2020).
 * @param {number} lightness 0 to 1
 * @param {number} chroma
 * @param {number} hue degrees
 * @returns {[number, number, number]}
 */
export function oklch(lightness, chroma, hue) {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  const [red, green, blue] = linear.map((value) => {
    const v = Math.min(1, Math.max(0, value));
    return Math.round(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055));
  });
  return [red, green, blue];
}

/**
 * Relative luminance of WCAG 2.
 * @param {[number, number, number]} rgb
 * @returns {number}
 */
export function luminance(rgb) {
  const [r, g, b] = rgb.map((value) => {
    const v = value / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * @param {[number, number, number]} rgb
 * @returns {"#000" | "#fff"} the ink with the better contrast on it
 */
export function inkOn(rgb) {
  const light = luminance(rgb) + 0.05;
  return light / 0.05 >= 1.05 / light ? "#000" : "#fff";
}

/**
 * @param {[number, number, number]} rgb
 * @returns {number} one pixel of a Uint32 view of ImageData
 */
function pack([red, green, blue]) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** Grey from black (0) to white (255), packed. */
export const GREYS = Uint32Array.from({ length: 256 }, (_, n) => pack([n, n, n]));

/** Neighbouring hues also differ in lightness, for colour-blind visitors and pale projectors. */
const LIGHTNESSES = [0.76, 0.66];
/** More hues than these cannot be distinguished; beyond, neighbours share a ramp, which is slow to compute. */
const RAMPS = 64;
/** Less than a full circle, so that the first and last code look different. */
const HUES = { first: 20, span: 310 };

/**
 * @param {number[]} order code numbers such that like codes are neighbours
 * @returns {import("./types.d.ts").Palette}
 */
export function createPalette(order) {
  /** @type {import("./types.d.ts").Palette} */
  const palette = { fill: [], packed: [], ink: [], ramps: [] };
  /** @type {Map<number, Uint32Array>} */
  const ramps = new Map();
  const step = Math.ceil(order.length / RAMPS);
  order.forEach((code, place) => {
    const hue = HUES.first + (HUES.span * place) / order.length;
    const rgb = oklch(LIGHTNESSES[place % LIGHTNESSES.length], 0.13, hue);
    palette.fill[code] = `rgb(${rgb.join(" ")})`;
    palette.packed[code] = pack(rgb);
    palette.ink[code] = inkOn(rgb);
    const shared = place - place % step;
    const ramp = ramps.get(shared) ?? createRamp(hue);
    ramps.set(shared, ramp);
    palette.ramps[code] = ramp;
  });
  return palette;
}

/**
 * @param {number} hue degrees
 * @returns {Uint32Array} from dark to light, packed
 */
function createRamp(hue) {
  return Uint32Array.from({ length: 256 }, (_, n) => {
    const t = n / 255;
    // Chroma decreases towards both ends, where the sRGB gamut is narrow.
    return pack(oklch(0.12 + 0.84 * t, 0.5 * t * (1 - t), hue));
  });
}

/**
 * @param {number} value
 * @param {{ low: number, high: number }} scale
 * @returns {number} 0 to 255, clipped
 */
export function shade(value, { low, high }) {
  const t = high > low ? (value - low) / (high - low) : 0.5;
  return Math.min(255, Math.max(0, Math.round(255 * t)));
}

/**
 * @param {Uint32Array} ramp of packed colours
 * @param {number} level 0 to 255
 * @returns {[background: string, ink: string]} CSS colours of a number in a cell of that colour
 */
export function cellColors(ramp, level) {
  const packed = ramp[level];
  /** @type {[number, number, number]} */
  const rgb = [packed & 255, (packed >> 8) & 255, (packed >> 16) & 255];
  return [`rgb(${rgb.join(" ")})`, inkOn(rgb)];
}

/**
 * Ink that the reconstruction lost and ink that it added, which differ in hue and in lightness, and full ink where nothing
 * differs, so that the digit can be made out between its differences.
 */
export const DIFFERENCE = { lost: [255, 200, 90], added: [110, 180, 255], unchanged: [92, 92, 92] };

/**
 * @param {number} difference reconstruction − input, −1 to 1
 * @param {number} [input] 0 to 1
 * @returns {number} packed; where they agree, the input in a dark grey
 */
export function differenceColor(difference, input = 0) {
  const { lost, added, unchanged } = DIFFERENCE;
  const end = difference < 0 ? lost : added;
  // The square root makes small differences visible, and nearly all are small.
  const t = Math.sqrt(Math.min(1, Math.abs(difference)));
  /** @param {number} channel */
  const mix = (channel) => Math.round(end[channel] * t + unchanged[channel] * input * (1 - t));
  return pack([mix(0), mix(1), mix(2)]);
}
