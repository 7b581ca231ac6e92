// @ts-check

import { pick, uniform } from "../../static/kernel/random.js";
import { bitsOfKind, createStrips, LENGTH, sampleCells } from "../../static/generate/strips.js";
import { equal, ok, seeded } from "./assert.js";
import { fakeQuestions } from "./questions.js";
import { gridsOf } from "../../static/core/level-codes.js";
import { makeModel, makeStore } from "./state.js";

const MODEL = { ...makeModel(), prior: true };
const PICTURE = { shape: [1, 1], data: Float32Array.of(0) };
/** Class c has code c % 4 in every cell. */
const POSITION = Array.from({ length: 10 }, (_, digit) =>
  Array.from({ length: 6 }, () => [0, 1, 2, 3].map((code) => Number(code === digit % 4)))
);
/** @type {import("../../static/core/types.d.ts").Prior} */
const PRIOR = /** @type {any} */ ({
  metrics: { bits_uniform: 12, bits_unigram: 10, bits_position: 8, bits_given_class: 5 },
  code_usage: [0.5, 0, 0.5, 0],
  position_usage: POSITION,
});

Deno.test("random numbers are those of Mulberry32", () => {
  const generator = seeded(42);
  for (let n = 0; n < 20; n++) equal(uniform(42, n), generator(), `number ${n}`);
  ok(uniform(2 ** 32 - 1, 0) < 1, "the largest seed");
});

Deno.test("an outcome is picked by its share", () => {
  equal([0, 0.24, 0.25, 0.99].map((number) => pick([1, 0, 3], number)), [0, 0, 2, 2]);
  equal(pick([0, 1, 0], 0), 1, "never one without a share");
});

Deno.test("cells are sampled from what each kind knows", () => {
  const codes = (/** @type {"uniform" | "unigram" | "position"} */ kind, /** @type {number} */ seed) =>
    sampleCells(kind, PRIOR, gridsOf(MODEL), 6, seed);
  equal(codes("position", 1), [2, 2, 2, 2, 2, 2]);
  const many = (/** @type {"uniform" | "unigram"} */ kind) =>
    new Set(Array.from({ length: 20 }, (_, seed) => codes(kind, seed)).flat());
  equal([...many("unigram")].sort(), [0, 2]);
  equal([...many("uniform")].sort(), [0, 1, 2, 3]);
  equal(codes("uniform", 1), codes("uniform", 1), "the same seed");
});

Deno.test("bits of a kind are those measured", () => {
  equal(["uniform", "unigram", "position", "prior"].map((kind) => bitsOfKind(/** @type {any} */ (kind), PRIOR)), [12, 10, 8, 5]);
});

Deno.test("every strip is decoded, and begun anew with another seed", async () => {
  const { store, frame } = makeStore({ model: MODEL, priors: { a: PRIOR } });
  const backend = fakeQuestions();
  const strips = createStrips(store, backend.question);
  store.subscribe(strips.update);
  store.refresh();
  /** @param {number} limit */
  async function serve(limit) {
    for (let n = 0; n < limit; n++) {
      if (backend.asked("sample").length) {
        await backend.answer("sample", ({ digit }) => ({ digit, codes: [[digit % 4, 0, 0], [0, 0, 0]] }));
      }
      if (backend.asked("decode").length) await backend.answer("decode", { reconstruction: PICTURE });
    }
  }
  await Promise.resolve();
  equal(backend.asked("sample"), [{ digit: 0, temperature: 1, seed: 1 }]);
  await serve(40);
  const found = store.get("strips");
  equal(Object.keys(found).sort(), ["position", "prior", "uniform", "unigram"]);
  for (const strip of Object.values(found)) equal(strip, Array(LENGTH).fill(PICTURE));
  store.set("seed", 2);
  frame();
  equal(store.get("strips"), {});
  await Promise.resolve();
  equal(backend.asked("sample"), [{ digit: 0, temperature: 1, seed: 2 }]);
});
