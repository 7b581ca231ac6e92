// @ts-check

import { createCompression, gzipBits, toBits } from "../../static/generate/compression.js";
import { equal, ok } from "./assert.js";
import { fakeQuestions } from "./questions.js";
import { makeModel, makeStore, makeTrace } from "./state.js";
import { fakeTime } from "./time.js";

const MODEL = { ...makeModel(), prior: true };

Deno.test("packed bytes are shown bit by bit", () => {
  equal(toBits(btoa("\xa5\x80"), 9), "101001011");
  equal(toBits("", 0), "");
});

Deno.test("gzip is measured by packing", async () => {
  const blank = await gzipBits(new Uint8Array(784));
  ok(blank % 8 === 0 && blank > 100 && blank < 400, `${blank} bits`);
  ok(await gzipBits(Uint8Array.from({ length: 784 }, (_, n) => (n * 7919) % 251)) > blank, "noise takes more");
});

Deno.test("the codes are packed when the pen rests, and compared with what comes back", async () => {
  using time = fakeTime();
  const { store, frame } = makeStore({ model: MODEL, generate: true, trace: makeTrace(MODEL) });
  const codes = store.get("shownIndices");
  const backend = fakeQuestions();
  const compression = createCompression(store, backend.question, () => Promise.resolve(800));
  store.subscribe(compression.update);
  store.refresh();
  equal(backend.asked("compress"), []);
  time.pass(200);
  equal(backend.asked("compress"), [{ codes }]);
  await backend.answer("compress", { bits: 3, data: btoa("\xa0"), codes });
  equal(store.get("packed"), { codes: codes?.flat(), bits: "101", exact: true });
  store.set("trace", makeTrace(MODEL));
  frame();
  time.pass(200);
  equal(backend.asked("compress"), [], "the same codes");
  store.set("trace", makeTrace(MODEL, { indices: [[1, 1, 1], [1, 1, 1]] }));
  frame();
  time.pass(200);
  await backend.answer("compress", { bits: 3, data: btoa("\xa0"), codes });
  equal(store.get("packed")?.exact, false);
});

Deno.test("codes that could not be packed are packed with the next change", async () => {
  using time = fakeTime();
  const { store, frame } = makeStore({ model: MODEL, generate: true, trace: makeTrace(MODEL) });
  const backend = fakeQuestions();
  const compression = createCompression(store, backend.question, () => Promise.resolve(800));
  store.subscribe(compression.update);
  store.refresh();
  time.pass(200);
  await backend.fail("compress");
  equal([...store.get("unanswered")], ["packed"]);
  store.set("trace", makeTrace(MODEL));
  frame();
  time.pass(200);
  equal([backend.asked("compress").length, [...store.get("unanswered")]], [1, []]);
});
