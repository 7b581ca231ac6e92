// @ts-check

import { judge } from "../../static/models/familiarity.js";
import { texts } from "../../static/texts/texts.js";
import { close, equal, ok } from "./assert.js";
import { codes, makeModel, makeStore } from "./state.js";

const PERCENTILES = Array.from({ length: 101 }, (_, n) => n);
const CODES = [[0, 1, 2], [3, 0, 1]];

/** A page with a drawing whose error, 1, is larger than any; as to the excess bits of its codes, a usual one. */
function start() {
  const pixels = new Uint8Array(784).fill(255);
  const reconstruction = { shape: [28, 28], data: new Float32Array(784) };
  const trace = /** @type {any} */ ({ model: "a", variant: "normal", indices: CODES, pixels, reconstruction });
  const model = /** @type {any} */ ({
    ...makeModel(),
    metrics: { test_mse: 0.003, codes_used: 4, perplexity: 4, error_percentiles: PERCENTILES.map((n) => n / 1000) },
    prior: true,
    prior_metrics: { auroc_excess: 0.98, excess_percentiles: PERCENTILES.map((n) => n - 50) },
  });
  const score = { codes: CODES.flat(), bits: new Float32Array(6), classBits: [], total: 20, unigramBits: 30.5 };
  const { store } = makeStore({ model, trace, score, pixels });
  return { store, model, trace };
}

/** @param {ReturnType<typeof start>["store"]} store @param {number[][]} indices */
const edit = (store, indices) => store.set("steps", [codes(/** @type {any} */ (store.get("model")), indices)]);

Deno.test("the prior says how unusual a drawing is where it scores all of them, otherwise the error does", () => {
  const { store, model } = start();
  const byError = judge(store, false);
  equal([byError?.percentile, byError?.unlike, byError?.text], [100, true, texts.models.familiarity.largest(100)]);
  const byBits = judge(store, true);
  close(byBits?.percentile ?? 0, 39.5, 1e-9);
  equal([byBits?.unlike, byBits?.text], [false, texts.models.familiarityOfBits.usual(39.5)]);
  store.set("model", { ...model, prior: false, prior_metrics: null });
  equal(judge(store, true)?.text, byError?.text, "without a prior");
});

Deno.test("bits of other codes are not those of the drawing", () => {
  const { store, trace } = start();
  store.set("trace", { ...trace, indices: [[0, 1, 2], [3, 0, 0]] });
  equal(judge(store, true), { text: texts.models.unscored, awaited: true });
  store.set("score", null);
  equal(judge(store, true), { text: texts.models.unscored, awaited: true });
  ok(judge(store, false)?.percentile, "the error is known");
});

Deno.test("an empty pad and experiments are not compared with digits", () => {
  for (const byBits of [false, true]) {
    const { store } = start();
    edit(store, [[0, 0, 0], [0, 0, 0]]);
    equal(judge(store, byBits), { text: texts.models.experiment });
    store.assign({ steps: [], pixels: new Uint8Array(784) });
    equal(judge(store, byBits), { text: texts.models.emptyPad });
    store.set("trace", null);
    equal(judge(store, byBits), null);
  }
});

Deno.test("the error of a collapsed or black model says little of the drawing", () => {
  const { store, model } = start();
  store.set("model", { ...model, metrics: { ...model.metrics, codes_used: 1 } });
  equal(judge(store, false)?.unlike, false);
  ok(judge(store, false)?.text.includes("collapsed"), "collapsed");
  store.set("model", { ...model, metrics: { ...model.metrics, test_mse: 0.114 } });
  ok(judge(store, false)?.text.includes("draws black"), "black");
});
