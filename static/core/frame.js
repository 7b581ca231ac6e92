// @ts-check

import { hide } from "./dom.js";

/**
 * Lays a frame over a picture; in shares of the picture, so that it follows every size by itself.
 * @param {HTMLElement} frame
 * @param {import("./types.d.ts").Box | null} box in pixels; null hides the frame
 * @param {number[]} [size] [height, width] of the picture in pixels
 */
export function placeFrame(frame, box, size) {
  hide(frame, !box);
  if (!box || !size) return;
  const [height, width] = size;
  /** @type {(value: number, most: number) => number} */
  const clip = (value, most) => Math.min(most, Math.max(0, value));
  const top = clip(box[0], height);
  const left = clip(box[1], width);
  frame.style.top = `${(100 * top) / height}%`;
  frame.style.left = `${(100 * left) / width}%`;
  frame.style.height = `${(100 * (clip(box[2], height) - top)) / height}%`;
  frame.style.width = `${(100 * (clip(box[3], width) - left)) / width}%`;
}
