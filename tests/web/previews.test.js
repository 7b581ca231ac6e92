// @ts-check

import { previewCodes } from "../../static/backend/previews.js";
import { equal } from "./assert.js";

Deno.test("previews are the patches around a cell, cut at the edge", () => {
  const decode = (/** @type {any} */ { indices }) => ({
    shape: [4, 6],
    // Two pixels along each side of a cell.
    data: Float32Array.from({ length: 24 }, (_, n) => indices[Math.floor(n / 12)][Math.floor((n % 6) / 2)]),
  });
  const grid = [[0, 0, 0], [0, 0, 0]];
  const corner = previewCodes(decode, 3, { indices: grid, cell: [0, 0] });
  equal(corner.shape, [3, 4, 4]);
  equal([...corner.data.subarray(16, 24)], [1, 1, 0, 0, 1, 1, 0, 0]);
  equal(previewCodes(decode, 3, { indices: grid, cell: [1, 1] }).shape, [3, 4, 6]);
  equal(grid, [[0, 0, 0], [0, 0, 0]]);
});
