// @ts-check

import { cellAt, cellCount, cellOf, fits, hasCell, rowOf, step } from "../../static/core/grid.js";
import { equal, holds, ok } from "./assert.js";

Deno.test("rows of the matrices are the cells, row by row", () => {
  for (const [height, width, numEmbeddings] of [[7, 7, 20], [2, 5, 3], [1, 1, 9]]) {
    const grid = { height, width, numEmbeddings };
    let row = 0;
    for (let i = 0; i < grid.height; i++) {
      for (let j = 0; j < grid.width; j++) {
        equal(rowOf([i, j], grid), row);
        equal(cellOf(row, grid), [i, j]);
        ok(hasCell(grid, [i, j]), `${i}, ${j}`);
        row++;
      }
    }
    equal(cellCount(grid), row);
    ok(!hasCell(grid, [grid.height, 0]) && !hasCell(grid, [0, grid.width]), "cells outside");
  }
});

Deno.test("indices that fit a grid", () => {
  const grid = { height: 2, width: 3, numEmbeddings: 4 };
  ok(fits(grid, [[0, 1, 2], [3, 3, 3]]), "they do");
  for (const indices of [[[0, 1, 2]], [[0, 1], [2, 3]], [[0, 1, 2], [3, 4, 0]], [[0, 1, 2], [3, 3]], []]) {
    ok(!fits(grid, indices), JSON.stringify(indices));
  }
});

Deno.test("the cell at a point, and the nearest one outside", () => {
  const grid = { height: 2, width: 4 };
  equal(cellAt(grid, 0.49, 0.5), [0, 2]);
  equal(cellAt(grid, 0.5, 0.2499), [1, 0]);
  equal(cellAt(grid, -0.3, 1.7), [0, 3]);
  equal(cellAt(grid, 1, 1), [1, 3]);
  holds(100, (random) => {
    const [down, across] = [random(), random()];
    const [i, j] = cellAt(grid, down, across);
    ok(i / 2 <= down && down < (i + 1) / 2 && j / 4 <= across && across < (j + 1) / 4, `${down}, ${across}`);
  });
});

Deno.test("keys move the focus by one, by a row, and to the ends", () => {
  // 0 1 2
  // 3 4 5
  // 6
  for (
    const [from, key, far, to] of /** @type {[number, string, boolean, number | null][]} */ ([
      [0, "ArrowRight", false, 1],
      [2, "ArrowRight", false, 2],
      [6, "ArrowRight", false, 6],
      [4, "ArrowLeft", false, 3],
      [3, "ArrowLeft", false, 3],
      [3, "ArrowUp", false, 0],
      [1, "ArrowUp", false, 1],
      [3, "ArrowDown", false, 6],
      [4, "ArrowDown", false, 4],
      [6, "ArrowDown", false, 6],
      [5, "Home", false, 3],
      [5, "Home", true, 0],
      [3, "End", false, 5],
      [6, "End", false, 6],
      [1, "End", true, 6],
      [1, "Enter", false, null],
      [1, "a", true, null],
    ])
  ) equal(step(from, key, far, 7, 3), to, `${key} from ${from}`);
});

Deno.test("in a grid of one row, up and down move like left and right", () => {
  equal(step(1, "ArrowDown", false, 4, 4), 2);
  equal(step(3, "ArrowDown", false, 4, 4), 3);
  equal(step(1, "ArrowUp", false, 4, 4), 0);
  equal(step(0, "ArrowUp", false, 4, 4), 0);
});

Deno.test("keys never leave the grid, and what goes there comes back", () => {
  const back = { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft", ArrowUp: "ArrowDown", ArrowDown: "ArrowUp" };
  holds(100, (random) => {
    const width = 1 + Math.floor(8 * random());
    const count = 1 + Math.floor(40 * random());
    const from = Math.floor(count * random());
    for (const [key, reverse] of Object.entries(back)) {
      const to = step(from, key, false, count, width);
      ok(to !== null && to >= 0 && to < count, `${key} from ${from} to ${to}`);
      if (to !== from) equal(step(to, reverse, false, count, width), from);
    }
  });
});
