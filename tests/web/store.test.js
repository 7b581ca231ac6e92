// @ts-check

import { DERIVED } from "../../static/core/derived.js";
import { defaults, initialState, SETTINGS } from "../../static/core/state.js";
import { anyChanged } from "../../static/core/store.js";
import { equal, holds, ok } from "./assert.js";
import { codes, makeModel, makeStore, makeTrace } from "./state.js";

/** @typedef {import("../../static/core/types.d.ts").Key} Key */

/** @param {Set<Key>} changed */
const sorted = (changed) => [...changed].sort();

Deno.test("many changes are announced together, once a frame", () => {
  const { store, frame } = makeStore();
  /** @type {Key[][]} */
  const heard = [];
  store.subscribe((changed) => heard.push(sorted(changed)));
  store.set("brush", 2);
  store.set("tool", "erase");
  store.set("brush", 1);
  equal([store.get("brush"), store.get("tool")], [1, "erase"], "values are read at once");
  equal(heard, []);
  equal(frame(), 1, "one frame is requested, however many changes");
  equal(heard, [["brush", "tool"]]);
  equal(frame(), 0, "a page where nothing changes requests none");
  store.set("brush", 2);
  frame();
  equal(heard, [["brush", "tool"], ["brush"]]);
});

Deno.test("setting a key to its value is no change", () => {
  const { store, frame } = makeStore();
  store.subscribe(() => ok(false, "nothing has changed"));
  store.set("brush", store.get("brush"));
  store.set("playhead", 0);
  store.assign({ tool: "draw", steps: store.get("steps") });
  equal(frame(), 0);
});

Deno.test("a flush announces at once, once between two frames", () => {
  const { store, frame } = makeStore();
  /** @type {Key[][]} */
  const heard = [];
  store.subscribe((changed) => heard.push(sorted(changed)));
  store.flush();
  equal(heard, [], "nothing to announce");
  store.set("brush", 2);
  store.flush();
  equal(heard, [["brush"]]);
  store.set("tool", "erase");
  store.flush();
  equal(heard, [["brush"]], "the second one waits for the frame");
  frame();
  equal(heard, [["brush"], ["tool"]]);
  store.set("brush", 1);
  store.flush();
  equal(heard, [["brush"], ["tool"], ["brush"]]);
  frame();
  equal(heard.length, 3, "the frame has nothing left to announce");
});

Deno.test("a change made while changes are announced comes with the next frame", () => {
  const { store, frame } = makeStore();
  /** @type {Key[][]} */
  const heard = [];
  store.subscribe((changed) => {
    if (changed.has("brush")) store.set("tool", "erase");
  });
  store.subscribe((changed) => heard.push(sorted(changed)));
  store.set("brush", 2);
  frame();
  frame();
  equal(heard, [["brush"], ["tool"]]);
});

Deno.test("a subscription can be ended", () => {
  const { store, frame } = makeStore();
  let count = 0;
  const end = store.subscribe(() => count++);
  store.set("brush", 2);
  frame();
  end();
  store.set("brush", 1);
  frame();
  equal(count, 1);
});

Deno.test("a derived value is announced when it changes, and only then", () => {
  const { store, frame } = makeStore();
  /** @type {Set<Key>} */
  let heard = new Set();
  store.subscribe((changed) => heard = changed);
  store.set("details", true);
  frame();
  ok(heard.has("compact") && heard.has("wantsDistances"), "what follows from open details");
  ok(!heard.has("shownTheme") && !heard.has("focus"), "what does not");
  store.set("health", true);
  frame();
  ok(heard.has("health") && !heard.has("compact"), "the figure was small before");
  store.set("theme", "dark");
  frame();
  equal(sorted(heard), ["theme"], "the theme is still the dark one");
});

Deno.test("a derived value is computed again only when its sources change", () => {
  const model = makeModel();
  const { store } = makeStore({
    model,
    trace: makeTrace(model),
    selection: { cell: [1, 0], code: null, stage: "indices" },
  });
  const focus = store.get("focus");
  ok(focus, "a focus");
  store.set("brush", 2);
  ok(store.get("focus") === focus, "the same object");
  store.set("selection", { cell: [1, 1], code: null, stage: "indices" });
  ok(store.get("focus") !== focus, "another one");
});

Deno.test("subscribers hear of every change since they were last notified", () => {
  const keys = /** @type {Key[]} */ ([...Object.keys(initialState()), ...Object.keys(DERIVED)]);
  const models = [makeModel(), makeModel({ name: "b", depth: 5 })];
  holds(60, (random) => {
    const { store, frame } = makeStore();
    /** @param {readonly any[]} values */
    const pick = (values) => values[Math.floor(values.length * random())];
    let known = new Map(keys.map((key) => [key, store.get(key)]));
    store.subscribe((changed) => {
      for (const key of keys) {
        const now = store.get(key);
        if (!Object.is(now, known.get(key))) ok(changed.has(key), `${key} has changed and was not announced`);
        if (key in DERIVED && changed.has(key)) ok(!Object.is(now, known.get(key)), `${key} has not changed`);
      }
      known = new Map(keys.map((key) => [key, store.get(key)]));
    });
    for (let n = 0; n < 60; n++) {
      const change = pick([
        () => store.set("details", random() < 0.5),
        () => store.set("health", random() < 0.5),
        () => store.set("backward", random() < 0.5),
        () => store.set("channel", pick([0, 1, 3, 9])),
        () => store.set("model", pick([null, ...models])),
        () => store.set("modelName", pick(["", "a", "b"])),
        () => store.set("trace", pick([null, makeTrace(pick(models))])),
        () => store.set("steps", pick([[], [codes(models[0], [[1, 1, 1], [1, 1, 1]])]])),
        () => store.set("selection", pick([null, { cell: [1, 1], code: null, stage: "indices" }])),
        () => store.set("theme", pick(["dark", "light", "system"])),
        () => store.set("systemTheme", pick(["dark", "light"])),
        frame,
        store.flush,
      ]);
      change();
    }
    frame();
    equal(known, new Map(keys.map((key) => [key, store.get(key)])), "something was never announced");
  });
});

Deno.test("a refresh announces every key", () => {
  const { store } = makeStore();
  /** @type {Key[]} */
  let heard = [];
  store.subscribe((changed) => heard = sorted(changed));
  store.refresh();
  equal(heard, [...Object.keys(initialState()), ...Object.keys(DERIVED)].sort());
});

Deno.test("two stores, and two sets of defaults, share nothing", () => {
  const [a, b] = [makeStore().store, makeStore().store];
  a.get("pixels")[0] = 255;
  equal(b.get("pixels")[0], 0);
  defaults().runs.push("a");
  equal(defaults().runs, []);
});

Deno.test("defaults undo what a visitor did, and keep what the server reported", () => {
  const model = makeModel();
  const { store } = makeStore({ model, connection: "live" });
  store.assign({ brush: 2, details: true, trace: makeTrace(model), pinned: true });
  store.assign(defaults());
  const { connection, model: kept, ...rest } = Object.fromEntries(
    Object.keys(initialState()).map((key) => [key, store.get(/** @type {Key} */ (key))]),
  );
  equal([connection, kept === model], ["live", true]);
  const { connection: _connection, model: _model, ...first } = initialState();
  equal(rest, first);
  ok(Object.keys(SETTINGS).every((key) => key in defaults()), "settings are part of it");
});

Deno.test("any of some keys", () => {
  equal(anyChanged(new Set(/** @type {Key[]} */ (["brush", "tool"])), ["tool", "model"]), true);
  equal(anyChanged(new Set(/** @type {Key[]} */ (["brush"])), ["tool", "model"]), false);
  equal(anyChanged(new Set(), []), false);
});
