// @ts-check

/** Pictures of digits to count codes in. No DOM. */

import { SIZE } from "../core/state.js";
import { centre, rasterize, toBytes } from "./ink.js";
import { exampleStrokes, RADIUS } from "./replay.js";

/** [right, down] in pixels. */
const SHIFTS = [
  ...[[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1]],
  ...[[1, -1], [-1, 1], [2, 0], [-2, 0], [0, 2], [0, -2]],
];

/**
 * @param {boolean} centred whether drawings are centred for the model
 * @returns {Uint8Array[]} the ten example digits, as the model gets them
 */
export function examplePictures(centred) {
  return Array.from({ length: 10 }, (_, digit) => {
    /** @type {import("../core/types.d.ts").Step[]} */
    const steps = exampleStrokes(digit).map((points) => ({ kind: "stroke", points, radius: RADIUS, erase: false }));
    const ink = rasterize(steps);
    return toBytes(centred ? centre(steps, ink).ink : ink);
  });
}

/**
 * @param {Uint8Array} pixels
 * @param {number[]} by
 */
function shift(pixels, [right, down]) {
  const moved = new Uint8Array(pixels.length);
  for (let y = Math.max(0, down); y < Math.min(SIZE, SIZE + down); y++) {
    for (let x = Math.max(0, right); x < Math.min(SIZE, SIZE + right); x++) {
      moved[y * SIZE + x] = pixels[(y - down) * SIZE + x - right];
    }
  }
  return moved;
}

/**
 * @param {boolean} centred
 * @param {Uint8Array[]} own drawings of the visitor
 * @returns {Uint8Array[]} these and the examples, then the same in other places, so that neighbours show different digits
 */
export function manyPictures(centred, own) {
  const pictures = [...own, ...examplePictures(centred)];
  return SHIFTS.flatMap((by) => pictures.map((pixels) => shift(pixels, by)));
}
