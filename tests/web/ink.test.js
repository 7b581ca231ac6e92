// @ts-check

import { close, equal, holds, ok } from "./assert.js";
import { pointIn, stroke } from "./drawings.js";
import { SIZE } from "../../static/core/state.js";
import { blank, bounds, centre, centreOfMass, lay, rasterize, toBytes } from "../../static/drawing/ink.js";

/** @typedef {import("./drawings.js").Point} Point */

/**
 * The brush by definition: full ink within the radius, fading over the pixel around it. The distance to the segment is
 * that to the nearest of many points on it.
 * @param {Point} from
 * @param {Point} to
 * @param {number} radius
 */
function coverage([x0, y0], [x1, y1], radius) {
  return Float64Array.from({ length: SIZE * SIZE }, (_, n) => {
    const [x, y] = [n % SIZE + 0.5, Math.floor(n / SIZE) + 0.5];
    let nearest = Infinity;
    for (let t = 0; t <= 1; t += 1 / 1024) {
      nearest = Math.min(nearest, Math.hypot(x - x0 - t * (x1 - x0), y - y0 - t * (y1 - y0)));
    }
    return Math.min(1, Math.max(0, radius + 0.5 - nearest));
  });
}

/** @param {ArrayLike<number>} ink */
const mass = (ink) => Array.from(ink).reduce((sum, value) => sum + value, 0);

/**
 * @param {() => number} random
 * @param {number} low
 * @param {number} high
 */
function scribble(random, low, high) {
  const count = 1 + Math.floor(3 * random());
  return Array.from({ length: count }, () => {
    const points = Array.from({ length: 2 + Math.floor(5 * random()) }, () => pointIn(random, low, high));
    return stroke(points, 0.75 + 0.75 * random());
  });
}

Deno.test("a straight piece covers what lies within its radius", () => {
  holds(6, (random) => {
    const [from, to] = [pointIn(random, -4, 32), pointIn(random, -4, 32)];
    const radius = 0.5 + 3 * random();
    const ink = blank();
    lay(ink, from, to, radius, false);
    close(ink, coverage(from, to, radius), 0.02, `${from} to ${to}, radius ${radius}`);
  });
});

Deno.test("ink over an edge does not come back at the other", () => {
  for (
    const [from, to] of /** @type {[[number, number], [number, number]][]} */ ([
      [[-1, 14], [-1, 14]],
      [[29, 14], [29, 14]],
      [[14, -1], [14, -1]],
      [[14, 29], [14, 29]],
      [[-5, -5], [33, 30]],
    ])
  ) {
    const ink = blank();
    lay(ink, from, to, 3, false);
    close(ink, coverage(from, to, 3), 0.02, `${from} to ${to}`);
  }
});

Deno.test("a dot is a disc, a line a stadium", () => {
  for (const radius of [1, 1.25, 2.5, 4]) {
    const dot = rasterize([stroke([[14.2, 13.7]], radius)]);
    close(mass(dot), Math.PI * radius ** 2, 0.06 * Math.PI * radius ** 2 + 0.3, `dot of radius ${radius}`);
    const line = rasterize([stroke([[6, 8], [20, 18]], radius)]);
    const area = 2 * radius * Math.hypot(14, 10) + Math.PI * radius ** 2;
    close(mass(line), area, 0.05 * area, `line of radius ${radius}`);
  }
});

Deno.test("row and column are not exchanged", () => {
  const ink = rasterize([stroke([[20.5, 3.5]], 0.5)]);
  equal([...ink].flatMap((value, n) => (value ? [n] : [])), [3 * SIZE + 20]);
});

Deno.test("strokes can be laid in any order and direction, and twice", () => {
  holds(20, (random) => {
    const steps = scribble(random, 2, 26);
    const ink = rasterize(steps);
    const reversed = steps.toReversed().map((step) => ({ ...step, points: step.points.toReversed() }));
    close(rasterize(reversed), ink, 1e-6);
    equal(rasterize([...steps, ...steps]), ink);
    ok(ink.every((value) => value >= 0 && value <= 1), "ink outside [0, 1]");
  });
});

Deno.test("the eraser leaves what it does not cover", () => {
  holds(6, (random) => {
    const steps = scribble(random, 2, 26);
    const [from, to] = [pointIn(random, 0, 28), pointIn(random, 0, 28)];
    const before = rasterize(steps);
    const after = rasterize([...steps, stroke([from, to], 2, true)]);
    const cover = coverage(from, to, 2);
    close(after, before.map((value, n) => Math.min(value, 1 - cover[n])), 0.02);
  });
});

Deno.test("a clear leaves nothing of what came before it", () => {
  const second = stroke([[4, 20], [24, 20]]);
  equal(rasterize([stroke([[4, 4], [24, 4]]), { kind: "clear" }, second]), rasterize([second]));
  equal(mass(rasterize([second, { kind: "clear" }])), 0);
});

Deno.test("a placement moves and scales the strokes", () => {
  holds(20, (random) => {
    const steps = scribble(random, 8, 18);
    const ink = rasterize(steps);
    const moved = rasterize(steps, { scale: 1, dx: 3, dy: -2 });
    for (let y = 2; y < SIZE; y++) {
      close(moved.subarray((y - 2) * SIZE + 3, (y - 1) * SIZE), ink.subarray(y * SIZE, (y + 1) * SIZE - 3), 1e-5);
    }
    const scale = 0.5 + random();
    // The pen follows within 0.8 and 1.3 times its size.
    const pen = Math.min(1.3, Math.max(0.8, scale));
    const enlarged = steps.map((step) =>
      stroke(step.points.map(([x, y]) => [scale * x + 1, scale * y + 2]), step.radius * pen)
    );
    close(rasterize(steps, { scale, dx: 1, dy: 2 }), rasterize(enlarged), 1e-5);
  });
});

Deno.test("bounds are finer than a pixel", () => {
  equal(bounds(blank()), null);
  for (const shift of [0, 0.25, 0.5, 0.9]) {
    // Through the middles of pixels, where the rim's coverage is the very share of the pixel that is covered.
    const box = bounds(rasterize([stroke([[8 + shift, 10.5], [20.5, 10.5], [20.5, 15.5 + shift]], 2)]));
    ok(box, "no ink");
    close(
      [box.left, box.top, box.right, box.bottom],
      [6 + shift, 8.5, 22.5, 17.5 + shift],
      1e-5,
      `shifted by ${shift}`,
    );
  }
});

Deno.test("the centre of mass is that of the ink", () => {
  equal(centreOfMass(blank()), null);
  close(/** @type {Point} */ (centreOfMass(rasterize([stroke([[9.5, 17.5]])]))), [9.5, 17.5], 1e-5);
  const ink = blank();
  ink[2 * SIZE + 4] = 1;
  ink[6 * SIZE + 4] = 0.5;
  close(/** @type {Point} */ (centreOfMass(ink)), [4.5, (2.5 + 0.5 * 6.5) / 1.5], 1e-6);
});

Deno.test("centring brings the centre of mass to the middle, to half a pixel", () => {
  let whole = 0;
  holds(100, (random) => {
    const steps = scribble(random, 1, 27);
    const { ink, placement } = centre(steps, rasterize(steps));
    equal(ink, rasterize(steps, placement));
    const edge = [...ink].some((value, n) =>
      value && [0, SIZE - 1].some((end) => n % SIZE === end || Math.floor(n / SIZE) === end)
    );
    // What is cut off at an edge no longer weighs.
    if (edge) return;
    whole++;
    close(/** @type {Point} */ (centreOfMass(ink)), [14, 14], 0.51);
  });
  ok(whole > 60, `only ${whole} of 100 drawings were tested`);
});

Deno.test("centring fits the longer side into 20 pixels and keeps the shape", () => {
  for (const [right, down] of [[3, 10], [12, 4], [25, 25], [6, 6], [25, 3]]) {
    const radius = 1;
    const steps = [
      stroke([[1.5, 1.5], [1.5 + right, 1.5], [1.5 + right, 1.5 + down], [1.5, 1.5 + down], [1.5, 1.5]], radius),
    ];
    const { ink, placement: { scale } } = centre(steps, rasterize(steps));
    const longer = Math.max(right, down) + 2 * radius;
    close(scale, Math.min(3, 20 / longer), 1e-5, `${right}×${down}`);
    const box = bounds(ink);
    ok(box, "no ink");
    const pen = 2 * radius * Math.min(1.3, Math.max(0.8, scale));
    // The corner of a thick line is round, which the bounds along a row of pixels do not see.
    close(
      [box.right - box.left, box.bottom - box.top],
      [scale * right + pen, scale * down + pen],
      0.25,
      `${right}×${down}`,
    );
  }
});

Deno.test("the centred drawing does not depend on where it was drawn", () => {
  holds(30, (random) => {
    const steps = scribble(random, 4, 14);
    const there = steps.map((step) => stroke(step.points.map(([x, y]) => [x + 9, y + 7]), step.radius));
    close(centre(steps, rasterize(steps)).ink, centre(there, rasterize(there)).ink, 1e-4);
  });
});

Deno.test("a blank drawing and a dot are not blown up", () => {
  equal(centre([], blank()), { ink: blank(), placement: { scale: 1, dx: 0, dy: 0 } });
  const dot = [stroke([[5, 6]])];
  const { ink, placement } = centre(dot, rasterize(dot));
  equal(placement.scale, 3);
  // The pen grows less than the drawing does.
  ok(mass(ink) < 2 * mass(rasterize(dot)), "the dot has become a disc");
});

Deno.test("bytes", () => {
  equal(toBytes(Float32Array.of(0, 1, 0.5, 0.002, 0.9999)), Uint8Array.of(0, 255, 128, 1, 255));
});
