// @ts-check

import { toModel } from "../../static/backend/api.js";
import { recode, resetEdits } from "../../static/core/edits.js";
import { toGradients } from "../../static/core/gradients.js";
import { redo, undo } from "../../static/core/history.js";
import { atLevel, lookAt } from "../../static/core/level-store.js";
import { at, levelsOf, stageAt } from "../../static/core/levels.js";
import { clear, hover, togglePin } from "../../static/core/selection.js";
import { toTrace, withDistances } from "../../static/core/tensor.js";
import { fromHash, toHash } from "../../static/drawing/share.js";
import { equal, ok } from "./assert.js";
import { makeModel, makeStore, makeTrace, makeTwoLevels } from "./state.js";

/** @typedef {import("../../static/core/types.d.ts").Selection} Selection */
/** @typedef {import("../../static/core/types.d.ts").Key} Key */

const MODEL = makeTwoLevels();
const TRACE = makeTrace(MODEL);

/** @type {Selection} */
const CELL = { cell: [0, 1], code: null, stage: "indices" };

/** @param {Partial<import("../../static/core/types.d.ts").State>} [initial] */
function start(initial) {
  const { store, frame } = makeStore({ model: MODEL, trace: TRACE, ...initial });
  const [main, top, looked] = [atLevel(store, ""), atLevel(store, "top"), atLevel(store)];
  return { store, frame, main: main.store, top: top.store, looked: looked.store, see: looked.see };
}

/** @param {number} value @param {number[]} shape @returns {import("../../static/core/types.d.ts").Tensor} */
const filled = (value, shape) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b)).fill(value) });

Deno.test("levels are listed in their order, and stages named by them", () => {
  equal(levelsOf(makeModel()), [""]);
  equal(levelsOf(MODEL), ["top", ""]);
  equal([stageAt("features", ""), stageAt("features", "top")], ["features", "features.top"]);
  ok(at(MODEL, "") === MODEL && at(MODEL, "top") === MODEL.levels.top && at(MODEL, "constructor") === null, "by id");
});

Deno.test("a store at a level holds what the level has", () => {
  const { store, main, top } = start();
  equal([main.get("model"), main.get("trace")], [MODEL, TRACE]);
  equal([top.get("model"), top.get("trace")], [MODEL.levels.top, TRACE.levels.top]);
  equal([main.get("shownIndices"), top.get("shownIndices")], [[[0, 1, 2], [3, 0, 1]], [[0, 1]]]);
  ok(top.get("matrixSource") === top.get("matrixSource"), "the same each time");
  store.set("model", makeModel());
  equal([top.get("model"), main.get("model")?.name], [null, "a"], "a model without that level");
});

Deno.test("pointing at something looks at its level", () => {
  const { store, main, top, looked } = start();
  hover(top, CELL);
  equal([store.get("level"), main.get("selection"), top.get("selection")], ["top", null, CELL]);
  equal([top.get("focus")?.row, looked.get("focus")?.row, main.get("focus")], [1, 1, null]);
  hover(main, null);
  equal(top.get("selection"), CELL, "the pointer was not there");
  hover(top, null);
  equal([store.get("selection"), looked.get("model")], [null, MODEL.levels.top], "the level stays");
  ok(togglePin(main, CELL), "pinned");
  equal([store.get("level"), main.get("focus")?.row, top.get("focus")], ["", 1, null]);
  hover(top, CELL);
  equal(store.get("level"), "", "what is pinned stays");
  ok(togglePin(top, CELL), "the same cell of another level is something else");
  equal(store.get("level"), "top");
  clear(looked);
  lookAt(store, "");
  equal([looked.get("model"), store.get("pinned")], [MODEL, false]);
});

Deno.test("with a code on the brush the pointer may cross another level", () => {
  const { store, main, top } = start({ brushCode: 2 });
  hover(top, CELL);
  equal([store.get("level"), store.get("selection")], ["", null]);
  equal([main.get("brushCode"), top.get("brushCode")], [2, null]);
  lookAt(store, "top");
  equal(store.get("brushCode"), null, "codes of another codebook");
});

Deno.test("a level that the model does not have is not looked at", () => {
  const { store, looked } = start({ level: "top" });
  equal([store.get("shownLevel"), looked.get("model")], ["top", MODEL.levels.top]);
  const other = makeModel();
  store.set("model", other);
  equal([store.get("shownLevel"), looked.get("model")], ["", other]);
});

Deno.test("a view is told what another level changes, once", () => {
  const { store, frame, see } = start();
  /** @type {Set<Key>[]} */
  const told = [];
  const view = see({ update: (changed) => told.push(changed) });
  /** @param {Set<Key>} changed */
  const notify = (changed) => (view.read?.(changed), view.update(changed));
  store.subscribe(notify);
  store.refresh();
  told.splice(0);
  lookAt(store, "top");
  frame();
  for (const key of /** @type {Key[]} */ (["level", "model", "trace", "shownIndices", "readAt"])) ok(told[0].has(key), key);
  ok(!told[0].has("pixels") && !told[0].has("edits"), "the rest is as it was");
  store.set("tool", "erase");
  frame();
  equal([...told[1]], ["tool"]);
});

Deno.test("both levels can be edited, and undo takes back one by one", () => {
  const { store, main, top } = start();
  ok(recode(top, [[0, 0]], 3), "changed");
  equal([store.get("edits"), main.get("edited"), top.get("edited")], [{ top: [[3, 1]] }, null, [[3, 1]]]);
  recode(main, [[1, 2]], 3);
  equal(store.get("edits"), { "": [[0, 1, 2], [3, 0, 3]], top: [[3, 1]] });
  equal([main.get("shownIndices")?.[1], top.get("shownIndices")], [[3, 0, 3], [[3, 1]]]);
  recode(top, [[0, 0]], 0);
  equal(store.get("edits"), { "": [[0, 1, 2], [3, 0, 3]] }, "the top has its own code again");
  undo(store);
  undo(store);
  equal(store.get("edits"), { top: [[3, 1]] });
  redo(store);
  resetEdits(top);
  equal(store.get("edits"), null, "of all levels");
});

Deno.test("codes that do not fit are no edit", () => {
  const { store } = start();
  for (const [level, grid] of /** @type {[string, number[][]][]} */ ([["top", [[4, 0]]], ["top", [[0, 0, 0]]], ["side", [[0, 0]]]])) {
    store.set("steps", [{ kind: "codes", codes: null, levels: { [level]: grid }, model: "h" }]);
    equal(store.get("edits"), null);
  }
});

Deno.test("an address holds the codes of all levels and the level", () => {
  const { store, main, top } = start();
  recode(top, [[0, 0]], 3);
  store.set("modelName", "h");
  const read = (/** @type {string} */ hash) => fromHash(hash).steps?.at(-1);
  equal(read(toHash(store)), { kind: "codes", codes: null, levels: { top: [[3, 1]] }, model: "h" });
  recode(main, [[0, 0]], 2);
  lookAt(store, "top");
  equal(read(toHash(store)), { kind: "codes", codes: [[2, 1, 2], [3, 0, 1]], levels: { top: [[3, 1]] }, model: "h" });
  equal(fromHash(toHash(store)).values.level, "top");
  ok(fromHash("drawing=&model=h&codes.top=x").problem.includes("codes.top"), "said");
  equal(fromHash("drawing=&model=h&codes.=1&codes.TOP=1").problem, "", "another's parameters");
});

Deno.test("replies are read level by level", () => {
  const message = /** @type {any} */ ({
    seq: 1,
    model: "h",
    variant: "normal",
    losses: TRACE.losses,
    server_ms: 3,
    "indices": [[1, 2]],
    "indices.top": [[3]],
    "features": filled(1, [1, 2, 2]),
    "features.top": filled(2, [1, 1, 2]),
    "reconstruction": filled(0, [28, 28]),
  });
  const trace = toTrace(message, null, 5);
  equal([trace.indices, trace.features?.data[0]], [[[1, 2]], 1]);
  const { top } = trace.levels;
  equal([top.indices, top.features?.data[0], top.seq, top.roundTripMs, top.levels], [[[3]], 2, 1, 5, {}]);
  ok(top.reconstruction === trace.reconstruction, "one picture");
  const distances = { ...message, distances: filled(1, [2, 4]), "distances.top": filled(2, [1, 4]) };
  const completed = withDistances(trace, distances);
  equal([completed.distances?.data[0], completed.levels.top.distances?.data[0]], [1, 2]);
  ok(completed.levels.top.features === top.features && completed.features === trace.features, "the rest is the same");

  const terms = (/** @type {number} */ value) => Object.fromEntries(
    ["reconstruction", "codebook", "commitment"].map((loss) => [loss, filled(value, [1, 2])]),
  );
  const gradients = toGradients(/** @type {any} */ ({
    straight_through: true,
    computed_by: "pytorch",
    "quantized": filled(1, [1, 2]),
    "features": terms(2),
    "embeddings": terms(3),
    "quantized.top": filled(4, [1, 2]),
    "features.top": terms(5),
    "embeddings.top": terms(6),
  }), new Uint8Array(784));
  const both = [gradients, gradients.levels.top];
  equal(both.map(({ quantized, features, embeddings }) => [quantized.data[0], features.codebook.data[0], embeddings.commitment.data[0]]),
    [[1, 2, 3], [4, 5, 6]]);
});

Deno.test("a level of a model has its own sizes, codes and listing", () => {
  const listing = (/** @type {string} */ id, /** @type {string} */ title) => ({ id, title, file: "", lines: [], substitutes: [] });
  const model = toModel(/** @type {any} */ ({
    name: "h",
    title: "Two",
    grid: [2, 3],
    num_embeddings: 2,
    embedding_dim: 2,
    embeddings: [[0, 1], [2, 3]],
    code_order: [0, 1],
    stages: { "features": [2, 3, 2], "indices": [2, 3], "features.top": [1, 2, 2], "indices.top": [1, 2] },
    metrics: { test_mse: 0.01, codes_used: 2, code_usage: [0.5, 0.5], levels: { top: { codes_used: 1, code_usage: [1, 0] } } },
    listings: [listing("encoder", "E"), listing("quantizer", "bottom")],
    levels: { top: { embeddings: [[0, 9], [2, 3]], code_order: [1, 0], listings: [listing("quantizer", "top")] } },
  }));
  const { top } = model.levels;
  equal([model.picks, top.picks], [8, 8]);
  equal([model.grid.width, top.grid], [3, { height: 1, width: 2, numEmbeddings: 2 }]);
  equal([model.scale.high, top.scale.high], [3, 9]);
  equal(top.stages.features, [1, 2, 2]);
  equal([top.metrics.codes_used, top.metrics.code_usage, top.metrics.test_mse], [1, [1, 0], 0.01]);
  equal(top.listings.map(({ title }) => title), ["E", "top"]);
  equal(model.palette.fill, [...top.palette.fill].reverse());
  equal([top.title, top.levels], ["Two", {}]);
});
