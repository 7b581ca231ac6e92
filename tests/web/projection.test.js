// @ts-check

import { close, equal, holds, ok } from "./assert.js";
import { between, extentOf, fit, nearest, project } from "../../static/core/projection.js";

/** @typedef {import("../../static/core/types.d.ts").Point} Point */

Deno.test("a vector is projected on the axes", () => {
  const projection = { mean: [1, 2, 3], axes: [[1, 0, 0], [0, 0.6, 0.8]] };
  close(project(projection, [1, 2, 3]), [0, 0], 1e-12);
  // (3, 7, 3) − mean = (2, 5, 0).
  close(project(projection, [3, 7, 3]), [2, 3], 1e-12);
  close(project(projection, Float32Array.of(9, 9, 3, 7, 3), 2), [2, 3], 1e-6);
});

Deno.test("projecting is linear, and keeps distances in the plane", () => {
  holds(30, (random) => {
    const angle = 2 * Math.PI * random();
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const projection = { mean: [random(), random(), random()], axes: [[c, s, 0], [-s * 0.6, c * 0.6, 0.8]] };
    const [a, b] = [0, 1].map(() => [random(), random(), random()]);
    const [pa, pb] = [a, b].map((vector) => project(projection, vector));
    const middle = project(projection, a.map((value, n) => (value + b[n]) / 2));
    close(middle, between(pa, pb, 0.5), 1e-12);
    const [u, v] = projection.axes;
    const there = projection.mean.map((value, n) => value + 3 * u[n] - 4 * v[n]);
    close(project(projection, there), [3, -4], 1e-12);
  });
});

Deno.test("the extent of points", () => {
  equal(extentOf([[1, 5], [-2, 3], [0, 9]]), { left: -2, right: 1, bottom: 3, top: 9 });
  const least = { left: -1, right: 1, bottom: -1, top: 1 };
  equal(extentOf([[0, 4]], least), { left: -1, right: 1, bottom: -1, top: 4 });
  equal(least.top, 1, "what is given is not changed");
});

Deno.test("a plot shows every point, at one scale, y upwards", () => {
  holds(50, (random) => {
    const [wide, high] = [20 * random(), 20 * random()];
    const points = Array.from(
      { length: 2 + Math.floor(20 * random()) },
      () => /** @type {Point} */ ([wide * random() - 5, high * random() + 7]),
    );
    const size = { width: 100 + 400 * random(), height: 100 + 400 * random() };
    const margin = 12;
    const place = fit(extentOf(points), size, margin);
    const placed = points.map(place);
    for (const [x, y] of placed) {
      ok(x >= margin - 1e-6 && x <= size.width - margin + 1e-6, `x ${x} of ${size.width}`);
      ok(y >= margin - 1e-6 && y <= size.height - margin + 1e-6, `y ${y} of ${size.height}`);
    }
    const [[x0, y0], [x1, y1]] = points;
    const [[u0, v0], [u1, v1]] = placed;
    close((u1 - u0) * (y1 - y0), -(v1 - v0) * (x1 - x0), 1e-6, "one scale, y upwards");
    // The plot is filled along at least one side, and centred along both.
    const [xs, ys] = [0, 1].map((axis) => placed.map((point) => point[axis]));
    const [across, up] = [Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)];
    ok(
      Math.abs(across - size.width + 2 * margin) < 1e-6 || Math.abs(up - size.height + 2 * margin) < 1e-6,
      "not filled",
    );
    close(Math.max(...xs) + Math.min(...xs), size.width, 1e-6);
    close(Math.max(...ys) + Math.min(...ys), size.height, 1e-6);
  });
});

Deno.test("points that all lie in one place are drawn in the middle", () => {
  close(fit(extentOf([[3, 4]]), { width: 200, height: 100 }, 10)([3, 4]), [100, 50], 1e-3);
  close(fit(extentOf([[3, 4], [3, 6]]), { width: 200, height: 100 }, 10)([3, 4]), [100, 90], 1e-3, "on one line");
});

Deno.test("the nearest point within reach", () => {
  /** @type {Point[]} */
  const points = [[0, 0], [10, 0], [10, 10]];
  equal(nearest(points, [9, 1], 5), 1);
  equal(nearest(points, [4, 0], 5), 0);
  equal(nearest(points, [5, 5], 5), -1);
  equal(nearest(points, [3, 4], 5), 0, "the reach itself counts");
  equal(nearest([[0, 8], [0, 1]], [0, 10], 5), 0);
  equal(nearest([], [0, 0], 5), -1);
});
