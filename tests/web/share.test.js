// @ts-check

import {
  chooseModel,
  fromHash,
  fromStorage,
  rememberDrawing,
  share,
  syncUrl,
  toHash,
} from "../../static/drawing/share.js";
import { encode } from "../../static/drawing/strokes.js";
import { NAMED_SETTINGS } from "../../static/core/settings.js";
import { defaults } from "../../static/core/state.js";
import { texts } from "../../static/texts/texts.js";
import { equal, holds, ok } from "./assert.js";
import { stroke } from "./drawings.js";
import { fakeAddress, fakeStorage, forbiddenStorage, replaceGlobal } from "./globals.js";
import { codes, makeModel, makeStore } from "./state.js";

/** @typedef {import("../../static/core/types.d.ts").Selection} Selection */

const MODEL = makeModel();
const STEPS = [stroke([[3, 4], [5.5, 6.25]]), stroke([[20, 20]], 2.5, true)];

Deno.test("an address carries the drawing and everything that is shared", () => {
  holds(60, (random) => {
    const flip = () => random() < 0.5;
    /** @template T @param {readonly T[]} items */
    const pick = (items) => items[Math.floor(items.length * random())];
    const values = {
      modelName: MODEL.name,
      centre: flip(),
      difference: flip(),
      channel: Math.floor(16 * random()),
      scaling: /** @type {"row" | "shared"} */ (flip() ? "row" : "shared"),
      details: flip(),
      compare: flip(),
      health: flip(),
      playback: flip(),
      lab: flip(),
      meter: flip(),
      listing: pick(["quantizer", "encoder", "loss"]),
      variant: pick(/** @type {const} */ (["normal", "bypass", "wrong-reshape"])),
      backward: flip(),
      straightThrough: flip(),
      pinned: flip(),
    };
    /** @type {Selection} */
    const selection = {
      stage: pick(/** @type {const} */ (["indices", "distances", "embeddings", "total_loss"])),
      cell: flip() ? [Math.floor(7 * random()), Math.floor(7 * random())] : null,
      code: flip() ? Math.floor(512 * random()) : null,
    };
    const edit = codes(MODEL, flip() ? null : [[1, 2, 3], [0, 0, Math.floor(4 * random())]]);
    const drawn = flip() ? STEPS : [...STEPS, edit];
    const { store } = makeStore({ ...values, model: MODEL, selection, steps: drawn, brush: 2, theme: "light" });
    const { steps, values: read, problem } = fromHash(`#${toHash(store)}`);
    equal(problem, "");
    const { store: other } = makeStore({ ...read, model: MODEL, steps: steps ?? [] });
    equal(steps?.filter(({ kind }) => kind === "stroke"), STEPS);
    equal(other.get("edited"), store.get("edited"));
    equal(other.get("selection"), values.pinned ? selection : null, "what the pointer is over is not shared");
    equal(toHash(other), toHash(store));
    for (const [key, value] of Object.entries(values)) {
      equal(other.get(/** @type {keyof typeof values} */ (key)), value, key);
    }
    ok(!("brush" in read) && !("theme" in read), "brush and theme are the visitor's own");
  });
});

Deno.test("an address says only what differs from the defaults, and always the model", () => {
  const { store } = makeStore();
  equal(toHash(store), "drawing=");
  store.set("model", makeModel({ name: "residual-20" }));
  equal(toHash(store), "drawing=&model=residual-20");
  store.set("channel", 3);
  equal(new URLSearchParams(toHash(store)).get("channel"), "3");
});

Deno.test("beside a drawing, what an address does not say is at its default", () => {
  const { values } = fromHash("#drawing=&details=true");
  const expected = defaults();
  for (const { key, name, setting } of NAMED_SETTINGS) {
    if (!setting.shared || name === "model") ok(!(key in values), key);
    else equal(values[key], key === "details" ? true : expected[key], key);
  }
  equal(values.pinned, false);
});

Deno.test("codes in an address need a model and have to be a grid", () => {
  const grid = [[1, 2, 3], [0, 0, 1]];
  equal(fromHash("#drawing=&model=a&codes=1.2.3_0.0.1").steps, [codes(MODEL, grid)]);
  for (const text of ["codes=1.2.3_0.0.1", "model=a&codes=1.2_3", "model=a&codes=x", "model=a&codes=", `model=a&codes=${"1.".repeat(4000)}1`]) {
    const { steps, problem } = fromHash(`#drawing=&${text}`);
    equal([steps, problem], [[], texts.drawing.addressRefused(["codes"])], text);
  }
});

Deno.test("invalid parts of an address are reported, and the rest is used", () => {
  const unreadable = texts.drawing.addressUnreadable;
  for (const drawing of ["AAAA", "%%%", "AVAA", "A".repeat(5000), "<script>alert(1)</script>", "é"]) {
    equal(fromHash(`#drawing=${drawing}`), { steps: null, values: {}, problem: unreadable }, drawing);
  }
  const partly = fromHash("#drawing=&centre=perhaps&channel=-1&brush=99&theme=pink&difference=true&pin=x");
  equal([partly.steps, partly.values.difference, partly.values.centre], [[], true, true]);
  equal(partly.problem, texts.drawing.addressRefused(["centre", "channel", "pin"]));
  equal(fromHash(""), { steps: null, values: {}, problem: "" });
  equal(fromHash("#figure"), { steps: null, values: {}, problem: "" });
});

Deno.test("what was stored is there at the next visit", () => {
  using storage = fakeStorage();
  equal(fromStorage(), { steps: null, values: {}, problem: "" });
  const { store } = makeStore({ steps: [stroke([[1, 1]]), { kind: "clear" }, ...STEPS] });
  rememberDrawing(store);
  equal(fromStorage(), { steps: STEPS, values: {}, problem: "" });
  store.set("steps", [...STEPS, { kind: "clear" }]);
  rememberDrawing(store);
  equal(fromStorage().steps, [], "an empty pad is no first visit");
  storage.items.set("vqvae-explainer.brush", "1e9");
  equal(fromStorage(), { steps: [], values: {}, problem: texts.drawing.storageRefused(["brush"]) });
  storage.items.set("vqvae-explainer.drawing", "AAAA");
  equal([fromStorage().steps, fromStorage().problem], [null, texts.drawing.storageUnreadable]);
});

Deno.test("without storage every visit is a first one", () => {
  using _storage = forbiddenStorage();
  rememberDrawing(makeStore({ steps: STEPS }).store);
  equal(fromStorage(), { steps: null, values: {}, problem: "" });
});

Deno.test("an address is dropped once its drawing has changed", () => {
  const model = makeModel({ name: "residual-20" });
  const { store } = makeStore({ steps: STEPS, model });
  using address = fakeAddress(`http://here/page?query#${toHash(store)}`);
  syncUrl(store);
  ok(address.entries[0].hash.includes(encode(STEPS)), "it is still true");
  store.set("steps", [...STEPS, stroke([[9, 9]])]);
  syncUrl(store);
  equal(address.entries.map(String), ["http://here/page?query"]);
});

Deno.test("an address that names no model need not name one", () => {
  const { store } = makeStore({ steps: STEPS, model: makeModel({ name: "residual-20" }) });
  const url = `http://here/#drawing=${encode(STEPS)}`;
  using address = fakeAddress(url);
  syncUrl(store);
  equal(address.entries.map(String), [url]);
});

Deno.test("an address with an unknown model is dropped", () => {
  const { store } = makeStore({ modelName: "", model: makeModel({ name: "residual-20" }) });
  for (const model of [store.get("model"), null]) {
    store.set("model", model);
    using address = fakeAddress("http://here/#model=no-such-model");
    syncUrl(store);
    equal(address.entries.map(String), ["http://here/"]);
  }
});

Deno.test("an address that names a model follows the choice", () => {
  const model = makeModel({ name: "residual-20" });
  const { store } = makeStore({ model, modelName: "residual-20" });
  using address = fakeAddress("http://here/#model=residual-20");
  syncUrl(store);
  equal(address.entries.map(String), ["http://here/#model=residual-20"]);
  store.set("modelName", "minimal-20");
  syncUrl(store);
  equal(address.entries.map(String), ["http://here/#model=minimal-20"]);
});

Deno.test("an address with neither drawing nor model stays as it is", () => {
  const { store } = makeStore({ steps: STEPS, modelName: "minimal-20" });
  for (const url of ["http://here/", "http://here/#figure"]) {
    using address = fakeAddress(url);
    syncUrl(store);
    equal(address.entries.map(String), [url]);
  }
});

Deno.test("sharing puts the drawing into the address and copies it, where that is allowed", async () => {
  const { store } = makeStore({ steps: STEPS, model: makeModel({ name: "residual-20" }) });
  for (const allowed of [true, false]) {
    using address = fakeAddress("http://here/page#figure");
    let copied = "";
    const writeText = (/** @type {string} */ text) => {
      copied = text;
      return allowed ? Promise.resolve() : Promise.reject(new Error("forbidden"));
    };
    using _navigator = replaceGlobal("navigator", { value: { clipboard: { writeText } } });
    await share(store);
    const names = ["drawing", "model"];
    equal(store.get("notice")?.text, allowed ? texts.drawing.copied(names) : texts.drawing.inAddress(names));
    equal(address.entries.map(String), [copied], "no step in the history");
    equal(fromHash(new URL(copied).hash).steps, STEPS);
  }
});

Deno.test("choosing a model is a step in the history, which leads back to the former one", () => {
  const { store } = makeStore({ model: makeModel({ name: "residual-20" }), steps: STEPS });
  using address = fakeAddress(`http://here/#${toHash(store)}`);
  chooseModel(store, "residual-20");
  equal([address.entries.length, store.get("modelName")], [1, ""], "it is shown already");
  chooseModel(store, "minimal-20");
  equal(store.get("modelName"), "minimal-20");
  equal(address.entries.map(String), ["http://here/#model=residual-20", "http://here/#model=minimal-20"]);
  equal(fromHash(address.entries[0].hash), { steps: null, values: { modelName: "residual-20" }, problem: "" });
});
