// @ts-check

import { recode } from "../../static/core/edits.js";
import { createDrawing } from "../../static/drawing/drawing.js";
import { centre, rasterize, toBytes } from "../../static/drawing/ink.js";
import { visible } from "../../static/drawing/strokes.js";
import { equal, holds, ok } from "./assert.js";
import { pointIn } from "./drawings.js";
import { makeModel, makeStore, makeTrace } from "./state.js";

/** @param {Partial<import("../../static/core/types.d.ts").State>} [initial] */
function start(initial) {
  const { store } = makeStore(initial);
  /** @type {{ pixels: Uint8Array, finished: boolean }[]} */
  const sent = [];
  const drawing = createDrawing(store, (pixels, finished) => sent.push({ pixels, finished }));
  return { store, drawing, sent };
}

/** @param {import("../../static/drawing/drawing.js").Drawing} drawing @param {...import("./drawings.js").Point} points */
function draw(drawing, ...points) {
  drawing.begin(points[0], false);
  drawing.extend(points.slice(1));
  drawing.end();
}

Deno.test("every move of the pen is sent, and the lifted pen as finished", () => {
  const { store, drawing, sent } = start({ centre: false });
  drawing.begin([5, 5], false);
  drawing.extend([[8, 5], [11, 6]]);
  drawing.extend([[14, 9]]);
  equal(sent.map(({ finished }) => finished), [false, false, false]);
  drawing.end();
  equal(sent.map(({ finished }) => finished), [false, false, false, true]);
  ok(sent[3].pixels === store.get("pixels"), "the model's picture is sent");
  equal(store.get("steps"), [{
    kind: "stroke",
    points: [[5, 5], [8, 5], [11, 6], [14, 9]],
    radius: 1.25,
    erase: false,
  }]);
});

Deno.test("moves that change nothing are not sent", () => {
  const { store, drawing, sent } = start({ centre: false });
  drawing.begin([5, 5], false);
  drawing.extend([[5.05, 5.05]]);
  drawing.extend([[5.01, 5]]);
  equal(sent.length, 1);
  equal(store.get("steps")[0], { kind: "stroke", points: [[5, 5]], radius: 1.25, erase: false });
  drawing.end();
  equal(sent.length, 2, "the finished drawing is always sent");
  const before = store.get("pixels");
  drawing.begin([5, 5], false);
  drawing.end();
  equal(sent.map(({ finished }) => finished), [false, true, true], "ink over ink");
  ok(store.get("pixels") === before, "views have nothing new to show");
});

Deno.test("the pen is as wide as the brush, the eraser twice as wide", () => {
  const { store, drawing } = start({ brush: 1.5 });
  drawing.begin([5, 5], false);
  drawing.begin([5, 5], true);
  drawing.begin([5, 5], false, 1.3);
  equal(store.get("steps").map((step) => step.kind === "stroke" && [step.radius, step.erase]), [
    [1.5, false],
    [3, true],
    [1.3125, false],
  ]);
});

Deno.test("moves before a stroke begins do nothing", () => {
  const { store, drawing, sent } = start();
  drawing.extend([[5, 5]]);
  drawing.end();
  equal([store.get("steps"), sent], [[], []]);
});

Deno.test("undo takes back strokes one by one, and a clear", () => {
  const { store, drawing } = start();
  const pictures = [store.get("drawing")];
  for (const x of [6, 14, 20]) {
    draw(drawing, [x, 5], [x, 22]);
    pictures.push(store.get("drawing"));
  }
  drawing.clear();
  equal(store.get("drawing"), pictures[0]);
  for (const expected of pictures.toReversed()) {
    drawing.undo();
    equal(store.get("drawing"), expected);
  }
  drawing.undo();
  equal([store.get("steps"), store.get("drawing")], [[], pictures[0]], "nothing is left to take back");
});

Deno.test("redo does again what undo took back, until something new is done", () => {
  const { store, drawing } = start();
  const states = [store.get("drawing")];
  for (const x of [6, 14, 20]) {
    draw(drawing, [x, 5], [x, 22]);
    states.push(store.get("drawing"));
  }
  drawing.clear();
  states.push(store.get("drawing"));
  const steps = store.get("steps");
  for (let n = 0; n < 4; n++) drawing.undo();
  for (const expected of states) {
    equal(store.get("drawing"), expected);
    drawing.redo();
  }
  equal([store.get("steps"), store.get("undone")], [steps, []], "nothing is left to do again");
  drawing.undo();
  drawing.undo();
  draw(drawing, [9, 9], [12, 12]);
  const drawn = store.get("drawing");
  drawing.redo();
  equal([store.get("drawing"), store.get("undone")], [drawn, []]);
});

Deno.test("an edit of codes is taken back alone, and the drawing stays", () => {
  const model = makeModel();
  const { store, drawing, sent } = start({ model });
  draw(drawing, [5, 5], [9, 9]);
  const drawn = store.get("drawing");
  const trace = makeTrace(model);
  store.set("trace", trace);
  recode(store, [[0, 0]], 3);
  const first = store.get("edited");
  recode(store, [[1, 1]], 3);
  const second = store.get("edited");
  const count = sent.length;
  drawing.undo();
  equal([store.get("edited"), store.get("drawing")], [first, drawn]);
  drawing.undo();
  equal([store.get("edited"), store.get("drawing")], [null, drawn]);
  drawing.redo();
  drawing.redo();
  equal([store.get("edited"), store.get("drawing")], [second, drawn]);
  equal(sent.length, count, "the model need not see the same drawing again");

  // A stroke shows the model's own codes again; undo leads back to the edited ones.
  draw(drawing, [20, 5], [20, 9]);
  equal(store.get("edited"), null);
  drawing.undo();
  equal([store.get("edited"), store.get("drawing")], [second, drawn]);
  for (let n = 0; n < 3; n++) drawing.undo();
  ok(store.get("drawing").every((value) => value === 0), "the stroke under the edits");
});

Deno.test("edited codes belong to the picture that the model got", () => {
  const model = makeModel();
  const { store, drawing } = start({ model });
  draw(drawing, [3, 3], [3, 9]);
  store.set("trace", makeTrace(model));
  recode(store, [[0, 0]], 3);
  store.set("centre", false);
  drawing.refresh();
  equal([store.get("edited"), store.get("steps").length], [null, 1]);
});

Deno.test("an empty pad is not cleared again", () => {
  const { store, drawing, sent } = start();
  drawing.clear();
  draw(drawing, [5, 5], [9, 9]);
  drawing.clear();
  const count = sent.length;
  drawing.clear();
  equal([store.get("steps").length, sent.length], [2, count]);
});

Deno.test("an undo while drawing takes the whole stroke", () => {
  const { store, drawing } = start();
  draw(drawing, [5, 5], [9, 9]);
  const before = store.get("drawing");
  drawing.begin([20, 5], false);
  drawing.extend([[20, 15]]);
  drawing.undo();
  equal(store.get("drawing"), before);
  drawing.extend([[25, 25]]);
  drawing.end();
  equal([store.get("drawing"), store.get("steps").length], [before, 1], "the stroke is over");
});

Deno.test("another drawing takes the place of the one on the pad", () => {
  const { store, drawing, sent } = start();
  draw(drawing, [5, 5], [9, 9]);
  const steps = store.get("steps");
  const before = store.get("drawing");
  drawing.replace([]);
  ok(store.get("drawing").every((value) => value === 0), "empty");
  drawing.replace(steps);
  equal([store.get("drawing"), sent.at(-1)?.finished], [before, true]);
});

Deno.test("the model is given the centred drawing, or the one on the pad", () => {
  const { store, drawing, sent } = start();
  draw(drawing, [3, 3], [3, 9]);
  ok(String(store.get("pixels")) !== String(store.get("drawing")), "centred");
  ok(store.get("placement").scale > 1, "and enlarged");
  store.set("centre", false);
  drawing.refresh();
  equal([store.get("pixels"), store.get("placement")], [store.get("drawing"), { scale: 1, dx: 0, dy: 0 }]);
  equal(sent.at(-1), { pixels: store.get("pixels"), finished: true });
});

Deno.test("after any sequence of actions the pad shows the steps, and the model gets what they make", () => {
  holds(40, (random) => {
    const { store, drawing, sent } = start();
    for (let n = 0; n < 40; n++) {
      const dice = random();
      if (dice < 0.3) drawing.begin(pointIn(random, 0, 28), random() < 0.3);
      else if (dice < 0.7) drawing.extend([pointIn(random, 0, 28), pointIn(random, -3, 31)]);
      else if (dice < 0.85) drawing.end();
      else if (dice < 0.91) drawing.undo();
      else if (dice < 0.94) drawing.redo();
      else if (dice < 0.97) drawing.clear();
      else {
        store.set("centre", random() < 0.5);
        drawing.refresh();
      }
    }
    drawing.end();
    const steps = store.get("steps");
    const ink = rasterize(steps);
    equal(store.get("drawing"), toBytes(ink));
    equal(store.get("pixels"), toBytes(store.get("centre") ? centre(visible(steps), ink).ink : ink));
    if (sent.length) equal(sent.at(-1)?.pixels, store.get("pixels"));
  });
});
