// @ts-check

import { median, rate } from "../../static/shell/meter.js";
import { close, equal, holds } from "./assert.js";

Deno.test("medians", () => {
  equal(median([9, 1, 5]), 5);
  equal(median([10, 1, 2, 4]), 3);
  equal(median([7]), 7);
  holds(30, (random) => {
    const values = Array.from({ length: 1 + Math.floor(30 * random()) }, random);
    const middle = median(values);
    const [below, above] = [values.filter((value) => value < middle), values.filter((value) => value > middle)];
    close(below.length, above.length, values.length % 2 ? 0 : 1);
  });
});

Deno.test("frames a second", () => {
  for (
    const [times, frames] of /** @type {[number[], number][]} */ ([
      [[0, 20, 40, 60], 50],
      [[0, 5000, 5020, 5040], 50], // another stroke, after a rest
      [[0, 100, 150, 300], 10],
      [[0, 400], 2.5],
      [[0, 401], NaN],
      [[7], NaN],
    ])
  ) close(rate(times), frames, 1e-9, String(times));
});
