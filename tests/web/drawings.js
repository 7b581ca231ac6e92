// @ts-check

/** Drawings that tests draw. */

/** @typedef {import("../../static/core/types.d.ts").Point} Point */
/** @typedef {Extract<import("../../static/core/types.d.ts").Step, { kind: "stroke" }>} Stroke */

/**
 * @param {Point[]} points
 * @param {number} [radius]
 * @param {boolean} [erase]
 * @returns {Stroke}
 */
export function stroke(points, radius = 1.25, erase = false) {
  return { kind: "stroke", points, radius, erase };
}

/**
 * @param {() => number} random
 * @param {number} low
 * @param {number} high
 * @returns {Point}
 */
export function pointIn(random, low, high) {
  return [low + (high - low) * random(), low + (high - low) * random()];
}
