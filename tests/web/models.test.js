// @ts-check

import { api, toModel } from "../../static/backend/api.js";
import { createModels } from "../../static/backend/models.js";
import { texts } from "../../static/texts/texts.js";
import { equal, ok } from "./assert.js";
import { stroke } from "./drawings.js";
import { replaceGlobal } from "./globals.js";
import { codes, makeStore, makeTrace } from "./state.js";

/**
 * A model as the server describes it.
 * @param {string} name
 * @param {object} [fields]
 */
function describe(name, fields) {
  return {
    name,
    title: `Model ${name}`,
    grid: [2, 3],
    num_embeddings: 3,
    embedding_dim: 2,
    metrics: { test_mse: 0.01, codes_used: 3, perplexity: 3 },
    stages: { features: [2, 3, 2] },
    embeddings: [[0, 1], [-3, 0.5], [2, 2]],
    code_order: [1, 0, 2],
    ...fields,
  };
}

/** A server with the models a, b and c, whose responses the test releases. */
function serve() {
  /** @type {Record<string, object>} */
  const models = { a: describe("a"), b: describe("b"), c: describe("c") };
  /** @type {{ path: string, settle: (failed?: boolean) => Promise<void> }[]} */
  const waiting = [];
  /** @param {string} path */
  const answer = (path) => {
    if (path === "/api/models") return { default: "a", models: Object.keys(models).map((name) => ({ name, title: `Model ${name}` })) };
    return models[path.replace("/api/models/", "")];
  };
  const fetch = (/** @type {string} */ path) =>
    new Promise((resolve) => {
      waiting.push({
        path,
        async settle(failed = false) {
          const body = failed ? undefined : answer(path);
          resolve({
            ok: body !== undefined,
            status: body ? 200 : 500,
            json: () => Promise.resolve(structuredClone(body)),
          });
          await settled();
        },
      });
    });
  return {
    models,
    waiting,
    /** Answers everything, in the order in which it was asked. @returns {Promise<string[]>} what was asked */
    async answerAll() {
      const paths = [];
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        paths.push(next.path);
        await next.settle();
      }
      return paths;
    },
    ...replaceGlobal("fetch", { value: fetch }),
  };
}

/** Runs the continuations of resolved promises. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

/** @param {Partial<import("../../static/core/types.d.ts").State>} [initial] */
function start(initial) {
  const { store, frame } = makeStore(initial);
  const models = createModels(store, api);
  store.subscribe(models.update);
  return {
    store,
    models,
    /** @param {string} name */
    choose(name) {
      store.set("modelName", name);
      frame();
    },
  };
}

Deno.test("without a choice the server's default is shown", async () => {
  using server = serve();
  const { store, models } = start();
  models.renew();
  equal(await server.answerAll(), ["/api/models", "/api/models/a"]);
  equal([store.get("model")?.name, store.get("models").map(({ name }) => name)], ["a", ["a", "b", "c"]]);
  equal([store.get("modelName"), store.get("notice")], ["", null]);
});

Deno.test("a description becomes a model: its grid, its palette, one scale around zero", async () => {
  using server = serve();
  const loading = api.describeModel("b");
  await server.answerAll();
  const model = toModel(await loading);
  equal([model.grid, model.scale], [{ height: 2, width: 3, numEmbeddings: 3 }, { low: -3, high: 3 }]);
  equal([model.palette.fill.length, model.title], [3, "Model b"]);
});

Deno.test("a name is escaped in the path of the request", async () => {
  using server = serve();
  const loading = api.describeModel("../x y");
  equal(server.waiting[0].path, "/api/models/..%2Fx%20y");
  const refused = loading.then(() => "", String);
  await server.answerAll();
  ok(/answered 500/.test(await refused), "what the server does not have is an error");
});

Deno.test("the chosen model is shown, and asked for once", async () => {
  using server = serve();
  const { store, models, choose } = start({ modelName: "b" });
  models.renew();
  equal(await server.answerAll(), ["/api/models", "/api/models/b"]);
  equal(store.get("model")?.name, "b");
  choose("c");
  equal(await server.answerAll(), ["/api/models/c"]);
  const shown = store.get("model");
  choose("b");
  equal(await server.answerAll(), [], "it has been described");
  choose("c");
  await settled();
  ok(store.get("model") === shown, "the same model");
});

Deno.test("a name that the server does not have is reported, and the default shown", async () => {
  for (const name of ["no-such-model", "x".repeat(64)]) {
    using server = serve();
    const { store, models } = start({ modelName: name });
    models.renew();
    equal(await server.answerAll(), ["/api/models", "/api/models/a"]);
    equal([store.get("model")?.name, store.get("modelName")], ["a", ""]);
    equal(store.get("notice")?.text, texts.backend.noModel(name, "Model a"));
  }
});

Deno.test("the newest choice wins, whichever description comes first", async () => {
  for (const order of [[0, 1], [1, 0]]) {
    using server = serve();
    const { store, models, choose } = start();
    models.renew();
    await server.answerAll();
    choose("b");
    choose("c");
    const asked = server.waiting.splice(0);
    equal(asked.map(({ path }) => path), ["/api/models/b", "/api/models/c"]);
    for (const n of order) await asked[n].settle();
    equal([store.get("model")?.name, store.get("modelName")], ["c", "c"]);
  }
});

Deno.test("what is being loaded is in the store until it is there or has failed", async () => {
  using server = serve();
  const { store, models, choose } = start();
  models.renew();
  equal(store.get("loading"), "");
  await server.waiting.splice(0)[0].settle();
  equal([store.get("loading"), store.get("outdated")], ["a", "loading"]);
  await server.answerAll();
  equal(store.get("loading"), "");
  choose("b");
  equal([store.get("loading"), store.get("outdated")], ["b", "loading"]);
  choose("c");
  equal(store.get("loading"), "c");
  const [late, asked] = server.waiting.splice(0);
  await late.settle();
  equal(store.get("loading"), "c");
  await asked.settle(true);
  equal([store.get("loading"), store.get("model")?.name], ["", "a"]);
  choose("b");
  models.reset();
  equal(store.get("loading"), "");
});

Deno.test("if a description fails, the model stays and the choice returns to it", async () => {
  using server = serve();
  const { store, models, choose } = start();
  models.renew();
  await server.answerAll();
  choose("b");
  await server.waiting.splice(0)[0].settle(true);
  equal([store.get("model")?.name, store.get("modelName")], ["a", "a"]);
  equal(store.get("notice")?.text, texts.backend.modelKept("Model b", "Model a"));
  choose("b");
  await server.answerAll();
  equal(store.get("model")?.name, "b", "it can be tried again");
});

Deno.test("a list of models that fails is requested again at the next connection", async () => {
  using server = serve();
  const { store, models } = start();
  models.renew();
  await server.waiting.splice(0)[0].settle(true);
  equal([store.get("model"), store.get("notice")?.text], [null, texts.backend.modelMissing]);
  models.renew();
  await server.waiting.splice(0)[0].settle();
  await server.waiting.splice(0)[0].settle(true);
  equal([store.get("model"), store.get("notice")?.text], [null, texts.backend.modelMissing]);
  models.renew();
  await server.answerAll();
  equal(store.get("model")?.name, "a");
});

Deno.test("a list that comes late yields to that of a newer connection", async () => {
  using server = serve();
  const { store, models } = start();
  models.renew();
  models.renew();
  const [late, list] = server.waiting.splice(0);
  await list.settle();
  delete server.models.b;
  await late.settle();
  await server.answerAll();
  equal([store.get("models").map(({ name }) => name), store.get("model")?.name], [["a", "b", "c"], "a"]);
});

Deno.test("after a reconnection views keep a model that is still the same", async () => {
  using server = serve();
  const { store, models } = start();
  models.renew();
  await server.answerAll();
  const model = store.get("model");
  ok(model, "a model");
  const trace = makeTrace(model, { features: { shape: [2, 3, 2], data: new Float32Array(12) } });
  store.set("trace", trace);
  models.renew();
  equal(await server.answerAll(), ["/api/models", "/api/models/a"], "it is asked for again");
  ok(store.get("model") === model && store.get("trace") === trace, "nothing is built anew");

  // The same name, other weights.
  server.models.a = describe("a", { embeddings: [[9, 9], [0, 0], [1, 1]] });
  store.set("steps", [codes(model, [[1, 1, 1], [1, 1, 1]])]);
  store.set("selection", { cell: [0, 0], code: null, stage: "indices" });
  models.renew();
  await server.answerAll();
  equal([store.get("model")?.scale.high, store.get("edited")], [9, null]);
  ok(store.get("trace") === trace && store.get("selection"), "they fit the model still");

  // And another grid.
  server.models.a = describe("a", { grid: [1, 1], stages: { features: [1, 1, 2] } });
  models.renew();
  await server.answerAll();
  equal(store.get("trace"), null);
});

Deno.test("a switch keeps the drawing and drops what belongs to the former model", async () => {
  using server = serve();
  const { store, models, choose } = start();
  models.renew();
  await server.answerAll();
  const model = store.get("model");
  ok(model, "a model");
  const drawing = new Uint8Array(784).fill(7);
  const trace = makeTrace(model);
  store.assign({
    drawing,
    trace,
    reference: trace,
    steps: [stroke([[5, 5]]), codes(model, [[1, 1, 1], [1, 1, 1]])],
    brushCode: 1,
    editing: true,
    variant: "bypass",
    pinned: true,
    selection: { cell: [0, 0], code: null, stage: "indices" },
    entry: { stage: "features", row: 0, column: 0 },
    details: true,
    channel: 1,
  });
  ok(store.get("edited"), "edited");
  choose("b");
  await server.answerAll();
  equal(store.get("steps"), [stroke([[5, 5]])]);
  for (
    const key of /** @type {const} */ (["trace", "reference", "edited", "brushCode", "selection", "entry", "gradients"])
  ) {
    equal(store.get(key), null, key);
  }
  equal([store.get("editing"), store.get("pinned"), store.get("variant")], [false, false, "normal"]);
  ok(store.get("drawing") === drawing && store.get("details") && store.get("channel") === 1, "the visitor's own");
});

Deno.test("what an address brings for a model stays until it is shown, and with it", async () => {
  using server = serve();
  const { store, models, choose } = start();
  models.renew();
  await server.answerAll();
  const grid = [[1, 1, 1], [2, 2, 2]];
  const selection = /** @type {const} */ ({ cell: null, code: 1, stage: "embeddings" });
  const values = { variant: /** @type {const} */ ("bypass"), pinned: true, selection };
  models.expect("b");
  store.assign({ ...values, steps: [{ kind: "codes", codes: grid, model: "b" }] });
  equal(store.get("edited"), null, "model a is still shown");
  choose("b");
  await server.answerAll();
  equal([store.get("variant"), store.get("pinned"), store.get("selection")], ["bypass", true, selection]);
  equal(store.get("edited"), grid);

  // What does not fit the model goes.
  models.expect("a");
  const outside = /** @type {const} */ ({ cell: null, code: 9, stage: "embeddings" });
  store.assign({ ...values, selection: outside, steps: [{ kind: "codes", codes: [[9]], model: "a" }] });
  choose("a");
  await server.answerAll();
  equal([store.get("pinned"), store.get("selection"), store.get("steps")], [false, null, []]);

  // Another choice comes first.
  models.expect("b");
  store.assign(values);
  choose("c");
  await server.answerAll();
  equal([store.get("variant"), store.get("selection")], ["normal", null]);
});

Deno.test("at the start, what the address brings is kept if it fits", async () => {
  using server = serve();
  const grid = [[1, 1, 1], [2, 2, 2]];
  for (const codes of [grid, [[1]]]) {
    const { store, models } = start({ modelName: "b", variant: "bypass", steps: [{ kind: "codes", codes, model: "b" }] });
    models.renew();
    await server.answerAll();
    equal([store.get("variant"), store.get("edited")], ["bypass", codes === grid ? grid : null]);
  }
});

Deno.test("a reset returns to the default, and drops a description on its way", async () => {
  using server = serve();
  const { store, models, choose } = start();
  equal(models.reset(), null, "nothing has been described");
  models.renew();
  await server.answerAll();
  choose("b");
  equal(models.reset()?.name, "a");
  await server.answerAll();
  equal(store.get("model")?.name, "a");
});
