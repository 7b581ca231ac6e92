// @ts-check

import { meanSquaredError } from "../../static/core/derived.js";
import { close, equal, holds, ok } from "./assert.js";
import { codes, makeModel, makeStore, makeTrace } from "./state.js";

/** @param {number} value @returns {import("../../static/core/types.d.ts").Tensor} */
const picture = (value) => ({ shape: [28, 28], data: new Float32Array(784).fill(value) });

Deno.test("the mean squared error", () => {
  equal(meanSquaredError(picture(0), new Uint8Array(784)), 0);
  close(meanSquaredError(picture(1), new Uint8Array(784)), 1, 1e-9);
  close(meanSquaredError(picture(0.5), new Uint8Array(784).fill(255)), 0.25, 1e-9);
  // (0.5 − 51/255)² and (1 − 1)².
  close(meanSquaredError({ shape: [1, 2], data: Float32Array.of(0.5, 1) }, Uint8Array.of(51, 255)), 0.045, 1e-7);
});

Deno.test("indices, picture and error are the edited ones, or the model's own", () => {
  const model = makeModel();
  const trace = makeTrace(model, { reconstruction: picture(0.5) });
  const { store } = makeStore({ model });
  equal([store.get("shownIndices"), store.get("shownReconstruction"), store.get("shownError")], [null, null, NaN]);
  store.set("trace", trace);
  equal([store.get("shownIndices"), store.get("shownReconstruction")], [trace.indices, trace.reconstruction]);
  close(store.get("shownError"), 0.25, 1e-9);
  store.set("steps", [codes(model, [[3, 3, 3], [3, 3, 3]])]);
  equal(store.get("shownIndices"), [[3, 3, 3], [3, 3, 3]]);
  close(store.get("shownError"), 0.25, 1e-9, "the former picture stays until the grid is decoded");
  store.set("editedReconstruction", picture(1));
  close(store.get("shownError"), 1, 1e-9);
  store.set("steps", []);
  equal(store.get("shownIndices"), trace.indices);
  close(store.get("shownError"), 0.25, 1e-9);
});

Deno.test("the normal trace, whatever variant is on", () => {
  const model = makeModel();
  const { store } = makeStore({ model });
  equal(store.get("normalTrace"), null);
  const [normal, bypass] = [makeTrace(model), makeTrace(model, { variant: "bypass" })];
  store.set("trace", bypass);
  equal(store.get("normalTrace"), null);
  store.set("reference", normal);
  ok(store.get("normalTrace") === normal, "the reference");
  const newer = makeTrace(model);
  store.set("trace", newer);
  ok(store.get("normalTrace") === newer, "the trace itself");
});

Deno.test("results are outdated while the model is loaded, and while the server cannot answer for the drawing", () => {
  const model = makeModel();
  const trace = makeTrace(model);
  const { store } = makeStore({ connection: "live", model, trace });
  equal(store.get("outdated"), "");
  store.set("loading", "b");
  equal(store.get("outdated"), "loading");
  store.assign({ loading: "", pixels: new Uint8Array(784).fill(9) });
  equal(store.get("outdated"), "", "the answer is on its way");
  store.set("connection", "offline");
  equal(store.get("outdated"), "offline");
  store.set("pixels", new Uint8Array(784));
  equal(store.get("outdated"), "", "the drawing that was answered");
  const grid = [[3, 3, 3], [3, 3, 3]];
  store.set("steps", [codes(model, grid)]);
  equal(store.get("outdated"), "offline");
  store.set("decoded", { indices: grid });
  equal(store.get("outdated"), "");
  store.set("variant", "bypass");
  equal(store.get("outdated"), "offline");
  store.assign({ variant: "normal", trace: null });
  equal(store.get("outdated"), "offline");
  store.set("connection", "live");
  equal(store.get("outdated"), "loading");
});

Deno.test("a channel that the model does not have", () => {
  const { store } = makeStore({ channel: 9 });
  equal(store.get("shownChannel"), 9);
  store.set("model", makeModel({ depth: 4 }));
  equal([store.get("shownChannel"), store.get("channel")], [3, 9]);
  store.set("model", makeModel({ depth: 16 }));
  equal(store.get("shownChannel"), 9);
});

Deno.test("the model that is shown is the chosen one, or the default", () => {
  const { store } = makeStore();
  equal(store.get("shownModel"), "");
  store.set("model", makeModel({ name: "a" }));
  equal(store.get("shownModel"), "a");
  store.set("modelName", "b");
  equal(store.get("shownModel"), "b");
});

Deno.test("the theme is the system's until the visitor chooses one", () => {
  const { store } = makeStore();
  for (const system of /** @type {const} */ (["light", "dark"])) {
    store.set("systemTheme", system);
    for (const [theme, shown] of /** @type {const} */ ([["system", system], ["light", "light"], ["dark", "dark"]])) {
      store.set("theme", theme);
      equal(store.get("shownTheme"), shown, `${theme} on a ${system} system`);
    }
  }
});

Deno.test("the figure is small beside open details, and above what is used while drawing", () => {
  const { store } = makeStore();
  for (const [details, health, generate] of [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]].map((row) => row.map(Boolean))) {
    store.assign({ details, health, generate });
    equal(store.get("compact"), details || health || generate);
  }
});

Deno.test("distances and gradients are wanted while they are in sight", () => {
  const { store } = makeStore();
  /** @type {import("../../static/core/types.d.ts").Selection} */
  const cell = { cell: [0, 0], code: null, stage: "indices" };
  for (
    const [details, selection, backward, distances, gradients] of /** @type {const} */ ([
      [false, null, false, false, false],
      [true, null, false, true, false],
      [false, cell, false, true, false],
      [false, { ...cell, cell: null, code: 1 }, false, false, false],
      [false, null, true, false, false],
      [true, cell, true, true, true],
    ])
  ) {
    store.assign({ details, selection, backward });
    equal([store.get("wantsDistances"), store.get("wantsGradients")], [distances, gradients]);
  }
});

Deno.test("matrices are made of a trace with features", () => {
  const model = makeModel();
  const { store } = makeStore({ model });
  equal(store.get("matrixSource"), null);
  store.set("trace", makeTrace(model));
  equal(store.get("matrixSource"), null);
  const features = { shape: [2, 3, 2], data: new Float32Array(12) };
  store.set("trace", makeTrace(model, { features }));
  const source = store.get("matrixSource");
  ok(source?.features === features && source.model === model, "the trace's features");
  store.set("selection", { cell: [0, 0], code: null, stage: "indices" });
  ok(store.get("matrixSource") === source, "pointing changes no data");
  store.set("scaling", "shared");
  equal(store.get("matrixSource")?.scaling, "shared");
});

Deno.test("the focus of a cell: its code, the runner-up, the rows with the same code", () => {
  holds(60, (random) => {
    const model = makeModel({ height: 3, width: 4, codes: 5 });
    const indices = Array.from({ length: 3 }, () => Array.from({ length: 4 }, () => Math.floor(5 * random())));
    const data = Float32Array.from({ length: 60 }, random);
    const { store } = makeStore({ model, trace: makeTrace(model, { indices, distances: { shape: [12, 5], data } }) });
    const [i, j] = [Math.floor(3 * random()), Math.floor(4 * random())];
    store.set("selection", { cell: [i, j], code: null, stage: "features" });
    const focus = store.get("focus");
    ok(focus, "a focus");
    const row = 4 * i + j;
    equal([focus.row, focus.code, focus.chosen, focus.compared], [row, ...Array(3).fill(indices[i][j])]);
    const own = [...data.subarray(5 * row, 5 * row + 5)];
    for (let code = 0; code < 5; code++) equal(focus.distance(code), own[code]);
    const others = own.filter((_, code) => code !== focus.code);
    equal(own[focus.runnerUp ?? -1], Math.min(...others));
    equal([...focus.users].sort((a, b) => a - b), indices.flat().flatMap((code, n) => code === focus.code ? [n] : []));
  });
});

Deno.test("the focus of an edited cell has both codes", () => {
  const model = makeModel();
  const trace = makeTrace(model);
  const { store } = makeStore({ model, trace, steps: [codes(model, [[3, 1, 2], [3, 0, 1]])] });
  store.set("selection", { cell: [0, 0], code: null, stage: "indices" });
  const focus = store.get("focus");
  equal([focus?.code, focus?.chosen, focus?.runnerUp], [3, 0, null]);
  equal([...focus?.users ?? []], [0, 3]);
  ok(Number.isNaN(focus?.distance(0)), "no distances were sent");
});

Deno.test("the focus of a code, of a distance, and of nothing", () => {
  const model = makeModel();
  const trace = makeTrace(model, {
    distances: { shape: [6, 4], data: Float32Array.from({ length: 24 }, (_, n) => n) },
  });
  const { store } = makeStore({ model, trace });
  equal(store.get("focus"), null);
  store.set("selection", { cell: null, code: 1, stage: "embeddings" });
  const code = store.get("focus");
  equal([code?.cell, code?.row, code?.code, code?.chosen, code?.runnerUp, [...code?.users ?? []]], [
    null,
    -1,
    1,
    1,
    null,
    [1, 5],
  ]);
  ok(Number.isNaN(code?.distance(1)), "no cell, no distance");
  store.set("selection", { cell: [0, 1], code: 3, stage: "distances" });
  const distance = store.get("focus");
  equal([distance?.code, distance?.chosen, distance?.compared, distance?.distance(3)], [1, 1, 3, 7]);
  store.set("selection", { cell: null, code: null, stage: "features" });
  equal(store.get("focus"), null, "a stage as a whole");
});

Deno.test("a selection that the model does not have has no focus", () => {
  const model = makeModel();
  const { store } = makeStore({ model, trace: makeTrace(model) });
  for (const [cell, code] of /** @type {const} */ ([[[2, 0], null], [[0, 3], null], [null, 4]])) {
    store.set("selection", { cell: cell && [cell[0], cell[1]], code, stage: "indices" });
    equal(store.get("focus"), null, `${cell} ${code}`);
  }
});
