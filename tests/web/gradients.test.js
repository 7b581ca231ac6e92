// @ts-check

import { close, equal, holds, ok } from "./assert.js";
import { LOSSES, norm, toGradients, vectorNorms } from "../../static/core/gradients.js";

/**
 * @param {number[]} levels 0 to 65535
 * @param {number[]} shape
 * @param {number} offset
 * @param {number} scale
 * @returns {import("../../static/core/types.d.ts").Packed}
 */
function packed(levels, shape, offset, scale) {
  const bytes = levels.flatMap((level) => [level & 255, level >> 8]);
  return { shape, offset, scale, data: btoa(String.fromCharCode(...bytes)) };
}

/**
 * @param {(n: number) => import("../../static/core/types.d.ts").Packed} make
 * @returns {Record<import("../../static/core/types.d.ts").Loss, import("../../static/core/types.d.ts").Packed>}
 */
function terms(make) {
  return { reconstruction: make(0), codebook: make(1), commitment: make(2) };
}

Deno.test("norms", () => {
  const tensor = { shape: [2, 1, 2], data: Float32Array.of(3, 4, -5, 12) };
  equal([...vectorNorms(tensor)], [5, 13]);
  close(norm(tensor), Math.sqrt(25 + 169), 1e-9);
  equal(norm({ shape: [2], data: Float32Array.of(0, 0) }), 0);
  holds(30, (random) => {
    const data = Float32Array.from({ length: 60 }, () => random() - 0.5);
    const parts = vectorNorms({ shape: [5, 3, 4], data });
    equal(parts.length, 15);
    close(Math.hypot(...parts), norm({ shape: [5, 3, 4], data }), 1e-6);
  });
});

Deno.test("values within half a step of zero become zero", () => {
  // Steps of 0.5 from −0.75: zero lies between levels 1 (−0.25) and 2 (0.25).
  const split = packed([0, 1, 2, 3, 9], [5], -0.75, 0.5);
  const exact = packed([0, 1, 2], [3], -1, 1);
  const pixels = new Uint8Array(784);
  const all = terms(() => split);
  const found = toGradients(
    { straight_through: true, quantized: exact, features: all, embeddings: all, computed_by: "numpy" },
    pixels,
  );
  equal(found.quantized, { shape: [3], data: Float32Array.of(-1, 0, 1) });
  for (const loss of LOSSES) {
    equal(found.features[loss].data, Float32Array.of(-0.75, 0, 0, 0.75, 3.75));
    equal(found.embeddings[loss].data, Float32Array.of(-0.75, 0, 0, 0.75, 3.75));
  }
  equal(found.computedBy, "numpy");
  ok(found.straightThrough && found.pixels === pixels, "what it answers is kept");
});

Deno.test("every term of the loss has its own gradients", () => {
  const features = terms((n) => packed([n], [1], 10, 1));
  const embeddings = terms((n) => packed([n], [1], 20, 1));
  const found = toGradients(
    { straight_through: false, quantized: packed([0], [1], 0, 1), features, embeddings, computed_by: "page" },
    new Uint8Array(784),
  );
  equal(LOSSES, ["reconstruction", "codebook", "commitment"]);
  equal(LOSSES.map((loss) => found.features[loss].data[0]), [10, 11, 12]);
  equal(LOSSES.map((loss) => found.embeddings[loss].data[0]), [20, 21, 22]);
  equal(found.straightThrough, false);
});
