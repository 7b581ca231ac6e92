// @ts-check

import { createPriors } from "../../static/backend/documents.js";
import { texts } from "../../static/texts/texts.js";
import { equal } from "./assert.js";
import { makeModel, makeStore } from "./state.js";

const MODEL = { ...makeModel(), prior: true };
const CARD = /** @type {any} */ ({ code_usage: [1] });

/** @param {Partial<import("../../static/core/types.d.ts").State>} initial @param {() => Promise<any>} load */
function start(initial, load = () => Promise.resolve(CARD)) {
  const { store, frame } = makeStore(initial);
  /** @type {string[]} */
  const asked = [];
  const priors = createPriors(store, /** @type {any} */ ({ loadPrior: (/** @type {string} */ name) => (asked.push(name), load()) }));
  store.subscribe(priors.update);
  store.refresh();
  return { store, frame, asked };
}

Deno.test("a prior's card is loaded once, when its part is open", async () => {
  const { store, frame, asked } = start({ model: MODEL });
  equal(asked, []);
  store.set("generate", true);
  frame();
  await Promise.resolve();
  equal([asked, store.get("priors")], [["a"], { a: CARD }]);
  store.set("generate", false);
  frame();
  store.set("generate", true);
  frame();
  equal(asked, ["a"]);
  equal(start({ model: makeModel(), generate: true }).asked, [], "a model without a prior");
});

Deno.test("a card that could not be loaded is loaded when the connection is back", async () => {
  const { store, frame, asked } = start({ model: MODEL, generate: true }, () => Promise.reject(new Error("offline")));
  for (let n = 0; n < 3; n++) await Promise.resolve();
  equal(store.get("notice")?.text, texts.models.cardMissing);
  store.set("connection", "live");
  frame();
  equal(asked, ["a", "a"]);
  for (let n = 0; n < 3; n++) await Promise.resolve();
  store.set("score", /** @type {any} */ ({}));
  frame();
  equal(asked, ["a", "a", "a"], "when the prior answers");
});
