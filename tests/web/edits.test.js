// @ts-check

import { cellsBetween, countChanged, recode, resetEdits, setEditing, toggleVariant } from "../../static/core/edits.js";
import { dropCodes, redo, undo } from "../../static/core/history.js";
import { equal, holds, ok } from "./assert.js";
import { makeModel, makeStore, makeTrace } from "./state.js";

/** @typedef {import("../../static/core/types.d.ts").Cell} Cell */

const MODEL = makeModel({ height: 3, width: 4, codes: 5 });

/** @param {Partial<import("../../static/core/types.d.ts").State>} [initial] */
const start = (initial) => makeStore({ model: MODEL, trace: makeTrace(MODEL), ...initial }).store;

Deno.test("a code is put into cells, and the trace stays as it is", () => {
  const store = start();
  const own = structuredClone(store.get("trace")?.indices);
  recode(store, [[0, 0], [2, 3]], 3);
  const edited = store.get("edited");
  equal(edited, [[3, 1, 2, 3], [4, 0, 1, 2], [3, 4, 0, 3]]);
  equal(store.get("trace")?.indices, own);
  recode(store, [[1, 1]], 2);
  equal(store.get("edited"), [[3, 1, 2, 3], [4, 2, 1, 2], [3, 4, 0, 3]]);
  ok(store.get("edited") !== edited, "a new grid, so that views learn of it");
});

Deno.test("a code that is there already changes nothing", () => {
  const store = start();
  recode(store, [[0, 0]], 0);
  equal(store.get("edited"), null);
  recode(store, [[0, 0]], 1);
  const edited = store.get("edited");
  recode(store, [[0, 0]], 1);
  ok(store.get("edited") === edited, "the same grid");
});

Deno.test("a grid that is the model's own again is no longer edited", () => {
  const store = start();
  recode(store, [[0, 0]], 1);
  recode(store, [[0, 0]], 0);
  equal(store.get("edited"), null);
});

Deno.test("without a trace, and in a variant, there is nothing to edit", () => {
  for (const store of [start({ trace: null }), start({ variant: "bypass" })]) {
    recode(store, [[0, 0]], 3);
    equal(store.get("edited"), null);
  }
});

Deno.test("cells that differ are counted", () => {
  equal(countChanged([[1, 2], [3, 4]], [[1, 2], [3, 4]]), 0);
  equal(countChanged([[1, 0], [0, 4]], [[1, 2], [3, 4]]), 2);
  holds(40, (random) => {
    const store = start();
    const own = store.get("trace")?.indices ?? [];
    for (let n = 0; n < 12; n++) {
      recode(store, [[Math.floor(3 * random()), Math.floor(4 * random())]], Math.floor(5 * random()));
      const edited = store.get("edited");
      let differ = 0;
      own.forEach((row, i) => row.forEach((code, j) => differ += Number(edited && edited[i][j] !== code)));
      equal(edited ? countChanged(edited, own) : 0, differ);
      equal(edited === null, differ === 0);
    }
    resetEdits(store);
    equal(store.get("edited"), null);
  });
});

Deno.test("undo takes back an edit, a drag as a whole, and the return to the model's codes", () => {
  const store = start();
  ok(recode(store, [[0, 0]], 1), "changed");
  ok(!recode(store, [[0, 0]], 1), "nothing to change");
  const first = store.get("edited");
  ok(recode(store, [[1, 0]], 2), "a drag begins");
  ok(recode(store, [[1, 1]], 2, true), "and goes on");
  const second = store.get("edited");
  resetEdits(store);
  resetEdits(store);
  const grids = [];
  while (undo(store)) grids.push(store.get("edited"));
  equal(grids, [second, first, null]);
  while (redo(store)) grids.push(store.get("edited"));
  equal(grids, [second, first, null, first, second, null]);
});

Deno.test("undo leaves a variant when it leads to edited codes", () => {
  const store = start();
  recode(store, [[0, 0]], 1);
  const edited = store.get("edited");
  toggleVariant(store, "bypass");
  equal([store.get("edited"), store.get("variant")], [null, "bypass"]);
  undo(store);
  equal([store.get("edited"), store.get("variant")], [edited, "normal"]);
});

Deno.test("an edit belongs to its model", () => {
  const store = start();
  recode(store, [[0, 0]], 1);
  ok(store.get("edited"), "edited");
  store.set("model", makeModel({ name: "b", height: 3, width: 4, codes: 5 }));
  equal(store.get("edited"), null, "another model");
  store.set("model", makeModel({ height: 3, width: 3 }));
  equal(store.get("edited"), null, "another grid");
  undo(store);
  dropCodes(store);
  equal([store.get("steps"), store.get("undone")], [[], []]);
});

Deno.test("one experiment at a time", () => {
  const store = start();
  toggleVariant(store, "bypass");
  equal(store.get("variant"), "bypass");
  toggleVariant(store, "wrong-reshape");
  equal(store.get("variant"), "wrong-reshape");
  setEditing(store, true);
  equal([store.get("variant"), store.get("editing")], ["normal", true]);
  recode(store, [[0, 0]], 3);
  store.set("brushCode", 3);
  setEditing(store, false);
  ok(store.get("edited"), "what was changed stays");
  equal(store.get("brushCode"), null);
  toggleVariant(store, "bypass");
  equal([store.get("edited"), store.get("editing")], [null, false]);
  toggleVariant(store, "bypass");
  equal(store.get("variant"), "normal");
});

Deno.test("a fast stroke leaves no cell out", () => {
  equal(cellsBetween([1, 1], [1, 1]), [[1, 1], [1, 1]]);
  equal(cellsBetween([0, 0], [0, 3]), [[0, 0], [0, 1], [0, 2], [0, 3]]);
  equal(cellsBetween([0, 0], [3, 1]), [[0, 0], [1, 0], [2, 1], [3, 1]]);
  equal(cellsBetween([1, 3], [0, 0]), [[1, 3], [1, 2], [0, 1], [0, 0]]);
  equal(cellsBetween([2, 0], [0, 2]), [[2, 0], [1, 1], [0, 2]]);
  holds(60, (random) => {
    const [from, to] = [0, 1].map(() => /** @type {Cell} */ ([Math.floor(7 * random()), Math.floor(7 * random())]));
    const cells = cellsBetween(from, to);
    equal([cells[0], cells.at(-1)], [from, to]);
    for (let n = 1; n < cells.length; n++) {
      ok(Math.max(Math.abs(cells[n][0] - cells[n - 1][0]), Math.abs(cells[n][1] - cells[n - 1][1])) <= 1, "a gap");
    }
  });
});
