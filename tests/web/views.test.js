// @ts-check

import { createDeferred } from "../../static/core/deferred.js";
import { createViews } from "../../static/core/views.js";
import { createWatch } from "../../static/core/watch.js";
import { texts } from "../../static/texts/texts.js";
import { equal, ok } from "./assert.js";
import { makeStore } from "./state.js";
import { fakeTime } from "./time.js";

/** @typedef {import("../../static/core/types.d.ts").Key} Key */

/** @param {...Key} keys */
const keys = (...keys) => new Set(keys);

/** @param {boolean} throttled */
function record(throttled) {
  /** @type {Key[][]} */
  const heard = [];
  return { throttled, heard, update: (/** @type {Set<Key>} */ changed) => void heard.push([...changed].sort()) };
}

Deno.test("all views measure before any view writes", () => {
  /** @type {string[]} */
  const order = [];
  const views = createViews(["a", "b", "c"].map((name) => ({
    throttled: name === "b",
    read: () => order.push(`${name} reads`),
    update: () => order.push(`${name} writes`),
  })));
  views.read(keys("model"));
  views.update(keys("model"));
  equal(order, ["a reads", "b reads", "c reads", "a writes", "b writes", "c writes"]);
});

Deno.test("texts follow the pen ten times a second, pictures at every move", () => {
  using time = fakeTime();
  const [text, picture] = [record(true), record(false)];
  const views = createViews([text, picture]);
  for (let n = 0; n < 95; n++) {
    views.update(keys("trace", "drawing"));
    time.pass(10);
  }
  equal([picture.heard.length, text.heard.length], [95, 10]);
  ok(!views.isIdle(), "the last move is still to come");
  time.pass(100);
  equal(text.heard.length, 11);
  ok(views.isIdle(), "all texts are those of the last move");
  equal(time.pending(), []);
});

Deno.test("the first move after a pause is shown at once, and nothing that was missed is lost", () => {
  using time = fakeTime();
  const text = record(true);
  const views = createViews([text]);
  views.update(keys("trace"));
  views.update(keys("drawing"));
  time.pass(50);
  views.update(keys("gradients"));
  equal(text.heard, [["trace"]]);
  time.pass(50);
  equal(text.heard, [["trace"], ["drawing", "gradients"]]);
  time.pass(5000);
  views.update(keys("trace"));
  equal(text.heard.length, 3);
});

Deno.test("other changes are shown at once, together with what was missed", () => {
  using time = fakeTime();
  const text = record(true);
  const views = createViews([text]);
  views.update(keys("trace"));
  views.update(keys("trace", "shownError"));
  views.update(keys("selection"));
  equal(text.heard, [["trace"], ["selection", "shownError", "trace"]]);
  ok(views.isIdle(), "nothing is left");
  time.pass(1000);
  equal(text.heard.length, 2);
});

Deno.test("a part of the page is loaded when it opens, and catches up when it opens again", async () => {
  const { store, frame } = makeStore();
  const part = record(false);
  let loads = 0;
  const view = createDeferred(store, "health", () => {
    loads++;
    return Promise.resolve(part);
  });
  store.subscribe(view.update);
  store.set("trace", null);
  store.set("channel", 3);
  frame();
  equal(loads, 0, "most visitors only draw");
  store.set("health", true);
  frame();
  await view.opened();
  equal(part.heard.map((heard) => heard.filter((key) => key === "channel" || key === "health")), [[
    "channel",
    "health",
  ]]);
  store.set("channel", 4);
  frame();
  equal(part.heard[1], ["channel", "shownChannel"]);
  store.set("health", false);
  frame();
  store.set("channel", 5);
  store.set("brush", 2);
  frame();
  equal(part.heard.length, 2, "nothing while it is closed");
  store.set("health", true);
  frame();
  ok(part.heard[2].includes("channel") && part.heard[2].includes("brush"), "what it missed");
  equal(loads, 1);
});

Deno.test("a part of the page measures while it is open", async () => {
  const { store, frame } = makeStore();
  let reads = 0;
  const view = createDeferred(store, "health", () => Promise.resolve({ read: () => void reads++, update() {} }));
  store.subscribe((changed) => {
    view.read?.(changed);
    view.update(changed);
  });
  store.set("health", true);
  frame();
  await view.opened();
  equal(reads, 1, "before its first update");
  store.set("channel", 1);
  frame();
  store.set("health", false);
  frame();
  equal(reads, 2, "not while it is closed");
});

Deno.test("a part that cannot be loaded says so, and is loaded when the server is back", async () => {
  const { store, frame } = makeStore();
  const part = record(false);
  let reachable = false;
  const view = createDeferred(
    store,
    "details",
    () => reachable ? Promise.resolve(part) : Promise.reject(new Error("away")),
  );
  store.subscribe(view.update);
  store.set("details", true);
  frame();
  await view.opened();
  equal([store.get("details"), store.get("notice")], [true, { kind: "problem", text: texts.shell.partMissing }]);
  store.set("connection", "offline");
  frame();
  equal(part.heard, []);
  reachable = true;
  store.set("connection", "live");
  frame();
  await view.opened();
  equal(part.heard.length, 1);
});

Deno.test("a part that was closed while it loaded is not updated", async () => {
  const { store, frame } = makeStore();
  const part = record(false);
  const view = createDeferred(store, "health", () => Promise.resolve(part));
  store.subscribe(view.update);
  store.set("health", true);
  frame();
  store.set("health", false);
  frame();
  await view.opened();
  equal(part.heard, []);
  store.set("health", true);
  frame();
  equal(part.heard.length, 1);
});

Deno.test("a watch reports whether values changed since the last call", () => {
  const moved = createWatch();
  const tensor = {};
  equal(
    [moved(tensor, 1), moved(tensor, 1), moved(tensor, 2), moved({}, 2), moved(), moved(), moved(NaN), moved(NaN)],
    [
      true,
      false,
      true,
      true,
      true,
      false,
      true,
      false,
    ],
  );
});
