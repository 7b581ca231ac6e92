// @ts-check

import { close, equal, holds, ok } from "./assert.js";
import { BLACK_MSE, conditionOf, familiarity, percentileOf, perplexityOf, usedOf } from "../../static/core/usage.js";

Deno.test("perplexity", () => {
  for (const count of [1, 2, 20, 512]) close(perplexityOf(Array(count).fill(1 / count)), count, 1e-9 * count);
  equal(perplexityOf([0, 1, 0]), 1);
  // Entropy of (1/2, 1/4, 1/4) is 1.5 bits.
  close(perplexityOf([0.5, 0.25, 0, 0.25]), 2 ** 1.5, 1e-12);
});

Deno.test("perplexity does not depend on the order of codes, and lies between 1 and the number used", () => {
  holds(50, (random) => {
    const weights = Array.from({ length: 20 }, () => (random() < 0.3 ? 0 : random()));
    weights[3] = 1;
    const total = weights.reduce((sum, value) => sum + value, 0);
    const shares = weights.map((value) => value / total);
    const found = perplexityOf(shares);
    close(perplexityOf(shares.toReversed()), found, 1e-9);
    ok(found >= 1 - 1e-9 && found <= usedOf(shares) + 1e-9, `${found} of ${usedOf(shares)}`);
    // Splitting every code in two equal halves doubles it.
    close(perplexityOf(shares.flatMap((share) => [share / 2, share / 2])), 2 * found, 1e-9 * found);
  });
});

Deno.test("codes that are used", () => {
  equal(usedOf([0.5, 0, 1e-9, 0]), 2);
  equal(usedOf([]), 0);
});

Deno.test("a percentile is interpolated, as NumPy does", () => {
  holds(60, (random) => {
    let value = random();
    const percentiles = Array.from({ length: 101 }, () => value += 0.01 + random());
    const at = 100 * random();
    const whole = Math.floor(at);
    const error = percentiles[whole] + (at - whole) * (percentiles[whole + 1] - percentiles[whole]);
    close(percentileOf(error, percentiles), at, 1e-6);
    const k = Math.floor(101 * random());
    equal(percentileOf(percentiles[k], percentiles), k);
  });
});

Deno.test("percentiles beyond the ends, and equal ones", () => {
  const percentiles = Array.from({ length: 101 }, (_, n) => n / 100);
  equal([-1, 0, 1, 1.5].map((error) => percentileOf(error, percentiles)), [0, 0, 100, 100]);
  const steps = [...Array(40).fill(0), ...Array(30).fill(0.9), ...Array(31).fill(1.1)];
  close(percentileOf(1, steps), 69.5, 1e-9);
  equal(percentileOf(0, Array(101).fill(0)), 100);
});

Deno.test("how familiar a drawing is", () => {
  const percentiles = Array.from({ length: 101 }, (_, n) => 1 + n);
  for (
    const [error, percentile, unlike, kind] of /** @type {[number, number, boolean, string][]} */ ([
      [0.5, 0, false, "smallest"],
      [1, 0, false, "usual"],
      [51, 50, false, "usual"],
      [91, 90, false, "usual"],
      [92.6, 91.6, false, "unusual"],
      [100, 99, false, "unusual"],
      [100.5, 99.5, true, "tail"],
      [101, 100, true, "tail"],
      [101.5, 100, true, "largest"],
    ])
  ) {
    const found = familiarity(error, percentiles);
    close(found.percentile, percentile, 1e-9);
    equal([found.unlike, found.kind], [unlike, kind], String(error));
  }
});

Deno.test("collapsed and black models are told by their measured figures", () => {
  /** @type {(codes_used: number, perplexity: number, test_mse: number, num_embeddings: number) => unknown} */
  const condition = (codes_used, perplexity, test_mse, num_embeddings) =>
    conditionOf(/** @type {any} */ ({ metrics: { codes_used, perplexity, test_mse }, num_embeddings }));
  const sound = { collapsed: false, black: false };
  equal(condition(20, 14.9, 0.0027, 20), sound);
  equal(condition(64, 10.1, 0.0039, 64), sound);
  equal(condition(1, 1, 0.01, 1), sound, "a codebook of one code");
  equal(condition(19, 5.3, 0.11396, 512), { collapsed: true, black: true });
  equal(condition(1, 1, 0.0675, 512), { collapsed: true, black: false });
  equal(condition(512, 20, 0.005, 512), { collapsed: true, black: false }, "one that is used by name only");
  equal(condition(20, 14, 0.9 * BLACK_MSE, 20), { collapsed: false, black: true });
});
