// @ts-check

import { create } from "../../static/shell/announcer.js";
import { texts } from "../../static/texts/texts.js";
import { equal } from "./assert.js";
import { codes, makeModel, makeStore, makeTrace } from "./state.js";
import { fakeTime } from "./time.js";

function start() {
  const model = makeModel();
  const data = Float32Array.from({ length: 24 }, (_, n) => n);
  const { store, frame } = makeStore({ model });
  const element = { textContent: "" };
  store.subscribe(create(/** @type {any} */ (element), store).update);
  return { store, frame, element, trace: makeTrace(model, { distances: { shape: [6, 4], data } }) };
}

Deno.test("the result is announced after a pause, not every stroke", () => {
  using time = fakeTime();
  const { store, frame, element, trace } = start();
  for (let n = 0; n < 20; n++) {
    store.set("trace", { ...trace, seq: n });
    frame();
    time.pass(100);
    equal(element.textContent, "");
  }
  time.pass(900);
  equal(element.textContent, texts.shell.traced(4, 6));
  equal(time.pending(), []);
});

Deno.test("a cell, a pinned one, an edited one, and a code", () => {
  using time = fakeTime();
  const { store, frame, element, trace } = start();
  const settle = () => {
    frame();
    time.pass(900);
    return element.textContent;
  };
  store.assign({ trace, selection: { cell: [0, 2], code: null, stage: "indices" } });
  const cell = {
    place: { row: 2, cell: /** @type {[number, number]} */ ([0, 2]), runs: null },
    code: 2,
    distance: 10,
    runnerUp: 0,
    runnerUpDistance: 8,
  };
  equal(settle(), texts.shell.cell({ ...cell, pinned: false, edited: false }));
  store.set("pinned", true);
  equal(settle(), texts.shell.cell({ ...cell, pinned: true, edited: false }));
  store.set("steps", [codes(makeModel(), [[0, 1, 3], [3, 0, 1]])]);
  store.set("pinned", false);
  equal(settle(), texts.shell.cell({ ...cell, code: 3, distance: 11, pinned: false, edited: true }));
  store.assign({ steps: [], selection: { cell: null, code: 1, stage: "embeddings" } });
  equal(settle(), texts.shell.code(1, 2, 6));
});

Deno.test("while distances are on their way, the runner-up is left out", () => {
  using time = fakeTime();
  const { store, frame, element, trace } = start();
  store.assign({ trace: { ...trace, distances: undefined }, selection: { cell: [0, 2], code: null, stage: "indices" } });
  frame();
  time.pass(900);
  equal(element.textContent, "Selected: row 0, column 2 is nearest to code 2.");
});

Deno.test("a row of the wrong reshape is announced as such", () => {
  using time = fakeTime();
  const { store, frame, element, trace } = start();
  store.assign({ trace: { ...trace, variant: "wrong-reshape" }, selection: { cell: [1, 0], code: null, stage: "indices" } });
  frame();
  time.pass(900);
  // Row 3 of 6 rows of 2: numbers 6 and 7 of the channels-first tensor, which are the first of channel 1.
  equal(
    element.textContent,
    "Selected: row 3 of the wrong reshape, channel 1 from (0, 0) to (0, 1), is nearest to code 3. " +
      "Squared distance 15.0; runner-up 0, 12.0.",
  );
});

Deno.test("what the tour says is announced at once, and the result after it", () => {
  using time = fakeTime();
  const { store, frame, element, trace } = start();
  store.assign({ announcement: "Step 2 of 12.", trace });
  frame();
  equal(element.textContent, "Step 2 of 12.");
  time.pass(900);
  equal(element.textContent, texts.shell.traced(4, 6));
});
