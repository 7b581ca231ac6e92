// @ts-check
/// <reference lib="deno.ns" />

import { SCENES, setScene } from "../../static/core/scenes.js";
import { SETTINGS } from "../../static/core/state.js";
import { equal, ok } from "./assert.js";
import { codes, makeModel, makeStore, makeTrace } from "./state.js";

/** @typedef {import("../../static/core/scenes.js").Scene} Scene */

const MODEL = { ...makeModel({ name: "plain" }), prior: false };
const OTHER = { ...makeModel({ name: "other" }), prior: true };
const EDIT = codes(MODEL, [[3, 3, 3], [3, 3, 3]]);

/** @param {string} name */
const scene = (name) => /** @type {Scene} */ (SCENES[name]);

/** @param {Parameters<typeof makeStore>[0]} [initial] */
function open(initial) {
  return makeStore({
    model: MODEL,
    trace: makeTrace(MODEL),
    models: /** @type {any} */ ([MODEL, OTHER]),
    steps: [EDIT],
    editing: true,
    brushCode: 3,
    ...initial,
  }).store;
}

Deno.test("an address can name every view", () => {
  for (const name of Object.keys(SCENES)) equal(SETTINGS.scene.parse(name), name);
});

Deno.test("a view of the model itself leaves experiments and pins", () => {
  const selection = /** @type {const} */ ({ cell: [0, 0], code: null, stage: "indices" });
  const store = open({ variant: "bypass", pinned: true, selection: { ...selection, cell: [0, 0] } });
  setScene(store, scene("stop-gradient"));
  const keys = /** @type {const} */ (["variant", "editing", "brushCode", "pinned", "selection", "wantsGradients"]);
  equal(keys.map((key) => store.get(key)), ["normal", false, null, false, null, true]);
});

Deno.test("an experiment decodes the model's own codes, and stays on when it is shown again", () => {
  const store = open();
  ok(store.get("edited"), "codes are edited");
  for (let n = 0; n < 2; n++) {
    setScene(store, scene("reshape"));
    equal([store.get("variant"), store.get("edited")], ["wrong-reshape", null]);
  }
  setScene(store, scene("bypass"));
  equal(store.get("variant"), "bypass");
});

Deno.test("distances are pinned in a cell that the grid has", () => {
  for (const [height, width] of [[1, 1], [2, 3], [7, 7]]) {
    const model = makeModel({ height, width });
    const store = open({ model, trace: makeTrace(model), steps: [] });
    setScene(store, scene("distance"));
    equal(store.get("focus")?.cell, [height >> 1, width >> 1]);
    ok(store.get("pinned"), "pinned");
  }
});

Deno.test("a view of the prior chooses a model that has one, if the shown one has none", () => {
  for (const [model, modelName] of /** @type {const} */ ([[MODEL, "other"], [OTHER, ""]])) {
    const store = open({ model, steps: [] });
    setScene(store, scene("generation"));
    equal([store.get("generate"), store.get("modelName")], [true, modelName]);
  }
  const store = open({ models: /** @type {any} */ ([MODEL]) });
  setScene(store, scene("generation"));
  equal(store.get("modelName"), "");
});
