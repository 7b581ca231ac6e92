// @ts-check

import examples from "../../static/drawing/examples.json" with { type: "json" };
import { centre, rasterize } from "../../static/drawing/ink.js";
import { smooth } from "../../static/drawing/replay.js";
import { close, equal, holds, ok } from "./assert.js";
import { pointIn, stroke } from "./drawings.js";

/** @typedef {import("./drawings.js").Point} Point */

Deno.test("a curve passes through its knots, and is a line between two", () => {
  holds(30, (random) => {
    const knots = Array.from({ length: 2 + Math.floor(5 * random()) }, () => pointIn(random, 0, 28));
    const curve = smooth(knots);
    knots.forEach((knot, n) => close(curve[8 * n], knot, 1e-9, `knot ${n}`));
    equal(curve.length, 8 * (knots.length - 1) + 1);
  });
  const line = smooth([[0, 0], [8, 4]]);
  for (const [x, y] of line) close(y, x / 2, 1e-9);
  equal(smooth([[3, 4]]), [[3, 4]]);
});

Deno.test("between knots a curve is the cubic whose slopes are those of the neighbours", () => {
  holds(30, (random) => {
    const knots = Array.from({ length: 3 + Math.floor(4 * random()) }, () => pointIn(random, 0, 28));
    const last = knots.length - 1;
    smooth(knots).forEach((point, step) => {
      const n = Math.min(Math.floor(step / 8), last - 1);
      const t = step / 8 - n;
      // Hermite's basis; at the ends a knot is its own neighbour.
      const [h0, m0, h1, m1] = [(1 + 2 * t) * (1 - t) ** 2, t * (1 - t) ** 2, t * t * (3 - 2 * t), t * t * (t - 1)];
      const slope = (/** @type {number} */ at, /** @type {number} */ axis) =>
        (knots[Math.min(last, at + 1)][axis] - knots[Math.max(0, at - 1)][axis]) / 2;
      const expected = [0, 1].map((axis) =>
        h0 * knots[n][axis] + m0 * slope(n, axis) + h1 * knots[n + 1][axis] + m1 * slope(n + 1, axis)
      );
      close(point, expected, 1e-9, `step ${step}`);
    });
  });
});

Deno.test("the ten examples are ten different digits with the ink of MNIST's", () => {
  const digits = Object.keys(examples).sort();
  equal(digits, [..."0123456789"]);
  const given = digits.map((digit) => {
    /** @type {Point[][]} */
    const knots = Reflect.get(examples, digit);
    const steps = knots.map((points) => stroke(smooth(points), 1.3));
    return centre(steps, rasterize(steps)).ink;
  });
  const means = given.map((ink) => ink.reduce((sum, value) => sum + value, 0) / ink.length);
  // MNIST's mean is 0.13.
  means.forEach((mean, digit) => ok(mean > 0.05 && mean < 0.25, `the mean of ${digit} is ${mean}`));
  const spreads = given.map((ink, n) => Math.sqrt(ink.reduce((sum, value) => sum + (value - means[n]) ** 2, 0)));
  for (let a = 0; a < 10; a++) {
    for (let b = 0; b < a; b++) {
      const together = given[a].reduce((sum, value, n) => sum + (value - means[a]) * (given[b][n] - means[b]), 0);
      ok(together / spreads[a] / spreads[b] < 0.9, `${a} and ${b} look alike`);
    }
  }
});
