// @ts-check

import { compare, createMixtures } from "../../static/experiments/mixtures.js";
import { bottom, swap, top, verdict } from "../../static/texts/en-levels.js";
import { equal, ok } from "./assert.js";
import { makeStore, makeTrace, makeTwoLevels } from "./state.js";

/** @param {number} value @returns {import("../../static/core/types.d.ts").Tensor} */
const picture = (value) => ({ shape: [28, 28], data: new Float32Array(784).fill(value) });

const MODEL = makeTwoLevels();
const OWN = { "indices.top": [[0, 1]], "indices": [[0, 1, 2], [3, 0, 1]] };
const OTHER = { "indices.top": [[3, 3]], "indices": [[3, 3, 3], [3, 3, 3]] };

/** A store, the questions that are open, and answers to them. */
function start() {
  const { store, frame } = makeStore({ model: MODEL, trace: makeTrace(MODEL) });
  /** @type {{ type: string, request: any, answer: (fields: object) => void }[]} */
  const asked = [];
  const question = /** @type {any} */ ((/** @type {string} */ type, /** @type {(message: any, request: any) => void} */ keep) => ({
    ask: (/** @type {any} */ request) =>
      asked.push({ type, request, answer: (fields) => keep({ type, ...fields }, request) }),
    forget() {},
  }));
  const view = createMixtures(store, question, (digit) => new Uint8Array(784).fill(digit));
  store.subscribe((changed) => view.update(changed));
  store.refresh();
  return { store, frame, take: () => asked.splice(0) };
}

Deno.test("each level alone is asked for, once for the same codes", () => {
  const { store, frame, take } = start();
  const first = take();
  equal(first.map(({ type, request }) => [type, request]), [
    ["decode", { "indices.top": OWN["indices.top"], "indices": null }],
    ["decode", { "indices.top": null, "indices": OWN.indices }],
  ]);
  first.forEach(({ answer }, n) => answer({ reconstruction: picture(n) }));
  equal(Object.entries(store.get("mixtures")).map(([name, { data }]) => [name, data[0]]), [["alone.top", 0], ["alone", 1]]);
  store.set("trace", makeTrace(MODEL));
  frame();
  equal(take(), [], "the codes are the same");
  store.set("trace", makeTrace(MODEL, { indices: [[1, 1, 1], [1, 1, 1]] }));
  frame();
  ok(take().length > 0, "other codes");
});

Deno.test("levels are exchanged with those of an example", () => {
  const { store, frame, take } = start();
  take();
  store.set("swapped", 7);
  frame();
  const [example] = take();
  equal([example.type, example.request.pixels[0], example.request.variant], ["trace", 7, "normal"]);
  example.answer({ ...OTHER, model: MODEL.name, variant: "normal", reconstruction: picture(1) });
  frame();
  equal(take().map(({ request }) => request), [
    { "indices.top": OTHER["indices.top"], "indices": OWN.indices },
    { "indices.top": OWN["indices.top"], "indices": OTHER.indices },
  ]);
  store.set("swapped", null);
  frame();
  equal([store.get("swappedTrace"), take()], [null, []]);
});

Deno.test("another model starts anew", () => {
  const { store, frame, take } = start();
  for (const { answer } of take()) answer({ reconstruction: picture(1) });
  store.assign({ model: makeTwoLevels({ name: "other" }) });
  frame();
  equal([store.get("mixtures"), take().length], [{}, 2]);
});

Deno.test("what is said of a mixture is what was measured", () => {
  const nearOwn = compare(picture(0.1), picture(0), picture(1));
  ok(nearOwn.isOwn && Math.abs(nearOwn.own - 0.01) < 1e-6 && Math.abs(nearOwn.other - 0.81) < 1e-6, "mean squared differences");
  const nearOther = compare(picture(0.9), picture(0), picture(1));
  ok(!nearOther.isOwn, "the other");
  ok(verdict(7, nearOwn, nearOther).endsWith("The top decides which digit it is."), "your top makes it yours");
  ok(verdict(7, nearOther, nearOwn).endsWith("The bottom decides which digit it is."), "your bottom does");
  ok(verdict(7, nearOther, nearOther).endsWith("Neither level decides alone."), "both do");
  ok(verdict(7, nearOwn, nearOther).includes("With the bottom of the 7 the picture differs by 0.0100 from yours and by 0.8100"), "numbers");
  equal([swap("top", 3), swap("", 3)], ["Top of the 3, your bottom", "Your top, bottom of the 3"]);
  const grid = { height: 4, width: 4, numEmbeddings: 20 };
  ok(top(grid, 70).includes("16 codes, 70 bits") && bottom(grid, 70).startsWith("Bottom, 4×4"), "sizes");
});
