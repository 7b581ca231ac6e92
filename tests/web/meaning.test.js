// @ts-check
/// <reference lib="deno.ns" />

/** Where codes are used: counts of test digits, the visitor's drawings; and drawings that are mixed. */

import { createUsages } from "../../static/backend/usages.js";
import { createCodes } from "../../static/core/codes-of.js";
import { createPast } from "../../static/drawing/past.js";
import { placesOf } from "../../static/figure/code-places.js";
import { equal, ok } from "./assert.js";
import { stroke } from "./drawings.js";
import { fakeStorage } from "./globals.js";
import { fakeQuestions } from "./questions.js";
import { makeModel, makeStore, makeTrace } from "./state.js";

const MODEL = makeModel();

/** @param {number} value */
const picture = (value) => new Uint8Array(784).fill(value);

Deno.test("the cell where most digits have a code", () => {
  // Two codes in three cells, four digits.
  const counts = [4, 1, 0, 0, 3, 4];
  equal(placesOf(counts, 0, 3), { own: [4, 1, 0], most: 4, at: 0, digits: 4 });
  equal(placesOf(counts, 1, 3), { own: [0, 3, 4], most: 4, at: 2, digits: 4 });
});

Deno.test("counts are loaded once, when a code is looked at", async () => {
  const { store, frame } = makeStore({ model: MODEL, trace: makeTrace(MODEL) });
  /** @type {string[]} */
  const asked = [];
  // 1, 258 and 65535, the low byte first.
  const loadUsage = (/** @type {string} */ name) => (asked.push(name), Promise.resolve({ by_cell: "AQACAf//", levels: { top: "AQA=" } }));
  const usages = createUsages(store, /** @type {any} */ ({ loadUsage }));
  store.subscribe((changed) => usages.update(changed));
  store.set("selection", { cell: [0, 0], code: null, stage: "indices" });
  frame();
  equal(asked, []);
  for (const code of [1, 2]) {
    store.set("selection", { cell: null, code, stage: "embeddings" });
    frame();
    for (let n = 0; n < 5; n++) await Promise.resolve();
  }
  equal(asked, ["a"]);
  equal(store.get("usages"), { a: { "": [1, 258, 65535], top: [1] } });
});

Deno.test("counts that cannot be loaded are not missed, and asked for again", async () => {
  const { store, frame } = makeStore({ model: MODEL, trace: makeTrace(MODEL) });
  let asked = 0;
  const usages = createUsages(store, /** @type {any} */ ({ loadUsage: () => (asked++, Promise.reject(new Error("offline"))) }));
  store.subscribe((changed) => usages.update(changed));
  for (const code of [1, 2]) {
    store.set("selection", { cell: null, code, stage: "embeddings" });
    frame();
    for (let n = 0; n < 5; n++) await Promise.resolve();
  }
  equal([asked, store.get("notice")], [2, null]);
});

Deno.test("drawings of the visitor are kept when another is begun, but no examples, and none twice", () => {
  using storage = fakeStorage();
  const { store, frame } = makeStore();
  const past = createPast(store);
  store.subscribe((changed) => past.update(changed));
  const [own, example] = [stroke([[3, 4], [9, 9]], 1.25), stroke([[3, 4], [9, 9]], 1.3125)];
  /** @type {import("../../static/core/types.d.ts").Step} */
  const clear = { kind: "clear" };
  /** @param {import("../../static/core/types.d.ts").Step[]} steps @param {number} value */
  const draw = (steps, value) => (store.assign({ steps, pixels: picture(value) }), frame());
  draw([own], 1);
  draw([own, clear], 0);
  equal(store.get("past"), [picture(1)]);
  draw([own, clear, example], 2);
  draw([own, clear, example, clear, own], 3); // in one frame
  equal(store.get("past"), [picture(1)], "no example");
  draw([own, clear, example, clear, own, clear], 0);
  equal(store.get("past"), [picture(3), picture(1)]);
  draw([clear, own], 1);
  draw([clear, own, clear, own], 4);
  draw([clear, own, clear, own, clear, clear], 0);
  equal(store.get("past"), [picture(4), picture(1), picture(3)], "the newest first");
  const { store: next } = makeStore();
  createPast(next);
  equal(next.get("past"), store.get("past"), "in the next visit");
  for (const damaged of ["{", '["!"]', '["AAAA"]', "[1]"]) {
    storage.items.set("vqvae-explainer.past", damaged);
    const { store: other } = makeStore();
    createPast(other);
    equal(other.get("past"), []);
  }
});

Deno.test("codes of other pictures are asked for once for each model", async () => {
  const questions = fakeQuestions();
  const { store } = makeStore({ model: MODEL });
  const codesOf = createCodes(questions.question, store);
  const [one, other] = [picture(1), picture(2)];
  const found = [codesOf(one), codesOf(other)];
  equal(questions.asked("trace").length, 1);
  await questions.answer("trace", { indices: [[1]] });
  await questions.answer("trace", { indices: [[2]], "indices.top": [[0]] });
  equal((await Promise.all(found)).map((codes) => codes?.indices), [[[1]], [[2]]]);
  ok(await codesOf(other) === await found[1], "codes of all levels are remembered");
  equal(questions.asked("trace"), []);
  // What another model was asked is dropped.
  codesOf(picture(3));
  store.set("model", makeModel({ name: "b" }));
  const next = codesOf(one);
  await questions.answer("trace", { indices: [[3]] });
  equal((await next)?.indices, [[3]]);
  const failed = codesOf(picture(4));
  await questions.fail("trace");
  equal(await failed, null);
});
