// @ts-check

import { SIZE } from "../core/state.js";
import { fromBase64, toBase64 } from "../core/tensor.js";

/**
 * The drawing as a short text, for the address and for storage. No DOM.
 *
 * Points are snapped to a sixteenth of a pixel while they are drawn, so that the text is lossless: an opened drawing has
 * exactly the pixels that were shared. Layout: a version byte; for each stroke a byte with the
 * radius in sixteenths and the eraser in its top bit, the number of points, then the steps from point to point,
 * numbers as zigzag varints (as in Protocol Buffers).
 */

/** @typedef {import("../core/types.d.ts").Point} Point */
/** @typedef {import("../core/types.d.ts").Step} Step */

const VERSION = 1;
const FINENESS = 16;
const ERASE = 128;

/** Limits when decoding: an address can contain anything. */
const MOST_POINTS = 100_000;
const FARTHEST = 4 * SIZE;

/**
 * @param {number} value in pixels
 * @returns {number} the nearest value that can be stored
 */
export function snap(value) {
  return Math.round(value * FINENESS) / FINENESS;
}

/**
 * The strokes after the last clear, which are the visible ones.
 * @param {Step[]} steps
 * @returns {Extract<Step, { kind: "stroke" }>[]}
 */
export function visible(steps) {
  const cleared = steps.findLastIndex((step) => step.kind === "clear");
  return steps.slice(cleared + 1).filter((step) => step.kind === "stroke");
}

/**
 * @param {Step[]} steps
 * @returns {string} base64url, empty for an empty pad
 */
export function encode(steps) {
  const strokes = visible(steps);
  if (!strokes.length) return "";
  const bytes = [VERSION];
  /** @param {number} value */
  const varint = (value) => {
    for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
    bytes.push(value);
  };
  /** @param {number} value */
  const zigzag = (value) => varint(value < 0 ? -2 * value - 1 : 2 * value);

  for (const { points, radius, erase } of strokes) {
    bytes.push(Math.min(ERASE - 1, Math.round(radius * FINENESS)) | (erase ? ERASE : 0));
    varint(points.length);
    let lastX = 0, lastY = 0;
    for (const point of points) {
      const [x, y] = point.map((value) => Math.round(value * FINENESS));
      zigzag(x - lastX);
      zigzag(y - lastY);
      [lastX, lastY] = [x, y];
    }
  }
  return toBase64(Uint8Array.from(bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * @param {string} text
 * @returns {Step[]}
 * @throws {Error} when the text is no drawing
 */
export function decode(text) {
  if (!text) return [];
  const bytes = fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
  let at = 0;
  const byte = () => {
    if (at >= bytes.length) throw new Error("the drawing is cut short");
    return bytes[at++];
  };
  const varint = () => {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const part = byte();
      value |= (part & 127) << shift;
      if (part < 128) return value;
    }
    throw new Error("a number in the drawing is too long");
  };
  const zigzag = () => {
    const value = varint();
    return value & 1 ? -(value + 1) / 2 : value / 2;
  };

  if (byte() !== VERSION) throw new Error("the drawing is of another version");
  /** @type {Step[]} */
  const steps = [];
  let total = 0;
  while (at < bytes.length) {
    const head = byte();
    const count = varint();
    total += count;
    if (count === 0 || total > MOST_POINTS) throw new Error("the drawing has no points, or too many");
    /** @type {Point[]} */
    const points = [];
    let x = 0, y = 0;
    for (let n = 0; n < count; n++) {
      x += zigzag();
      y += zigzag();
      if (Math.max(Math.abs(x), Math.abs(y)) > FARTHEST * FINENESS) throw new Error("a point lies off the paper");
      points.push([x / FINENESS, y / FINENESS]);
    }
    steps.push({ kind: "stroke", points, radius: Math.max(1, head & (ERASE - 1)) / FINENESS, erase: head >= ERASE });
  }
  return steps;
}
