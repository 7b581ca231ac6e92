// @ts-check

import { gridsOf } from "../../static/core/level-codes.js";
import { createWriting, currentRow, distributionAt, partialGrids } from "../../static/generate/writing.js";
import { equal } from "./assert.js";
import { fakeQuestions } from "./questions.js";
import { makeModel, makeStore, makeTwoLevels } from "./state.js";
import { fakeTime } from "./time.js";

/** 2 × 3 cells, 4 codes. */
const MODEL = { ...makeModel(), prior: true };
const BLANK = [[3, 3, 3], [3, 3, 3]];
const PICTURE = { shape: [1, 1], data: Float32Array.of(0) };
const PROBABILITIES = { shape: [6, 4], data: Float32Array.from({ length: 24 }, (_, n) => n) };
const BITS = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };

/** @param {number[][]} codes */
const sample = (codes, digit = 7) => ({ digit, codes, probabilities: PROBABILITIES, bits: BITS });

/** @param {Partial<import("../../static/core/types.d.ts").State>} [initial] */
async function start(initial) {
  const { store, frame } = makeStore({ model: MODEL, seed: 5, ...initial });
  const backend = fakeQuestions();
  const writing = createWriting(store, backend.question);
  store.subscribe(writing.update);
  store.refresh();
  await backend.answer("trace", { indices: BLANK });
  const [first] = backend.asked("sample");
  await backend.answer("sample", sample([[0, 1, 2], [0, 1, 2]]));
  frame();
  return { store, frame, writing, backend, first };
}

Deno.test("a grid is sampled once and written cell by cell", async () => {
  const { store, frame, writing, backend, first } = await start({ digit: 7, temperature: 0.5 });
  equal(first, { digit: 7, temperature: 0.5, seed: 5 });
  equal(store.get("written"), 0);
  equal(backend.asked("decode"), [{ indices: BLANK }]);
  equal(backend.asked("previews"), [{ indices: BLANK, cell: [0, 0] }]);
  for (let n = 0; n < 4; n++) writing.step();
  frame();
  const grid = [[0, 1, 2], [0, 3, 3]];
  equal(backend.asked("decode"), [{ indices: grid }], "cells that are not written have the codes of an empty page");
  equal(backend.asked("previews"), [{ indices: grid, cell: [1, 1] }]);
  await backend.answer("previews", { pictures: PICTURE });
  equal(store.get("previews"), { row: 4, pictures: PICTURE });
  for (let n = 0; n < 5; n++) writing.step();
  equal([store.get("written"), currentRow(store)], [6, 5], "a full grid stays full, and shows its last cell");
  equal(backend.asked("sample"), [], "nothing is sampled again");
  writing.back();
  equal(store.get("written"), 5);
});

Deno.test("an overruled code is kept, and what follows is sampled anew with the next seed", async () => {
  const { store, writing, backend } = await start();
  writing.step();
  writing.overrule(3);
  equal(backend.asked("sample"), [{ digit: 7, temperature: 1, seed: 6, given: [[0, 3, null], [null, null, null]] }]);
  equal([store.get("written"), store.get("writing")?.overruled, store.get("writing")?.known], [2, [1], 2]);
  writing.step();
  writing.overrule(2);
  equal([store.get("written"), backend.asked("sample").length], [2, 1], "the next cell is not known yet");
  await backend.answer("sample", sample([[0, 3, 1], [1, 1, 1]]));
  equal(store.get("writing")?.overruled, [1]);
  writing.step();
  equal([store.get("written"), partialGrids(gridsOf(MODEL), store.get("writing"), 3, BLANK.flat(), 3)], [3, { indices: [[0, 3, 1], [3, 3, 3]] }]);
  writing.overrule(1);
  equal([store.get("written"), backend.asked("sample")], [4, []], "the code that was drawn anyway");
});

Deno.test("after an error it stops, and the next step asks again", async () => {
  const { store, frame, writing, backend } = await start({ writes: true });
  store.set("digit", 4);
  frame();
  const [asked] = backend.asked("sample");
  await backend.fail("sample");
  equal([store.get("writes"), [...store.get("unanswered")]], [false, ["writing"]]);
  writing.step();
  equal([backend.asked("sample"), [...store.get("unanswered")]], [[asked], []]);
  await backend.answer("sample", sample([[0, 1, 2], [0, 1, 2]]));
  equal([store.get("written"), store.get("writing")?.known], [0, 6]);
});

Deno.test("the pen goes back to a written cell, and forward to an empty one", async () => {
  const { store, writing, backend } = await start();
  writing.step();
  writing.overrule(3);
  await backend.answer("sample", sample([[0, 3, 1], [1, 1, 1]]));
  writing.moveTo(5);
  equal([store.get("written"), backend.asked("sample")], [5, []]);
  writing.moveTo(1);
  equal(backend.asked("sample"), [{ digit: 7, temperature: 1, seed: 7, given: [[0, null, null], [null, null, null]] }]);
  equal([store.get("written"), store.get("writing")?.overruled], [1, []], "what was overruled there is forgotten");
});

Deno.test("class and seed begin a new grid; the temperature changes what follows", async () => {
  const { store, frame, writing, backend } = await start();
  for (let n = 0; n < 3; n++) writing.step();
  frame();
  store.set("temperature", 2);
  frame();
  equal(backend.asked("sample"), [{ digit: 7, temperature: 2, seed: 5, given: [[0, 1, 2], [null, null, null]] }]);
  equal(store.get("written"), 3);
  store.set("digit", 4);
  frame();
  equal(backend.asked("sample"), [{ digit: 4, temperature: 2, seed: 5 }]);
  equal([store.get("written"), store.get("writing")], [0, null]);
});

Deno.test("it plays at its pace until the grid is full, and once more from the start", async () => {
  using time = fakeTime();
  const { store, frame, writing } = await start({ pace: 10 });
  const pass = (/** @type {number} */ ms) => {
    for (let n = 0; n < ms; n += 10) (frame(), time.pass(10));
    frame();
  };
  writing.play();
  pass(250);
  equal([store.get("written"), store.get("writes")], [2, true]);
  pass(500);
  equal([store.get("written"), store.get("writes")], [6, false]);
  writing.play();
  equal([store.get("written"), store.get("writes")], [0, true]);
  pass(250);
  writing.play();
  pass(500);
  equal([store.get("written"), store.get("writes")], [2, false], "paused");
});

Deno.test("a cell's distribution is known once the cells before it are settled", async () => {
  const { store } = await start();
  const writing = store.get("writing");
  if (!writing) throw new Error("no grid");
  equal(distributionAt(writing, 1), Float32Array.of(4, 5, 6, 7));
  equal(distributionAt({ ...writing, known: 1 }, 1), null);
});

/** 1 × 2 cells over 2 × 3. */
const TWO = { ...makeTwoLevels(), prior: true };
const TWO_BLANK = { indices: BLANK, "indices.top": [[2, 2]] };

/** @param {number[][]} codes @param {number[][]} top */
const twoLevels = (codes, top) => ({
  digit: 7,
  codes,
  "codes.top": top,
  probabilities: PROBABILITIES,
  "probabilities.top": { shape: [2, 4], data: Float32Array.from({ length: 8 }, (_, n) => 100 + n) },
  bits: BITS,
  "bits.top": { shape: [1, 2], data: Float32Array.of(8, 9) },
});

Deno.test("of two levels the coarse one is written first, and decoded alone until the fine one is begun", async () => {
  const { store, frame } = makeStore({ model: TWO, seed: 5 });
  const backend = fakeQuestions();
  const writing = createWriting(store, backend.question);
  store.subscribe(writing.update);
  store.refresh();
  await backend.answer("trace", TWO_BLANK);
  await backend.answer("sample", twoLevels([[0, 1, 2], [0, 1, 2]], [[1, 3]]));
  frame();
  equal(store.get("writing")?.codes, [1, 3, 0, 1, 2, 0, 1, 2]);
  equal([...store.get("writing")?.bits ?? []], [8, 9, 1, 2, 3, 4, 5, 6]);
  equal(backend.asked("decode"), [{ "indices.top": [[2, 2]], indices: null }]);
  equal(backend.asked("previews"), [{ "indices.top": [[2, 2]], indices: null, cell: [0, 0], level: "top" }]);
  for (let n = 0; n < 2; n++) writing.step();
  frame();
  equal(backend.asked("decode"), [{ "indices.top": [[1, 3]], indices: null }], "the coarse picture");
  equal(backend.asked("previews"), [{ "indices.top": [[1, 3]], indices: BLANK, cell: [0, 0] }]);
  await backend.answer("previews", { pictures: PICTURE });
  equal(store.get("previews"), { row: 2, pictures: PICTURE });
  equal([...distributionAt(/** @type {any} */ (store.get("writing")), 1) ?? []], [104, 105, 106, 107]);
  for (let n = 0; n < 2; n++) writing.step();
  frame();
  equal(backend.asked("decode"), [{ "indices.top": [[1, 3]], indices: [[0, 1, 3], [3, 3, 3]] }]);
  writing.moveTo(1);
  equal(backend.asked("sample"), [{ digit: 7, temperature: 1, seed: 6, "given.top": [[1, null]], given: [[null, null, null], [null, null, null]] }]);
});
