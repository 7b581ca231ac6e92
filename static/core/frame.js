// @ts-check

import { hide } from "./dom.js";
import { SIZE } from "./state.js";

/**
 * Lays a frame over a picture of SIZE×SIZE pixels, in shares of it, so that it follows every size by itself.
 * @param {HTMLElement} frame
 * @param {import("./types.d.ts").Box | null} box in pixels; null hides the frame
 */
export function placeFrame(frame, box) {
  hide(frame, !box);
  if (!box) return;
  const [top, left, bottom, right] = box.map((edge) => (100 * Math.min(SIZE, Math.max(0, edge))) / SIZE);
  frame.style.top = `${top}%`;
  frame.style.left = `${left}%`;
  frame.style.height = `${bottom - top}%`;
  frame.style.width = `${right - left}%`;
}
