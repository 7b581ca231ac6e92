// @ts-check

import { createAnswers } from "../../static/backend/answers.js";
import { createFiles } from "../../static/backend/files.js";
import { createInPage } from "../../static/backend/in-page.js";
import { createLoader } from "../../static/backend/loader.js";
import { createPriorAnswers } from "../../static/backend/prior-answers.js";
import { readJson } from "../../static/backend/reading.js";
import { texts } from "../../static/texts/texts.js";
import { equal, ok } from "./assert.js";
import { replaceGlobal } from "./globals.js";
import { pack } from "./packing.js";

import { fakeTime } from "./time.js";
import { toSafetensors } from "./weights.js";

/** Promises that are resolved have been followed. */
async function settled() {
  for (let n = 0; n < 10; n++) await Promise.resolve();
}

/** A worker whose other end is the test. */
class FakeWorker {
  /** @type {any[]} messages of the page since the last `take` */
  sent = [];
  terminated = false;
  /** @type {(event: { data: any }) => void} */
  onmessage = () => {};
  onerror = () => {};
  onmessageerror = () => {};

  /** @param {any} message */
  postMessage(message) {
    this.sent.push(message);
  }

  terminate() {
    this.terminated = true;
  }

  /** Once it has been asked whether it is. */
  ready() {
    equal(this.sent.shift(), { type: "open" });
    this.onmessage({ data: { type: "ready" } });
  }

  /** What the page has asked it to load: it has. */
  async loads() {
    const asked = this.take();
    equal(asked.map(({ type }) => type), asked.map(() => "load"));
    for (const { kind, key, name } of asked) {
      this.onmessage({ data: { type: "loaded", key, ...(kind === "model" && { description: { name } }) } });
    }
    await settled();
  }

  /** The last request of the page for files cannot be met. */
  async lacks() {
    const { key } = this.take()[0];
    this.onmessage({ data: { type: "loaded", key, error: "no network" } });
    await settled();
  }

  /** @param {any} request @param {object} [fields] */
  answer({ type, seq, model }, fields) {
    this.onmessage({ data: { type, seq, model, ...fields } });
  }

  take() {
    return this.sent.splice(0);
  }
}

/** A page with the models a and b. */
function open() {
  /** @type {FakeWorker[]} */
  const workers = [];
  /** @type {[state: string, detail: string][]} */
  const states = [];
  /** @type {string[]} */
  const errors = [];
  const first = { count: 0 };
  const backend = createInPage({
    site: { default: "a", models: [], folder: "1/models/" },
    source: (name) => `https://school.example/${name}`,
    startWorker: () => {
      workers.push(new FakeWorker());
      return /** @type {any} */ (workers[workers.length - 1]);
    },
    onFirstAnswer: () => first.count++,
    onError: (message) => errors.push(message),
    onState: (state, detail) => states.push([state, detail]),
    random: () => 0.5,
  });
  /** @type {{ message: any, request: any }[]} */
  const replies = [];
  const traces = backend.channel("trace", (message, request) => replies.push({ message, request }));
  const worker = () => workers[workers.length - 1];
  return {
    backend,
    workers,
    worker,
    states,
    errors,
    replies,
    traces,
    first,
    /** The worker is ready, and the model a is loaded and shown. */
    async start() {
      worker().ready();
      const described = backend.documents.describeModel("a");
      await worker().loads();
      backend.use((await described).name);
    },
  };
}

Deno.test("a model is loaded in the worker when it is described, once", async () => {
  using _time = fakeTime();
  const { backend, worker } = open();
  equal((await backend.documents.listModels()).default, "a");
  worker().ready();
  equal(worker().take(), [], "nothing is loaded yet");
  const described = backend.documents.describeModel("b");
  equal(worker().sent, [{
    type: "load",
    kind: "model",
    key: "model b",
    name: "b",
    document: "https://school.example/b.detail.json",
    weights: "https://school.example/b.safetensors.gz",
  }]);
  await worker().loads();
  equal((await described).name, "b");
  ok(await backend.documents.describeModel("b") === await described, "and kept");
  equal(worker().take(), []);
});

Deno.test("a drawing waits for the model's files, however long they take", async () => {
  using time = fakeTime();
  const { backend, worker, states, traces, replies, first } = open();
  const pixels = Uint8Array.of(1, 2, 3);
  traces.ask({ pixels, variant: "normal" });
  worker().ready();
  equal(states.map(([state]) => state), ["connecting", "live"]);
  equal(states.map(([, detail]) => detail), [texts.inPage.connecting, texts.inPage.live]);
  const described = backend.documents.describeModel("a");
  time.pass(60_000);
  ok(!worker().terminated && !backend.isIdle(), "the download is not timed");
  await worker().loads();
  backend.use((await described).name);
  const [asked] = worker().take();
  ok(asked.pixels === pixels, "bytes are not encoded");
  equal(first.count, 0);
  worker().answer(asked, { features: 1 });
  equal(replies.map(({ message }) => [message.type, message.features]), [["trace", 1]]);
  ok(backend.isIdle(), "all is answered");
  traces.ask({ pixels });
  worker().answer(worker().take()[0]);
  equal([replies.length, first.count], [2, 1]);
});

Deno.test("a worker that has been loading for long is ready by what it says first", async () => {
  using _time = fakeTime();
  const { backend, worker, states, traces } = open();
  traces.ask({ n: 1 });
  const described = backend.documents.describeModel("a");
  equal(worker().sent.shift(), { type: "open" });
  await worker().loads();
  equal(states.map(([state]) => state), ["connecting", "live"]);
  backend.use((await described).name);
  equal(worker().take().map(({ type }) => type), ["trace"]);
});

Deno.test("the worker gets one message at a time: of those that wait, the newest of each type", async () => {
  using time = fakeTime();
  const { backend, worker, traces, start } = open();
  /** @type {any[]} */
  const decoded = [];
  const decoding = backend.channel("decode", (_, request) => decoded.push(request.n));
  await start();
  traces.ask({ n: 1 });
  const [first] = worker().take();
  for (const n of [2, 3]) {
    time.pass(100);
    traces.ask({ n });
  }
  decoding.ask({ n: 4 });
  equal(worker().take(), []);
  worker().answer(first);
  const [second] = worker().take();
  equal([second.type, second.n], ["trace", 3]);
  worker().answer(second);
  const [third] = worker().take();
  worker().answer(third);
  equal(decoded, [4]);
  ok(backend.isIdle(), "all is answered");
});

Deno.test("a worker that fails or does not answer is replaced, loads the model again, and is asked again", async () => {
  using time = fakeTime();
  const { backend, workers, worker, states, traces, replies, start } = open();
  await start();
  traces.ask({ n: 1 });
  time.pass(10_000);
  ok(workers[0].terminated, "it did not answer");
  equal(states.at(-1), ["offline", texts.inPage.offline]);
  time.pass(300);
  equal(workers.length, 2);
  worker().ready();
  await worker().loads();
  equal(worker().take().map(({ n }) => n), [1]);
  const described = backend.documents.describeModel("b").then(() => "", String);
  worker().onerror();
  ok(/was stopped/.test(await described), "what it was loading is not waited for");
  backend.reconnectNow();
  worker().ready();
  await worker().loads();
  worker().answer(worker().take()[0]);
  equal([workers.length, replies.length, states.at(-1)?.[0]], [3, 1, "live"]);
});

Deno.test("a first download that fails is tried again; a later one leaves the model that is shown", async () => {
  using time = fakeTime();
  const { backend, workers, worker, states, start } = open();
  worker().ready();
  const first = backend.documents.describeModel("a").then(() => "loaded", String);
  await worker().lacks();
  equal([await first, workers[0].terminated, states.at(-1)?.[0]], ["Error: no network", true, "offline"]);
  time.pass(300);
  await start();
  equal(states.at(-1)?.[0], "live");
  const later = backend.documents.describeModel("b").then(() => "loaded", String);
  await worker().lacks();
  equal([await later, worker().terminated, states.at(-1)?.[0]], ["Error: no network", false, "live"]);
});

Deno.test("a request that fails in the worker is reported, and the next one is answered", async () => {
  using _time = fakeTime();
  const { worker, errors, traces, replies, start } = open();
  await start();
  traces.ask({ n: 1 });
  const { seq } = worker().take()[0];
  worker().onmessage({ data: { type: "error", seq, code: "internal", message: "a reason" } });
  equal(errors, [texts.inPage.failed("a reason")]);
  traces.ask({ n: 2 });
  worker().answer(worker().take()[0]);
  equal(replies.map(({ request }) => request.n), [2]);
  traces.ask({ n: 3 });
  worker().onmessage({ data: { type: "error", seq: worker().take()[0].seq, code: "unusable", message: "A title" } });
  equal(errors.slice(1), [texts.inPage.unusable("A title")]);
});

/** What a model that draws black computes for a black drawing. */
const CHECK = { pixels: btoa("\0"), indices: [[0, 1]], commitment: 0, reconstruction: pack(Array(784).fill(0), [28, 28]) };

/** A prior to which all codes of 1 × 2 cells are equally probable. */
function evenPrior() {
  let done = 0;
  return {
    config: /** @type {any} */ ({ height: 1, width: 2, num_embeddings: 4 }),
    start() {
      done = 0;
    },
    predict(/** @type {ArrayLike<number>} */ _codes, /** @type {number} */ stop) {
      const logits = Array.from({ length: stop - done }, () => new Float32Array(4));
      done = stop;
      return logits;
    },
  };
}

Deno.test("a prior's answers are the stream's", () => {
  const picture = { shape: [28, 28], data: new Float32Array(784) };
  /** @type {any} */
  const trace = { losses: { commitment: 0 }, distances: { shape: [2, 4], data: new Float32Array(8) } };
  const model = { trace: () => trace, decode: () => picture, gradients: () => /** @type {any} */ (null) };
  const { add, addPrior, answer } = createAnswers({ createModel: () => model }, () => 0);
  const weights = { config: {}, tensors: { "quantizer.embeddings": { shape: [4, 1], data: new Float32Array(4) } }, check: CHECK };
  add("none", { ...weights });
  add("a", weights);
  addPrior("a", createPriorAnswers(evenPrior(), [0.5, 0.25, 0.125, 0.125]));
  /** @param {object} request @returns {any} */
  const ask = (request) => answer({ seq: 1, model: "a", ...request });
  const { digit, codes, probabilities, bits } = ask({ type: "sample", digit: 3, temperature: 1, seed: 1, given: [[2, null]] });
  equal([digit, codes[0][0], probabilities.shape, [...bits.data]], [3, 2, [2, 4], [2, 2]]);
  const scored = ask({ type: "score", codes: [[0, 3]] });
  equal([[...scored.bits.data], scored.class_bits, scored.total, scored.unigram_bits], [[2, 2], Array(10).fill(4), 4, 4]);
  const packed = ask({ type: "compress", codes: [[0, 3]] });
  equal([packed.codes, packed.information, packed.digit, packed.bits < 16], [[[0, 3]], 4, 0, true]);
  equal(atob(packed.data).length, Math.ceil(packed.bits / 8));
  equal(ask({ type: "previews", indices: [[0, 0]], cell: [0, 1] }).pictures.shape, [4, 28, 28]);
  equal(ask({ type: "sample", model: "none" }).code, "internal", "a model without a prior");
});

Deno.test("a prior of two levels answers with the codes of both", () => {
  const prior = { ...evenPrior(), config: /** @type {any} */ ({ height: 1, width: 2, coarse: { top: [1, 1] }, num_embeddings: 4 }) };
  const { add, addPrior, answer } = createAnswers({ createModel: () => /** @type {any} */ (null) }, () => 0);
  add("a", { config: {}, tensors: {}, check: CHECK });
  addPrior("a", createPriorAnswers(prior, [0.5, 0.25, 0.125, 0.125, 0.25, 0.25, 0.25, 0.25]));
  /** @param {object} request @returns {any} */
  const ask = (request) => answer({ seq: 1, model: "a", ...request });
  const sampled = ask({ type: "sample", digit: 3, temperature: 1, seed: 1, given: [[2, null]], "given.top": [[1]] });
  equal([sampled["codes.top"], sampled.codes[0][0], sampled["probabilities.top"].shape, sampled.probabilities.shape], [[[1]], 2, [1, 4], [2, 4]]);
  const codes = { codes: [[0, 3]], "codes.top": [[3]] };
  const scored = ask({ type: "score", ...codes });
  equal([[...scored["bits.top"].data], [...scored.bits.data], scored.total, scored.unigram_bits], [[2], [2, 2], 6, 7]);
  const packed = ask({ type: "compress", ...codes });
  equal([packed["codes.top"], packed.codes], [codes["codes.top"], codes.codes]);
});

Deno.test("a prior is loaded when it is asked first", async () => {
  using _time = fakeTime();
  const { backend, worker, errors, start } = open();
  /** @type {any[]} */
  const replies = [];
  const scores = backend.channel("score", (message) => replies.push(message));
  await start();
  ok(!backend.scoresFreely("a"), "not before it is here");
  scores.ask({ codes: [[0]] });
  await worker().lacks();
  equal([errors, worker().take()], [[texts.models.priorMissing], []]);
  scores.ask({ codes: [[1]] });
  scores.ask({ codes: [[2]] });
  equal(worker().sent.map(({ kind, document, weights }) => [kind, document, weights]), [
    ["prior", "https://school.example/a.prior.json", "https://school.example/a.prior.safetensors.gz"],
  ]);
  await worker().loads();
  ok(backend.scoresFreely("a"), "it is here");
  const [asked] = worker().take();
  equal(asked.codes, [[2]]);
  worker().answer(asked);
  equal(replies.length, 1);
  scores.ask({ codes: [[3]] });
  equal(worker().take().map(({ type }) => type), ["score"], "it is loaded once");
});

Deno.test("the worker loads each file once, describes models, and says what it could not load", async () => {
  const embeddings = { shape: [2, 2], data: [0.1, -1.5, 1 / 3, 123456.789] };
  const file = new Uint8Array(toSafetensors({ config: '{"architecture":"mlp"}' }, { "quantizer.embeddings": embeddings }));
  const text = (/** @type {object} */ value) => new TextEncoder().encode(JSON.stringify(value));
  /** @type {any[]} */
  const found = [];
  const keep = (/** @type {string} */ name, /** @type {any} */ weights) => found.push({ name, ...weights });
  const load = createLoader(Promise.resolve({ add: keep, addPrior: keep }), (prior) => Promise.resolve(/** @type {any} */ (prior)));
  const model = /** @type {const} */ ({ type: "load", kind: "model", key: "model b", name: "b" });
  const damaged = { ...model, document: text({}), weights: text({}) };
  equal((await load(damaged)).error, "Error: The safetensors file is damaged: it ends before its header.");
  const request = { ...model, document: text({ detail: { title: "B" }, check: 1 }), weights: file };
  const [{ type, key, description }, again] = await Promise.all([load(request), load(damaged)]);
  equal([type, key], ["loaded", "model b"]);
  equal(description, { title: "B", embeddings: [[0.1, -1.5], [0.33333334, 123456.79]] }, "digits as a server writes them");
  ok(again.description === description, "once");
  await load({ type: "load", kind: "prior", key: "prior b", name: "b", document: text({ code_usage: [1, 0] }), weights: file });
  equal(found.map(({ name, config, check, codeUsage }) => [name, config, check, codeUsage]), [
    ["b", { architecture: "mlp" }, 1, undefined],
    ["b", { architecture: "mlp" }, undefined, [1, 0]],
  ]);
  const codebooks = { "quantizer.embeddings": embeddings, "top_quantizer.embeddings": { shape: [1, 1], data: [5] } };
  const { description: two } = await load({
    ...model,
    key: "model two levels",
    document: text({ detail: { levels: { top: { code_order: [0] } } } }),
    weights: new Uint8Array(toSafetensors({ config: "{}" }, codebooks)),
  });
  equal(Object(two).levels, { top: { code_order: [0], embeddings: [[5]] } });
});

Deno.test("answers are the stream's, with the tensors that were asked for", () => {
  const tensor = (/** @type {number} */ value) => ({ shape: [1], data: Float32Array.of(value) });
  const losses = { reconstruction: 1, codebook: 2, commitment: 3, total: 4 };
  const pulls = { reconstruction: tensor(1), codebook: tensor(2), commitment: tensor(3) };
  /** @type {string[]} */
  const made = [];
  let now = 0;
  const createModel = (/** @type {any} */ { architecture }) => {
    made.push(architecture);
    if (architecture === "new") throw new Error("The kernel has no architecture new.");
    return {
      trace: (/** @type {Uint8Array} */ pixels, variant = "normal") => ({
        indices: [[variant.length]],
        losses,
        features: tensor(pixels[0]),
        distances: { shape: [1, 7], data: Float32Array.of(9, 9, 9, 9, 9, 2.001, 2) },
        quantized: tensor(3),
        reconstruction: tensor(4),
      }),
      decode: (/** @type {any} */ { indices: [[code]] }) => ({ shape: [2], data: Float32Array.of(code, 6) }),
      gradients: (/** @type {Uint8Array} */ _pixels, straightThrough = true) => ({
        quantized: tensor(Number(straightThrough)),
        features: pulls,
        embeddings: pulls,
      }),
    };
  };
  const { add, prepare, answer } = createAnswers({ createModel }, () => now += 2);
  const check = { pixels: btoa("\x07"), indices: [[6]], commitment: 3, reconstruction: pack([6, 6], [2]) };
  add("a", { config: { architecture: "mlp" }, tensors: {}, check });
  add("b", { config: { architecture: "new" }, tensors: {}, check });
  equal(made, [], "a model is made when it is asked");
  for (const name of ["a", "b", "c"]) prepare(name);
  equal(made.splice(1), ["new"], "or before");
  const pixels = Uint8Array.of(7);
  const common = { type: "trace", seq: 1, model: "a", variant: "bypass", indices: [[6]], losses, server_ms: 2 };
  equal(answer({ type: "trace", seq: 1, model: "a", pixels, variant: "bypass", stages: ["features", "reconstruction"] }), {
    ...common,
    features: tensor(7),
    reconstruction: tensor(4),
  });
  equal(Object.keys(answer({ type: "trace", seq: 1, model: "a", pixels, variant: "bypass" })).length, 11, "all tensors");
  equal(answer({ type: "decode", seq: 2, model: "a", indices: [[5]] }), {
    type: "decode",
    seq: 2,
    model: "a",
    reconstruction: { shape: [2], data: Float32Array.of(5, 6) },
    server_ms: 2,
  });
  equal(answer({ type: "backward", seq: 3, model: "a", pixels, straight_through: false }), {
    type: "backward",
    seq: 3,
    model: "a",
    straight_through: false,
    computed_by: "page",
    quantized: tensor(0),
    features: pulls,
    embeddings: pulls,
    server_ms: 2,
  });
  equal(made, ["mlp"], "once");
  const refused = (/** @type {object} */ request) => {
    const { type, code, message } = /** @type {any} */ (answer({ seq: 4, ...request }));
    return [type, code, message];
  };
  equal(refused({ type: "trace", model: "b", pixels }), ["error", "internal", "Error: The kernel has no architecture new."]);
  equal(refused({ type: "trace", model: "c", pixels }), ["error", "internal", "Error: no trace of c"]);
  equal(refused({ type: "toString", model: "a" }), ["error", "internal", "Error: no toString of a"]);

  /** @param {Partial<typeof check>} other */
  const checked = (other) => {
    add("d", { config: { architecture: "mlp", title: "D" }, tensors: {}, check: { ...check, ...other } });
    return refused({ type: "trace", model: "d", pixels });
  };
  const unusable = ["error", "unusable", "D"];
  equal(checked({ commitment: 3.01 }), unusable, "another encoder");
  equal(checked({ indices: [[0]] }), unusable, "other codes");
  equal(checked({ reconstruction: pack([6, 6.01], [2]) }), unusable, "another decoder");
  equal(checked({ indices: [[5]], reconstruction: pack([5, 6], [2]) })[0], "trace", "two codes at nearly the same distance");
});

Deno.test("answers of a model of two levels have the tensors of both", () => {
  const tensor = (/** @type {number} */ value) => ({ shape: [1], data: Float32Array.of(value) });
  const distances = { shape: [1, 3], data: Float32Array.of(3, 2, 1) };
  const stages = { features: tensor(1), distances, indices: [[2]], quantized: tensor(2) };
  const top = { "features.top": tensor(3), "distances.top": distances, "indices.top": [[2]], "quantized.top": tensor(4) };
  const losses = { reconstruction: 0, codebook: 1, commitment: 1, total: 2 };
  /** @type {any[]} */
  const decoded = [];
  const picture = { shape: [28, 28], data: new Float32Array(784) };
  const decode = (/** @type {any} */ codes) => {
    decoded.push([codes["indices.top"], codes.indices]);
    return picture;
  };
  const trace = () => ({ ...top, ...stages, losses, reconstruction: picture });
  const createModel = () => /** @type {any} */ ({ trace, decode });
  const { add, answer } = createAnswers({ createModel }, () => 0);
  const tensors = { "quantizer.embeddings": { shape: [3, 1], data: new Float32Array(3) } };
  const reconstruction = pack([...picture.data], [28, 28]);
  const check = { pixels: "", indices: [[2]], "indices.top": [[2]], commitment: 1, reconstruction };
  /** @param {object} request @returns {any} */
  const ask = (request) => answer({ seq: 1, model: "a", ...request });
  add("a", { config: {}, tensors, check });
  const { type: _, seq: __, model: ___, ...fields } = ask({ type: "trace", pixels: new Uint8Array(), stages: ["features"] });
  equal(fields, {
    variant: undefined,
    losses,
    features: tensor(1),
    indices: [[2]],
    "features.top": tensor(3),
    "indices.top": [[2]],
    server_ms: 0,
  });
  decoded.length = 0;
  equal(ask({ type: "decode", indices: null, "indices.top": [[1]] }).reconstruction, picture);
  equal(ask({ type: "previews", level: "top", cell: [0, 0], indices: null, "indices.top": [[1]] }).pictures.shape, [3, 28, 28]);
  equal(decoded, [[[[1]], null], [[[0]], null], [[[1]], null], [[[2]], null]]);

  add("a", { config: { title: "A" }, tensors, check: { ...check, "indices.top": [[0]] } });
  equal(ask({ type: "trace", pixels: new Uint8Array() }).code, "unusable", "another top encoder");
});

/** @param {Record<string, string>} elements text of each script by its name */
const page = (elements) => /** @type {any} */ ({
  baseURI: "https://school.example/sub/",
  querySelector: (/** @type {string} */ selector) => {
    const name = selector.match(/data-file="(.*)"/)?.[1] ?? "";
    return name in elements ? { textContent: elements[name] } : null;
  },
});

/** @param {string} text */
const gzip = async (text) =>
  new Uint8Array(await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer());

Deno.test("files lie beside the page, compressed or not, whatever the host does", async () => {
  const files = createFiles(page({ "site.json": '{"default":"a","models":[],"folder":"1/models/"}' }));
  equal([files.site.default, files.source("a.json")], ["a", "https://school.example/sub/1/models/a.json"]);
  /** @type {Record<string, Uint8Array>} */
  const host = { "a.json": new TextEncoder().encode("[1]"), "b.json": await gzip("[2]") };
  const get = (/** @type {string} */ address) => {
    const body = host[address];
    return Promise.resolve(new Response(body && new Blob([/** @type {any} */ (body)]), { status: body ? 200 : 404 }));
  };
  equal([await readJson("a.json", get), await readJson("b.json", get)], [[1], [2]]);
  const refused = await readJson("c.json", get).then(() => "", String);
  ok(/answered 404/.test(refused), refused);
});

Deno.test("a worker that was started before this code is used once", () => {
  using _worker = replaceGlobal("Worker", { value: class {} });
  const files = createFiles(page({}), /** @type {any} */ ("a worker"));
  equal(files.startWorker(), /** @type {any} */ ("a worker"));
  ok(files.startWorker() instanceof Worker, "a new one");
});

Deno.test("files lie in the page", async () => {
  const files = createFiles(
    page({ "site.json": '{"default":"a","models":[],"folder":""}', "a.json": btoa(String.fromCharCode(...await gzip("[3]"))) }),
  );
  equal(await readJson(files.source("a.json")), [3]);
});
