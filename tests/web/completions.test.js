// @ts-check

import { createCompletions, keepRows, MORE, MOST } from "../../static/generate/completions.js";
import { equal } from "./assert.js";
import { fakeQuestions } from "./questions.js";
import { makeModel, makeStore, makeTrace } from "./state.js";
import { fakeTime } from "./time.js";

const MODEL = { ...makeModel(), prior: true };
const PICTURE = { shape: [1, 1], data: Float32Array.of(0) };
const GIVEN = [[0, 1, 2], [null, null, null]];

function start() {
  const { store, frame } = makeStore({ model: MODEL, generate: true, trace: makeTrace(MODEL), seed: 9, keptRows: 1 });
  const backend = fakeQuestions();
  const completions = createCompletions(store, backend.question);
  store.subscribe(completions.update);
  store.refresh();
  return { store, frame, completions, backend };
}

/** @param {ReturnType<typeof fakeQuestions>} backend @param {number} count */
async function serve(backend, count) {
  for (let n = 0; n < count; n++) {
    await backend.answer("sample", ({ seed }) => ({ digit: seed % 10, codes: [[0, 1, 2], [seed % 4, 1, 1]] }));
    await backend.answer("decode", { reconstruction: PICTURE });
  }
}

Deno.test("the first rows are kept", () => {
  const level = { id: "", height: 2, width: 2 };
  equal(keepRows([level], [1, 2, 3, 4], 1 / 2), [1, 2, null, null]);
  equal(keepRows([level], [1, 2, 3, 4], 0), [null, null, null, null]);
  const kept = keepRows([{ id: "top", height: 2, width: 1 }, { id: "", height: 4, width: 1 }], [0, 1, 2, 3, 4, 5], 3 / 4);
  equal(kept, [0, null, 2, 3, 4, null], "as many rows as lie over the kept ones");
});

Deno.test("completions are sampled one after another, each with a seed of its own", async () => {
  using time = fakeTime();
  const { store, completions, frame, backend } = start();
  equal(backend.asked("sample"), [], "not while the pen moves");
  time.pass(400);
  equal(backend.asked("sample"), [{ digit: null, temperature: 1, seed: 9, given: GIVEN }]);
  await serve(backend, 4);
  equal(backend.asked("sample"), []);
  equal(store.get("completions").map(({ seed, digit }) => [seed, digit]), [[9, 9], [10, 0], [11, 1], [12, 2]]);
  completions.more();
  frame();
  equal(backend.asked("sample").map(({ seed }) => seed), [13]);
  await serve(backend, MORE);
  equal(store.get("completions").length, 4 + MORE);
  for (let n = 0; n < 9; n++) completions.more();
  equal(store.get("completionCount"), MOST);
});

Deno.test("after an error the others are completed, and the missing one with the next request for more", async () => {
  using time = fakeTime();
  const { store, completions, frame, backend } = start();
  time.pass(400);
  await backend.fail("sample");
  frame();
  equal([...store.get("unanswered")], ["completions"]);
  await serve(backend, 3);
  equal(store.get("completions").map(({ seed }) => seed), [10, 11, 12]);
  completions.more();
  frame();
  equal([...store.get("unanswered")], []);
  await serve(backend, 5);
  equal(store.get("completions").map(({ seed }) => seed), [10, 11, 12, 9, 13, 14, 15, 16]);
});

Deno.test("another drawing is completed instead", async () => {
  using time = fakeTime();
  const { store, frame, backend } = start();
  time.pass(400);
  await backend.answer("sample", { digit: 1, codes: [[0, 1, 2], [0, 1, 1]] });
  store.set("trace", makeTrace(MODEL, { indices: [[3, 3, 3], [0, 0, 0]] }));
  frame();
  time.pass(400);
  equal(backend.asked("decode"), [], "of the former drawing");
  equal(backend.asked("sample").map(({ given }) => given[0]), [[3, 3, 3]]);
  await serve(backend, 4);
  equal(store.get("completions").length, 4);
});

Deno.test("a closed part asks for nothing, and catches up when it opens", () => {
  using time = fakeTime();
  const { store, frame, backend } = start();
  store.set("generate", false);
  frame();
  time.pass(400);
  equal(backend.asked("sample"), []);
  store.set("generate", true);
  frame();
  time.pass(400);
  equal(backend.asked("sample").length, 1);
  store.set("generate", false);
  frame();
  store.set("generate", true);
  frame();
  time.pass(400);
  equal(backend.asked("sample").length, 1, "the same is not begun again");
});

Deno.test("at least one row is sampled", () => {
  const { store } = makeStore({ model: MODEL, keptRows: 6 });
  equal(store.get("shownRows"), 1);
});
