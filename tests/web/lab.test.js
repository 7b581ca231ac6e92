// @ts-check
/// <reference lib="deno.ns" />

/** Training in the page: what is asked of the server, curves, and every sentence. */

import { equal, ok } from "./assert.js";
import { until, valueAt } from "../../static/lab/curves.js";
import { createTrainings, Refusal } from "../../static/lab/trainings.js";
import * as texts from "../../static/texts/en-lab.js";

/** @typedef {import("../../static/core/types.d.ts").Training} Training */

const PIXELS = new Uint8Array(784);

/**
 * A server that gives answers one after the other; an error is a lost connection.
 * @param {...(object | number | Error)} answers with a status code in front of those of errors
 */
function serve(...answers) {
  /** @type {[string, string, any][]} */
  const asked = [];
  /** @type {number[]} */
  const rests = [];
  const trainings = createTrainings({
    fetch: /** @type {any} */ ((/** @type {string} */ path, /** @type {RequestInit} */ { method, body }) => {
      asked.push([String(method), path, body ? JSON.parse(String(body)) : null]);
      const answer = answers.shift();
      if (answer instanceof Error) return Promise.reject(answer);
      if (typeof answer !== "number") return Promise.resolve(Response.json(answer));
      return Promise.resolve(Response.json(answers.shift(), { status: answer }));
    }),
    rest: (milliseconds) => Promise.resolve(void rests.push(milliseconds)),
  });
  return { ...trainings, asked, rests };
}

/**
 * @param {string} state
 * @param {number[]} steps
 * @param {number} next
 */
const progress = (state, steps, next) => ({
  id: "a",
  status: { state, reason: "" },
  position: 0,
  snapshots: steps.map((step) => ({ step })),
  next,
});

Deno.test("a training is asked for, followed to its end and stopped", async () => {
  const { start, follow, draw, stop, weightsUrl, asked } = serve(
    { ...progress("waiting", [], 0), position: 1 },
    progress("training", [0, 5], 70),
    progress("training", [], 70),
    progress("finished", [9], 99),
    {},
    {},
  );
  const training = await start({ codes: 8, beta: 0.25, codebook: "frozen" }, PIXELS);
  equal([training.id, training.position, training.codes, training.snapshots.length], ["a", 1, 8, 0]);
  /** @type {[string, number[]][]} */
  const reported = [];
  await follow(training, ({ status, snapshots }) => {
    reported.push([status.state, snapshots.map(({ step }) => step)]);
    return true;
  });
  equal(reported, [["waiting", []], ["training", [0, 5]], ["training", [0, 5]], ["finished", [0, 5, 9]]]);
  await draw("a", PIXELS);
  await stop("a");
  equal(asked.map(([method, path]) => `${method} ${path}`), [
    "POST /api/trainings",
    "GET /api/trainings/a?after=0",
    "GET /api/trainings/a?after=70",
    "GET /api/trainings/a?after=70",
    "PUT /api/trainings/a/drawing",
    "DELETE /api/trainings/a",
  ]);
  const { pixels, ...choice } = asked[0][2];
  equal(choice, { num_embeddings: 8, beta: 0.25, codebook: "frozen" });
  equal([asked[4][2].pixels, atob(pixels).length], [pixels, 784]);
  equal(weightsUrl("a"), "/api/trainings/a/weights");
});

Deno.test("a lost connection is waited for; a training that the server has forgotten has ended", async () => {
  const { start, follow, rests } = serve(
    progress("training", [], 0),
    new TypeError("no network"),
    progress("training", [0], 10),
    404,
    { code: "unknown_training" },
  );
  /** @type {Training["status"][]} */
  const seen = [];
  await follow(await start({ codes: 8, beta: 0, codebook: "ema" }, PIXELS), ({ status }) => {
    seen.push(status);
    return true;
  });
  equal(seen.map(({ state }) => state), ["training", "training", "training", "failed"]);
  equal(seen.at(-1)?.reason, "ended");
  equal(rests.filter((rest) => rest >= 1000).length, 1);
});

Deno.test("one that is not wanted any more is not followed", async () => {
  const { start, follow, asked } = serve(progress("training", [], 0));
  await follow(await start({ codes: 8, beta: 0, codebook: "ema" }, PIXELS), () => false);
  equal(asked.length, 1);
});

Deno.test("errors have their code", async () => {
  const { start, prepare } = serve(503, { code: "busy" }, { hindrance: "mnist" });
  const refused = await start({ codes: 8, beta: 0, codebook: "ema" }, PIXELS).catch((error) => error);
  equal([refused instanceof Refusal, refused.code], [true, "busy"]);
  equal((await prepare()).hindrance, "mnist");
});

Deno.test("values between two steps, and none outside", () => {
  /** @type {[number, number][]} */
  const points = [[0, 4], [10, 2], [30, 3]];
  equal([0, 5, 10, 20, 30].map((step) => valueAt(points, step)), [4, 3, 2, 2.5, 3]);
  equal([valueAt(points, 31), valueAt([], 0), valueAt([[5, 1]], 0)].map(Number.isNaN), [true, true, true]);
  equal(until(points, 20), [[0, 4], [10, 2], [20, 2.5]]);
  equal(until(points, 40), points);
  equal(until([], 40), []);
});

Deno.test("every sentence is one", () => {
  const said = [
    ...Object.values(texts.hindrances),
    ...Object.values(texts.states),
    ...Object.values(texts.finished),
    ...Object.values(texts.failures),
    ...[0, 1, 2].map(texts.waiting),
    ...[60, 180].map(texts.limits),
    texts.unreachable,
    texts.full,
    texts.progress(1000, 0.0123, 1, 20),
    texts.facts({ step: 1000, error: 0.0123, used: 1, codes: 20, perplexity: 1 }),
    texts.compared("Residual", 0.0123, 9.87),
  ];
  for (const sentence of said) ok(/^[A-Z].*\.$/.test(sentence) && !/undefined|NaN/.test(sentence), sentence);
  equal(texts.facts({ step: 1000, error: 0.0123, used: 1, codes: 20, perplexity: 1 }),
    "Step 1,000: error 0.0123, 1 of 20 codes used, perplexity 1.0.");
  equal(texts.limits(180), "One model is trained at a time, for at most 3 minutes.");
});
