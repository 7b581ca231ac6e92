// @ts-check

import examples from "../../static/drawing/examples.json" with { type: "json" };
import { createDrawing } from "../../static/drawing/drawing.js";
import { createReplay, smooth } from "../../static/drawing/replay.js";
import { equal, ok } from "./assert.js";
import { stroke } from "./drawings.js";
import { makeStore } from "./state.js";
import { fakeTime } from "./time.js";

/** @param {{ still?: boolean }} [options] */
function start({ still = false } = {}) {
  const { store } = makeStore();
  /** @type {number[]} how much ink there was with every drawing that was sent */
  const sent = [];
  const drawing = createDrawing(store, (pixels) => sent.push(pixels.reduce((sum, value) => sum + value, 0)));
  return { store, drawing, replay: createReplay(drawing, () => still), sent };
}

/** @param {number} digit @returns {import("../../static/core/types.d.ts").Step[]} what the example draws, unsnapped */
function example(digit) {
  /** @type {import("./drawings.js").Point[][]} */
  const knots = Reflect.get(examples, digit);
  return knots.map((points) => stroke(smooth(points)));
}

/** @param {ReturnType<typeof start>["store"]} store */
const lengths = (store) => store.get("steps").map((step) => step.kind === "stroke" ? step.points.length : 0);

Deno.test("an example draws itself within a second, stroke by stroke", () => {
  using time = fakeTime();
  const page = start();
  const { store, replay, sent } = page;
  replay.play(4);
  ok(replay.playing(), "on its way");
  time.pass(500);
  const half = lengths(store).reduce((sum, length) => sum + length, 0);
  time.pass(600);
  ok(!replay.playing(), "at its end");
  const whole = lengths(store).reduce((sum, length) => sum + length, 0);
  ok(half > 0.3 * whole && half < 0.7 * whole, `${half} of ${whole} points after half the time`);
  equal(store.get("steps").length, example(4).length);
  ok(sent.length > 20, "every view moves");
  equal(time.pending(), []);
});

Deno.test("where motion is reduced it is there at once, and the same", () => {
  for (const digit of [0, 2, 8]) {
    using time = fakeTime();
    const moving = start();
    moving.replay.play(digit);
    time.pass(2000);
    const still = start({ still: true });
    still.replay.play(digit);
    ok(!still.replay.playing(), "no motion");
    equal(still.store.get("drawing"), moving.store.get("drawing"), `digit ${digit}`);
  }
});

Deno.test("the newest example wins", () => {
  using time = fakeTime();
  const page = start();
  const { store, replay } = page;
  replay.play(8);
  time.pass(300);
  replay.play(7);
  replay.play(1);
  time.pass(2000);
  const other = start({ still: true });
  other.replay.play(1);
  equal(store.get("drawing"), other.store.get("drawing"));
});

Deno.test("the visitor's pen interrupts", () => {
  using time = fakeTime();
  const page = start();
  const { store, drawing, replay } = page;
  replay.play(8);
  time.pass(300);
  replay.stop();
  ok(!replay.playing(), "stopped");
  drawing.begin([2, 26], false);
  drawing.extend([[26, 26]]);
  drawing.end();
  const drawn = store.get("drawing");
  time.pass(2000);
  equal(store.get("drawing"), drawn);
  equal(store.get("steps").length, 2, "what the example had drawn stays");
});

Deno.test("an undo brings back the drawing that the example covered", () => {
  using _time = fakeTime();
  const page = start({ still: true });
  const { store, drawing, replay } = page;
  drawing.begin([3, 3], false);
  drawing.end();
  const own = store.get("drawing");
  replay.play(1);
  for (let n = example(1).length + 1; n > 0; n--) drawing.undo();
  equal(store.get("drawing"), own);
});
