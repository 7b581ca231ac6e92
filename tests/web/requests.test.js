// @ts-check

import { createChannels } from "../../static/backend/channels.js";
import { createRequests } from "../../static/backend/requests.js";
import { LOSSES } from "../../static/core/gradients.js";
import { texts } from "../../static/texts/texts.js";
import { close, equal, ok } from "./assert.js";
import { pack } from "./packing.js";
import { codes, makeModel, makeStore } from "./state.js";
import { FRAME, fakeTime } from "./time.js";

/** @typedef {import("../../static/core/types.d.ts").State} State */

const MODEL = makeModel();
const FEATURES = pack([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [2, 3, 2]);
const DISTANCES = pack(Array.from({ length: 24 }, (_, n) => n), [6, 4]);
const PICTURE = pack([0, 1, 1, 0], [2, 2]);
/** @type {import("../../static/core/types.d.ts").Selection} */
const CELL = { cell: [0, 0], code: null, stage: "indices" };

/** @param {Partial<State>} [initial] */
function start(initial) {
  const { store, frame } = makeStore({ model: MODEL, ...initial });
  /** @type {any[]} */
  const sent = [];
  const free = new Set();
  const backend = { ...createChannels((message) => Boolean(sent.push(message))), scoresFreely: (/** @type {string} */ name) => free.has(name) };
  const requests = createRequests(store, backend);
  store.subscribe(requests.update);
  return {
    store,
    frame,
    requests,
    backend,
    /** Models whose scores need no download. */
    free,
    /** @returns {any[]} what has been asked since the last call */
    take: () => sent.splice(0),
    /** @param {any} request @param {object} [fields] */
    trace({ seq, stages, variant }, fields) {
      const tensors = { features: FEATURES, distances: DISTANCES, reconstruction: PICTURE };
      const asked = Object.fromEntries(Object.entries(tensors).filter(([name]) => stages.includes(name)));
      const losses = { reconstruction: 0.1, codebook: 0.2, commitment: 0.2, total: 0.25 };
      const indices = [[0, 1, 2], [3, 0, 1]];
      backend.receive({ type: "trace", seq, model: "a", variant, indices, losses, server_ms: 3, ...asked, ...fields });
    },
  };
}

/** @param {number} value */
const drawing = (value) => new Uint8Array(784).fill(value);

Deno.test("a drawing is traced with what is in sight", () => {
  using time = fakeTime();
  const { store, requests, take } = start();
  const pixels = drawing(1);
  requests.draw(pixels, false);
  equal(take(), [{
    type: "trace",
    seq: 1,
    model: undefined,
    pixels,
    stages: ["features", "reconstruction"],
    variant: "normal",
  }]);
  store.set("details", true);
  requests.draw(drawing(2), true);
  time.pass(FRAME + 1);
  equal(take().map(({ stages }) => stages), [["features", "reconstruction", "distances"]]);
});

Deno.test("a reply is shown at once", () => {
  const { store, requests, take, trace } = start();
  const pixels = drawing(1);
  requests.draw(pixels, true);
  /** @type {unknown[]} */
  const seen = [];
  store.subscribe((changed) => seen.push([changed.has("trace"), store.get("trace")?.seq]));
  trace(take()[0]);
  equal(seen, [[true, 1]], "before the next frame");
  const found = store.get("trace");
  ok(found?.pixels === pixels, "the picture that it answers");
  equal([found?.serverMs, found?.indices, found?.features?.shape], [3, [[0, 1, 2], [3, 0, 1]], [2, 3, 2]]);
});

Deno.test("distances are requested when they come into view, without the rest of the trace", () => {
  const { store, frame, requests, take, trace } = start();
  requests.draw(drawing(1), true);
  trace(take()[0]);
  frame();
  equal(take(), []);
  store.set("selection", CELL);
  frame();
  const [lookup] = take();
  equal([lookup.stages, lookup.variant], [["distances"], "normal"]);
  ok(lookup.pixels === store.get("trace")?.pixels, "of the drawing that is shown");
  store.set("selection", null);
  frame();
  store.set("details", true);
  frame();
  equal(take(), [], "asked once for one trace");
  trace(lookup);
  equal([store.get("trace")?.distances?.shape, store.get("trace")?.features?.shape], [[6, 4], [2, 3, 2]]);
  frame();
  equal(take(), []);
});

Deno.test("distances of a drawing that has moved on are dropped", () => {
  using time = fakeTime();
  const { store, frame, requests, take, trace } = start();
  requests.draw(drawing(1), true);
  trace(take()[0]);
  frame();
  store.set("selection", CELL);
  frame();
  const [lookup] = take();
  requests.draw(drawing(2), true);
  time.pass(FRAME + 1);
  const [next] = take();
  equal(next.stages, ["features", "reconstruction", "distances"]);
  // The newer drawing overtakes the lookup, which is sent again.
  trace(next);
  const shown = store.get("trace");
  equal([shown?.seq, shown?.distances?.shape], [next.seq, [6, 4]]);
  const [again] = take();
  equal(again.pixels, lookup.pixels);
  trace(again);
  ok(store.get("trace") === shown, "distances of the former drawing");
});

Deno.test("distances of a trace that is gone are dropped", () => {
  for (const gone of [null, { variant: /** @type {const} */ ("bypass") }]) {
    const { store, frame, requests, take, trace } = start();
    requests.draw(drawing(1), true);
    trace(take()[0]);
    frame();
    store.set("selection", CELL);
    frame();
    const [lookup] = take();
    const shown = store.get("trace");
    ok(shown, "a trace");
    const other = gone && { ...shown, ...gone };
    store.set("trace", other);
    trace(lookup);
    ok(store.get("trace") === other && store.get("notice") === null, "nothing happens");
  }
});

Deno.test("beside a variant the normal trace is asked for, too", () => {
  using time = fakeTime();
  const { store, frame, requests, take, trace } = start({ pixels: drawing(1) });
  store.set("variant", "bypass");
  frame();
  const [variant, ...rest] = take();
  equal([variant.variant, rest.length], ["bypass", 0], "the variant goes first");
  trace(variant);
  const [reference] = take();
  equal([reference.variant, reference.stages], ["normal", ["reconstruction"]]);
  trace(reference);
  equal([store.get("trace")?.variant, store.get("reference")?.variant], ["bypass", "normal"]);
  ok(store.get("trace")?.pixels === store.get("reference")?.pixels, "both of one drawing");
  frame();
  store.set("variant", "normal");
  frame();
  equal(store.get("reference"), null);
  equal(take().map(({ variant }) => variant), ["normal"]);
  requests.draw(drawing(2), true);
  time.pass(FRAME + 1);
  equal(take().length, 1, "no reference without a variant");
});

Deno.test("a variant does not wait for the reply to a trace in flight", () => {
  using time = fakeTime();
  const { store, frame, requests, take } = start();
  requests.draw(drawing(1), false);
  store.set("variant", "bypass");
  frame();
  time.pass(FRAME + 1);
  equal(take().map(({ variant }) => variant), ["normal", "bypass"]);
});

Deno.test("an edited grid is decoded, and forgotten when the edit is undone", () => {
  const { store, frame, take, backend } = start();
  const grid = [[3, 3, 3], [3, 3, 3]];
  store.set("steps", [codes(MODEL, grid)]);
  frame();
  const [decode] = take();
  equal([decode.type, decode.indices], ["decode", grid]);
  backend.receive({ type: "decode", seq: decode.seq, model: "a", reconstruction: PICTURE });
  close(store.get("editedReconstruction")?.data ?? [], [0, 1, 1, 0], 1e-6);
  store.set("steps", [codes(MODEL, [[2, 2, 2], [2, 2, 2]])]);
  frame();
  const [late] = take();
  store.set("steps", []);
  frame();
  backend.receive({ type: "decode", seq: late.seq, model: "a", reconstruction: PICTURE });
  equal(store.get("editedReconstruction"), null, "it was forgotten");
});

Deno.test("gradients are asked for while they are in sight, and again without the line", () => {
  const { store, frame, requests, take, backend } = start({ pixels: drawing(1), details: true });
  const one = Object.fromEntries(LOSSES.map((loss) => [loss, pack([1, 2], [1, 2])]));
  /** @param {any} request */
  const answer = ({ seq, straight_through }) =>
    backend.receive({
      type: "backward",
      seq,
      model: "a",
      straight_through,
      quantized: pack([1, 2], [1, 2]),
      features: one,
      embeddings: one,
      computed_by: "numpy",
    });
  requests.draw(drawing(1), true);
  equal(take().map(({ type }) => type), ["trace"]);
  store.set("backward", true);
  frame();
  const [first] = take();
  equal([first.type, first.straight_through], ["backward", true]);
  answer(first);
  equal([store.get("gradients")?.straightThrough, store.get("gradients")?.pixels], [true, drawing(1)]);
  store.set("straightThrough", false);
  frame();
  const [second] = take();
  equal(second.straight_through, false);
  answer(second);
  equal(store.get("gradients")?.straightThrough, false);
  requests.draw(drawing(2), false);
  const [third] = take();
  equal([third.type, third.pixels[0]], ["backward", 2], "the trace still waits for the first one");
  store.set("details", false);
  frame();
  equal(store.get("gradients"), null);
  answer(third);
  equal(store.get("gradients"), null, "out of sight");
});

Deno.test("a reply that cannot be read is reported, and the next one is shown", () => {
  const { store, requests, take, trace } = start();
  for (
    const broken of [{ features: { ...FEATURES, shape: [7, 7, 16] } }, { reconstruction: { shape: [1], data: "%" } }]
  ) {
    store.set("notice", null);
    requests.draw(drawing(1), true);
    trace(take()[0], broken);
    equal([store.get("trace"), store.get("notice")?.text], [null, texts.backend.replyUnreadable]);
  }
  requests.draw(drawing(2), true);
  trace(take()[0]);
  ok(store.get("trace"), "the page goes on");
});

Deno.test("replies of the former model are dropped, and the chosen one gets the same request", () => {
  const { store, frame, requests, take, trace } = start();
  requests.draw(drawing(1), true);
  const [former] = take();
  store.set("model", makeModel({ name: "b" }));
  trace(former);
  equal(store.get("trace"), null, "the answer of the former model");
  frame();
  const [asked] = take();
  equal([asked.model, asked.pixels[0]], ["b", 1]);
  trace(asked, { model: "b" });
  equal(store.get("trace")?.model, "b");
});

Deno.test("after a reset nothing that was asked is shown", () => {
  const { store, requests, take, trace } = start();
  requests.draw(drawing(1), true);
  const [asked] = take();
  requests.reset();
  trace(asked);
  equal(store.get("trace"), null);
  requests.draw(drawing(2), true);
  trace(take()[0]);
  equal(store.get("trace")?.pixels?.[0], 2);
});

Deno.test("the codes are scored where that needs no download, and while the pen moves only while the prior is open", () => {
  using time = fakeTime();
  const model = { ...MODEL, prior: true };
  const { store, frame, requests, take, trace, backend, free } = start({ model });
  /** @param {boolean} finished @param {number[][]} [indices] @param {number} [ink] */
  const draw = (finished, indices, ink = 1) => {
    requests.draw(drawing(ink), finished);
    time.pass(FRAME + 1);
    trace(take().find(({ type }) => type === "trace"), indices && { indices });
    frame();
    time.pass(FRAME + 1);
    return take().filter(({ type }) => type === "score");
  };
  equal(draw(true), [], "it would have to be loaded");
  store.set("generate", true);
  frame();
  const [asked] = take();
  equal([asked.type, asked.codes], ["score", [[0, 1, 2], [3, 0, 1]]]);
  backend.receive({
    type: "score",
    seq: asked.seq,
    model: "a",
    bits: pack([0, 1, 2, 3, 4, 5], [2, 3]),
    class_bits: [16, 15],
    total: 15,
    unigram_bits: 12,
  });
  close(store.get("score")?.bits ?? [], [0, 1, 2, 3, 4, 5], 1e-3);
  equal([store.get("score")?.total, store.get("score")?.unigramBits, store.get("score")?.classBits], [15, 12, [16, 15]]);
  equal(draw(false), [], "the same codes");
  equal(draw(false, [[1, 1, 1], [1, 1, 1]]).map(({ codes }) => codes), [[[1, 1, 1], [1, 1, 1]]]);
  store.set("generate", false);
  free.add("a");
  frame();
  take();
  equal(draw(false, [[2, 1, 1], [1, 1, 1]]), []);
  equal(draw(true, [[2, 1, 1], [1, 1, 2]]).length, 1, "the pen rests");
  requests.draw(drawing(2), false);
  time.pass(FRAME + 1);
  const [moving] = take();
  requests.draw(drawing(3), true);
  time.pass(FRAME + 1);
  const [resting] = take();
  for (const [request, code] of [[moving, 2], [resting, 3]]) {
    trace(request, { indices: [[code, 0, 0], [0, 0, 0]] });
    frame();
    time.pass(FRAME + 1);
  }
  equal(take().map(({ codes }) => codes[0][0]), [3], "an answer to a drawing that went on");
  equal(draw(true, [[2, 1, 1], [1, 1, 2]]).length, 1);
  store.set("model", makeModel({ name: "b" }));
  frame();
  store.set("model", model);
  frame();
  const [again] = take().filter(({ type }) => type === "score");
  equal(again.codes, [[2, 1, 1], [1, 1, 2]], "of the model that is shown once more");
  backend.receive({ type: "error", seq: again.seq, code: "internal", message: "" });
  equal(store.get("score"), null, "the score of codes that were shown before");
  equal(draw(true, [[2, 1, 1], [1, 1, 2]]).length, 1, "after an error");
  equal(draw(true, [[2, 1, 1], [1, 2, 2]], 0), [], "of an empty pad");
});

Deno.test("a question that is asked again while its answer is on its way is answered again", () => {
  using time = fakeTime();
  const { requests, take, backend } = start();
  /** @type {unknown[]} */
  const kept = [];
  const one = requests.question("previews", (_, { cell }) => kept.push(cell));
  one.ask({ cell: 1 });
  time.pass(FRAME + 1);
  one.ask({ cell: 2 });
  time.pass(FRAME + 1);
  const [first, second] = take();
  for (const { seq } of [first, second]) backend.receive({ type: "previews", model: "a", seq, pictures: PICTURE });
  equal(kept, [1, 2]);
});

Deno.test("a question is answered once, and forgotten with its model", () => {
  const { store, frame, requests, take, backend } = start();
  /** @type {unknown[]} */
  const kept = [];
  const one = requests.question("previews", (message) => kept.push(message.seq));
  one.ask({ indices: [[0]] });
  const [asked] = take();
  const reply = { type: "previews", model: "a", pictures: PICTURE };
  backend.receive({ ...reply, seq: asked.seq });
  equal(kept, [asked.seq]);
  one.ask({ indices: [[1]] });
  take();
  store.set("model", makeModel({ name: "b" }));
  frame();
  equal(take(), [], "it is not asked of another model");
  one.ask({ indices: [[1]] });
  const [late] = take();
  requests.reset();
  backend.receive({ ...reply, model: "b", seq: late.seq });
  equal(kept, [asked.seq], "it was forgotten");
});

Deno.test("a question that ends in an error says so, and is asked no more", () => {
  const { requests, take, backend } = start();
  /** @type {unknown[]} */
  const failed = [];
  const one = requests.question("sample", () => {}, ({ seed }) => failed.push(seed));
  const fail = () => backend.receive({ type: "error", seq: take()[0].seq, code: "internal", message: "" });
  one.ask({ seed: 1 });
  fail();
  equal(failed, [1]);
  backend.lose();
  backend.flush();
  equal(take(), [], "a new connection does not repeat it");
  one.ask({ seed: 2 });
  one.forget();
  fail();
  equal(failed, [1], "of a question that was forgotten");
});
