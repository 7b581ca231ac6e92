// @ts-check

import { classProbabilities, createRepair, emptyShare, inkedCells, surprisingCells } from "../../static/generate/surprise.js";
import { close, equal } from "./assert.js";
import { fakeQuestions } from "./questions.js";
import { makeModel, makeStore } from "./state.js";

const MODEL = { ...makeModel(), prior: true };
const PICTURE = { shape: [1, 1], data: Float32Array.of(0) };
/** @type {import("../../static/core/types.d.ts").Score} */
const SCORE = {
  codes: [0, 1, 2, 3, 0, 1],
  bits: Float32Array.of(1, 6, 5, 0.5, 9, 2),
  classBits: [30, 28, 20, 40, 40, 40, 40, 40, 40, 40],
  total: 23.5,
  unigramBits: 12,
};

Deno.test("the class with the fewest bits is the most probable", () => {
  const shares = classProbabilities([101, 100, 102]);
  close(shares, [2 / 7, 4 / 7, 1 / 7], 1e-12);
  close(classProbabilities([5000, 5100]), [1, 0], 1e-12, "no number is too small");
});

Deno.test("a cell is inked where its patch of the picture is", () => {
  const pixels = new Uint8Array(784);
  pixels[0] = 1;
  pixels[4 * 28 + 27] = 255;
  const inked = inkedCells(pixels, { height: 7, width: 7, numEmbeddings: 20 });
  equal(inked.flatMap((ink, row) => ink ? [row] : []), [0, 13]);
  close(emptyShare(Float32Array.of(1, 2, 3), [true, false, true]), 1 / 3, 1e-6);
});

Deno.test("codes of more than five bits surprise", () => {
  equal(surprisingCells(SCORE), [1, 4]);
});

Deno.test("a repair samples the surprising codes for the most likely class, each time with another seed", async () => {
  const { store, frame } = makeStore({ model: MODEL, score: SCORE, seed: 3 });
  const backend = fakeQuestions();
  const repair = createRepair(store, backend.question);
  store.subscribe(repair.update);
  for (const seed of [3, 4]) {
    repair.restore();
    equal(backend.asked("sample"), [{ digit: 2, temperature: 1, seed, given: [[0, null, 2], [3, null, 1]] }]);
    await backend.answer("sample", { digit: 2, codes: [[0, 3, 2], [3, 3, 1]] });
    await backend.answer("decode", { reconstruction: PICTURE });
    equal(store.get("restored"), { digit: 2, codes: [0, 3, 2, 3, 3, 1], replaced: [1, 4], picture: PICTURE });
  }
  repair.restore();
  await backend.fail("sample");
  equal(store.get("restored")?.codes, [0, 3, 2, 3, 3, 1], "an error changes nothing");
  repair.restore();
  store.set("score", { ...SCORE });
  frame();
  equal([store.get("restored"), backend.asked("sample")], [null, []], "another drawing");
});
