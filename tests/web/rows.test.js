// @ts-check

import { boxAround, cellsOf, originOf, runsOf } from "../../static/core/rows.js";
import { focusOf } from "../../static/core/selection.js";
import { nameOf } from "../../static/quantizer/matrices.js";
import { equal } from "./assert.js";
import { makeModel, makeTrace } from "./state.js";

/** Grids and channels: a row within one channel, over two, over many, and of a single cell. */
const SIZES = [[7, 7, 16], [2, 3, 2], [7, 7, 256], [3, 2, 4], [1, 1, 8]].map(([height, width, depth]) =>
  makeModel({ height, width, depth })
);

/**
 * The independent way: the tensor with channels first, each number named by where it is, cut into rows.
 * @param {import("./state.js").Model} model
 */
function cut({ grid: { height, width }, embedding_dim: depth }) {
  /** @type {{ channel: number, cell: number[] }[]} */
  const flat = [];
  for (let channel = 0; channel < depth; channel++) {
    for (let i = 0; i < height; i++) for (let j = 0; j < width; j++) flat.push({ channel, cell: [i, j] });
  }
  return Array.from({ length: height * width }, (_, row) => flat.slice(row * depth, (row + 1) * depth));
}

Deno.test("what a row of the wrong reshape holds", () => {
  for (const model of SIZES) {
    cut(model).forEach((numbers, row) => {
      equal(numbers.map((_, d) => originOf(model, "wrong-reshape", row, d)), numbers);
      const cells = new Set(numbers.map(({ cell: [i, j] }) => i * model.grid.width + j));
      equal([...cellsOf(model, "wrong-reshape", row)].sort(), [...cells].sort());
      const channels = [...new Set(numbers.map(({ channel }) => channel))];
      equal(
        runsOf(model, row),
        channels.map((channel) => {
          const run = numbers.filter((number) => number.channel === channel);
          return { channel, first: run[0].cell, last: run[run.length - 1].cell };
        }),
      );
    });
  }
});

Deno.test("otherwise a row is the feature of its cell", () => {
  const [model] = SIZES;
  for (const variant of /** @type {const} */ (["normal", "bypass"])) {
    equal(originOf(model, variant, 8, 3), { channel: 3, cell: [1, 1] });
    equal([...cellsOf(model, variant, 8)], [8]);
    const trace = makeTrace(model, { variant });
    const focused = focusOf({ cell: [1, 1], code: null, stage: "features" }, trace, model, trace.indices);
    equal([focused?.runs, focused?.row], [null, 8]);
  }
});

Deno.test("the box around cells is that of all their boxes", () => {
  /** @type {import("../../static/core/types.d.ts").Box[][]} */
  const boxes = [[[0, 0, 5, 5], [0, 4, 5, 9]], [[4, 0, 9, 5], [4, 4, 9, 9]]];
  equal([[0], [1, 2], [2, 3]].map((cells) => boxAround(boxes, new Set(cells))), [[0, 0, 5, 5], [0, 0, 9, 9], [4, 0, 9, 9]]);
  equal(boxAround(boxes, new Set()), null);
});

Deno.test("numbers of the wrong reshape are named by where they come from", () => {
  const [model] = SIZES;
  /** @type {(stage: import("../../static/core/types.d.ts").Stage, row: number, column: number) => string} */
  const name = (stage, row, column) => nameOf(model, "wrong-reshape", 1, stage, row, column, 0.5);
  // Row 7 begins with number 112 = 2·49 + 14.
  equal(name("feature_vectors", 7, 1), "row 7, number 1, channel 2 of cell (2, 1): 0.50");
  equal(name("features", 1, 0), name("feature_vectors", 7, 1), "the front of the cube is channel 1 only in name");
  equal(name("distances", 7, 3), "row 7, code 3: 0.50");
  equal(nameOf(model, "wrong-reshape", 1, "indices", 7, 0, 3), "row 7: code 3");
  equal(nameOf(model, "normal", 1, "feature_vectors", 7, 1, 0.5), "row 7, cell (1, 0), channel 1: 0.50");
});

Deno.test("while distances are on their way there is no runner-up", () => {
  const [model] = SIZES;
  const trace = makeTrace(model);
  const focused = focusOf({ cell: [0, 0], code: null, stage: "distances" }, trace, model, trace.indices);
  equal([focused?.measured, focused?.runnerUp], [false, null]);
  equal(nameOf(model, "normal", 0, "distances", 0, 3, NaN), "row 0, cell (0, 0), code 3: loading");
});
