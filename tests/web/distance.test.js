// @ts-check

import { close, equal, holds, ok } from "./assert.js";
import { ranking, terms } from "../../static/quantizer/distance.js";

Deno.test("the terms of one distance", () => {
  // (3, 4) and (1, 1): 25 + 2 − 2·7 = 13 = 2² + 3².
  equal(terms([3, 4], [1, 1]), { f2: 25, e2: 2, fe: 7, expansion: 13, direct: 13 });
});

Deno.test("the expansion is the sum of squares", () => {
  holds(100, (random) => {
    const [f, e] = [0, 1].map(() => Float32Array.from({ length: 16 }, () => 4 * random() - 2));
    const { f2, e2, fe, expansion, direct } = terms(f, e);
    close(expansion, direct, 1e-12 * (f2 + e2));
    close(direct, Math.hypot(...f.map((value, d) => value - e[d])) ** 2, 1e-5);
    ok(Math.abs(fe) <= Math.sqrt(f2 * e2) + 1e-9, "Cauchy–Schwarz");
    equal(terms(f, f).direct, 0);
  });
});

Deno.test("codes are ranked from near to far, equal ones by number", () => {
  equal(ranking([3, 1, 2]), [1, 2, 0]);
  equal(ranking([2, 1, 1, 2, 0]), [4, 1, 2, 0, 3]);
  holds(50, (random) => {
    const distances = Float32Array.from({ length: 40 }, () => Math.floor(10 * random()));
    const order = ranking(distances);
    equal(order.toSorted((a, b) => a - b), Array.from(distances, (_, code) => code));
    for (let n = 1; n < order.length; n++) {
      const [a, b] = [order[n - 1], order[n]];
      ok(distances[a] < distances[b] || (distances[a] === distances[b] && a < b), `${a} before ${b}`);
    }
    equal(distances[order[0]], Math.min(...distances));
  });
});
