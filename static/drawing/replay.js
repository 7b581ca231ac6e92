// @ts-check

/** Draws the ten example digits stroke by stroke, so that every view updates. */

import examples from "./examples.json" with { type: "json" };

/** @typedef {import("../core/types.d.ts").Point} Point */

const DURATION_MS = 1000;

/** Brush radius of the examples, independent of the chosen brush. In pixels. */
export const RADIUS = 1.3;

/** Interpolated points between two authored ones. */
const FINENESS = 8;

/**
 * A smooth curve through the authored points (Catmull–Rom).
 * @param {Point[]} knots
 * @returns {Point[]}
 */
export function smooth(knots) {
  /** @type {Point[]} */
  const curve = [knots[0]];
  for (let n = 0; n + 1 < knots.length; n++) {
    const p = [knots[Math.max(0, n - 1)], knots[n], knots[n + 1], knots[Math.min(knots.length - 1, n + 2)]];
    for (let part = 1; part <= FINENESS; part++) {
      const t = part / FINENESS;
      const [x, y] = [0, 1].map((axis) => {
        const [a, b, c, d] = p.map((point) => point[axis]);
        return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
      });
      curve.push([x, y]);
    }
  }
  return curve;
}

/**
 * @param {number} digit
 * @returns {Point[][]}
 */
export function exampleStrokes(digit) {
  /** @type {Point[][]} */
  const knots = Reflect.get(examples, digit);
  return knots.map(smooth);
}

/**
 * @param {import("./drawing.js").Drawing} drawing
 * @param {() => boolean} still whether the visitor wants no motion
 */
export function createReplay(drawing, still) {
  let animation = 0;

  /** Stops, and keeps what has been drawn so far. */
  function stop() {
    if (!animation) return;
    cancelAnimationFrame(animation);
    animation = 0;
    drawing.end();
  }

  /** @param {number} digit */
  function play(digit) {
    stop();
    const strokes = exampleStrokes(digit);
    const total = strokes.reduce((sum, points) => sum + points.length, 0);
    const start = performance.now();
    let done = 0;
    drawing.clear();

    const advance = () => {
      const elapsed = still() ? 1 : Math.min(1, (performance.now() - start) / DURATION_MS);
      const target = Math.max(1, Math.floor(total * elapsed));
      let before = 0;
      for (const points of strokes) {
        const from = Math.max(0, done - before);
        const to = Math.min(points.length, target - before);
        if (from < to) {
          if (from === 0) drawing.begin(points[0], false, RADIUS);
          drawing.extend(points.slice(from, to));
          if (to === points.length) drawing.end();
        }
        before += points.length;
      }
      done = target;
      animation = elapsed < 1 ? requestAnimationFrame(advance) : 0;
    };
    advance();
  }

  return { play, stop, playing: () => animation !== 0 };
}
