// @ts-check
/// <reference lib="deno.ns" />

/** Every step of the tour: the state in which it begins, the act that it waits for, and its words. */

import { TOUR_STEPS } from "../../static/core/state.js";
import { begin, missingFor, stepFrom, STEPS } from "../../static/tour/steps.js";
import english from "../../static/texts/en.json" with { type: "json" };
import { page as englishPage } from "../../static/texts/en.js";
import * as englishTour from "../../static/texts/en-tour.js";
import spanish from "../../static/texts/es.json" with { type: "json" };
import { page as spanishPage } from "../../static/texts/es.js";
import * as spanishTour from "../../static/texts/es-tour.js";
import { equal, ok } from "./assert.js";
import { codes, makeModel, makeStore, makeTrace } from "./state.js";

/** @typedef {import("../../static/core/types.d.ts").State} State */
/** @typedef {import("../../static/core/types.d.ts").Store} Store */
/** @typedef {import("../../static/core/types.d.ts").TourStep} TourStep */

/** Words that a step may have, with what it asks for or says then. */
const MOST_WORDS = 40;

/** Grade of the Flesch–Kincaid formula that no step may exceed, and that the whole tour may have. */
const HARDEST = { step: 7, tour: 4 };

const MODEL = { ...makeModel(), convolutional: true, prior: true };
/** Ink in the lower right corner, whose cell has code 1. */
const PIXELS = new Uint8Array(784).fill(0).fill(255, 27 * 28 + 20);
const CORNER = /** @type {const} */ ([1, 2]);

/**
 * @param {string} name
 * @param {number} size
 * @param {number} used
 */
const run = (name, size, used) => ({
  name,
  playback: true,
  prior: false,
  num_embeddings: size,
  metrics: { codes_used: used, perplexity: used, test_mse: 0.01 },
});

/** @param {Partial<State>} [initial] */
function open(initial) {
  const distances = { shape: [6, 4], data: new Float32Array(24) };
  const { store } = makeStore({
    model: MODEL,
    models: /** @type {any} */ ([run("plain", 20, 20), run("dead", 64, 3), run("other", 32, 32), run("alive", 64, 60)]),
    trace: makeTrace(MODEL, { distances, pixels: PIXELS }),
    pixels: PIXELS,
    ...initial,
  });
  return store;
}

/** @param {[number, number] | null} cell @param {number | null} code @param {any} stage */
const selected = (cell, code, stage) => ({ selection: { cell, code, stage } });

/**
 * What the learner does in each step, after other things that do not count.
 * @type {Record<TourStep, { other: Partial<State>[], act: Partial<State> }>}
 */
const ACTS = {
  "draw": { other: [{ pixels: new Uint8Array(784).fill(9) }], act: { steps: [{ kind: "stroke", points: [[1, 1]], radius: 1, erase: false }] } },
  "patch": { other: [selected([1, 2], null, "indices"), selected(null, 1, "embeddings")], act: selected([0, 0], null, "features") },
  "nearest-code": { other: [selected(null, 3, "embeddings"), selected([0, 1], 2, "distances")], act: selected(null, 1, "embeddings") },
  "distance": { other: [selected([0, 0], null, "distances"), selected([1, 2], 1, "distances")], act: selected([1, 2], 0, "distances") },
  "bits": { other: [selected(null, 1, "embeddings")], act: selected([0, 0], null, "indices") },
  "decode": { other: [{ channel: 1 }], act: { difference: true } },
  "paint": { other: [{ brushCode: 2 }], act: { steps: [codes(MODEL, [[1, 1, 1], [1, 1, 1]])] } },
  "bypass": { other: [{ variant: "wrong-reshape" }], act: { variant: "bypass" } },
  "straight-through": { other: [{ backward: false }], act: { straightThrough: false } },
  "losses": { other: [selected([0, 0], null, "indices")], act: selected(null, null, "codebook_loss") },
  "collapse": { other: [{ speed: 2 }], act: { playing: true } },
  "generate": { other: [{ writes: true }, { writes: false, digit: 3 }], act: { digit: 3, writes: true } },
};

Deno.test("every step has its state, its act and its words, in the order of the addresses", () => {
  for (const table of [STEPS, englishTour.steps, spanishTour.steps, ACTS]) equal(Object.keys(table), [...TOUR_STEPS]);
  for (const id of TOUR_STEPS) ok(/^[a-z]+(-[a-z]+)*$/.test(id), id);
  equal([stepFrom("draw", -1), stepFrom("draw", 1), stepFrom("generate", 1)], [undefined, "patch", undefined]);
});

Deno.test("a step waits for its own act, and begins again from whatever the learner did", () => {
  for (const id of TOUR_STEPS) {
    const store = open();
    for (const round of ["first", "again"]) {
      const before = begin(id, store);
      const { acted } = STEPS[id];
      ok(!acted(store, before), `${id}, ${round}: nothing has been done`);
      for (const values of ACTS[id].other) {
        store.assign(values);
        ok(!acted(store, before), `${id}, ${round}: ${Deno.inspect(values)} does not count`);
      }
      store.assign(/** @type {Partial<State>} */ (structuredClone(ACTS[id].act)));
      ok(acted(store, before), `${id}, ${round}: the act counts`);
      store.set("pinned", false);
    }
  }
});

Deno.test("each step brings the page into the same state from any other", () => {
  for (const id of TOUR_STEPS) {
    const fresh = open();
    begin(id, fresh);
    const mess = open({
      details: true,
      generate: true,
      compare: true,
      variant: "wrong-reshape",
      backward: true,
      straightThrough: false,
      difference: true,
      tool: "erase",
      level: "top",
      ...selected(null, 3, "embeddings"),
      pinned: true,
    });
    begin(id, mess);
    for (const key of /** @type {const} */ (["details", "generate", "health", "compare", "playback", "variant", "backward"])) {
      equal(mess.get(key), fresh.get(key), `${id}: ${key}`);
    }
    for (const key of /** @type {const} */ (["selection", "pinned", "editing", "brushCode", "difference", "tool", "runs", "level"])) {
      equal(mess.get(key), fresh.get(key), `${id}: ${key}`);
    }
  }
});

Deno.test("steps about a cell take the learner's, or else one with ink", () => {
  for (const id of /** @type {const} */ (["patch", "nearest-code", "distance"])) {
    const store = open();
    begin(id, store);
    equal([store.get("selection")?.cell, store.get("pinned")], [[...CORNER], true], id);
    store.assign({ ...selected([0, 1], null, "indices"), pinned: true });
    begin(id, store);
    equal(store.get("selection")?.cell, [0, 1], id);
    store.assign(selected([5, 5], null, "indices"));
    begin(id, store);
    equal(store.get("selection")?.cell, [...CORNER], `${id}: a cell that another model had`);
  }
  const store = open();
  begin("paint", store);
  equal([store.get("brushCode"), store.get("editing")], [1, true]);
});

Deno.test("painted codes are taken back for other steps, and undo brings them back", () => {
  const store = open({ steps: [codes(MODEL, [[1, 1, 1], [1, 1, 1]])] });
  begin("bypass", store);
  equal([store.get("edited"), store.get("steps").length], [null, 2]);
});

Deno.test("the step about collapse shows a run that collapsed beside one of the same size", () => {
  const store = open();
  begin("collapse", store);
  equal(store.get("runs"), ["dead", "alive"]);
});

Deno.test("a step whose page or model lacks what it needs says so", () => {
  const whole = open({ model: { ...MODEL, convolutional: false, prior: false } });
  const lacking = TOUR_STEPS.flatMap((id) => missingFor(id, whole) ?? []);
  equal(lacking, ["patches", "prior"]);
  const few = open({ models: /** @type {any} */ ([run("dead", 64, 3), run("other", 32, 32)]) });
  equal(missingFor("collapse", few), "runs");
  equal(TOUR_STEPS.flatMap((id) => missingFor(id, open()) ?? []), []);
  const lent = open({
    model: { ...MODEL, prior: false },
    models: /** @type {any} */ ([run("plain", 20, 20), { ...run("writer", 20, 20), prior: true }]),
  });
  equal(missingFor("generate", lent), null);
  begin("generate", lent);
  equal(lent.get("modelName"), "writer");
});

/** Values of the shipped model, and of a model with one cell and one number. */
const FACTS = [
  { cells: 49, codes: 20, depth: 16, bits: 212, pictureBits: 6272, code: 7, users: 12 },
  { cells: 1, codes: 1, depth: 1, bits: 1, pictureBits: 6272, code: 0, users: 1 },
];

/**
 * What each step says, with what it asks for and with what it says after that.
 * @param {typeof englishTour} tour
 */
const saidIn = ({ steps }) =>
  TOUR_STEPS.flatMap((id) =>
    FACTS.flatMap((facts) => {
      const { title, text, act, done } = steps[id];
      return [act, done].map((end) => ({ id, title: title(facts), said: `${text(facts)} ${end(facts)}` }));
    })
  );
const SAID = saidIn(englishTour);
const TOURS = [englishTour, spanishTour];

/** @param {string} said */
const wordsOf = (said) => said.match(/[\p{L}\p{N}’–-]*[\p{L}\p{N}]/gu) ?? [];

/**
 * The grade of the Flesch–Kincaid formula (Kincaid and others, 1975). Syllables are groups of vowels, without a silent e.
 * @param {string[]} texts
 */
function grade(texts) {
  const words = texts.flatMap(wordsOf).filter((word) => /[a-z]/i.test(word));
  const sentences = texts.flatMap((text) => text.match(/[.?!](?= |$)/g) ?? []).length;
  const syllables = words.reduce((sum, word) => {
    const groups = word.toLowerCase().replace(/(?:[^laeiouy]e|ed)$/, "").match(/[aeiouy]+/g) ?? [];
    return sum + Math.max(1, groups.length);
  }, 0);
  return 0.39 * words.length / sentences + 11.8 * syllables / words.length - 15.59;
}

Deno.test("no step has more words than a learner reads at a glance", () => {
  for (const { id, said, title } of TOURS.flatMap(saidIn)) {
    ok(wordsOf(said).length <= MOST_WORDS, `${id}: ${wordsOf(said).length} words: ${said}`);
    ok(title.length <= 32, title);
  }
  for (const { missing } of TOURS) for (const said of Object.values(missing)) ok(wordsOf(said).length <= MOST_WORDS, said);
});

Deno.test("the tour is plain to read", () => {
  equal(Math.round(grade(["The cat sat on the mat."])), -1, "the formula");
  for (const { id, said } of SAID) ok(grade([said]) <= HARDEST.step, `${id}: grade ${grade([said]).toFixed(1)}`);
  const all = grade(SAID.map(({ said }) => said));
  ok(all <= HARDEST.tour, `grade ${all.toFixed(1)}`);
});

Deno.test("sentences have no holes, and counts agree", () => {
  for (const { id, said, title } of TOURS.flatMap(saidIn)) {
    for (const sentence of [title, said]) {
      ok(!/undefined|NaN|null|\{\w*\}| {2}/.test(sentence), `${id}: ${sentence}`);
      ok(!/\b1 (?:cells|codes|numbers|bits|vectors|differences|learned vectors|code numbers)\b/.test(sentence), sentence);
      ok(!/\b1 (?:celdas|códigos|números|bits|vectores|diferencias)(?!\p{L})/u.test(sentence), sentence);
      ok(!/[“”]/.test(sentence) || /“[^“”]+”/.test(sentence), sentence);
    }
  }
  ok(/step 2 of 12: A title\. One\. Two\./.test(englishTour.card.spoken(2, 12, "A title", ["One.", "Two."])), "spoken");
});

Deno.test("buttons that a step names are in the page by that name", () => {
  const inEnglish = /** @type {Record<string, string>} */ ({ ...english, ...englishPage });
  const inSpanish = /** @type {Record<string, string>} */ ({ ...spanish, ...spanishPage });
  const labels = ["experiments.bypass", "figure.reconstruction.difference", "generate.write.play", "training.straight-through"];
  for (const [texts, said, quoted] of /** @type {const} */ ([[inEnglish, SAID, /“([^”]+)”/g], [inSpanish, saidIn(spanishTour), /«([^»]+)»/g]])) {
    const named = new Set(said.flatMap((step) => [...step.said.matchAll(quoted)].map(([, label]) => label)));
    equal([...named].sort(), labels.map((name) => texts[name]).sort());
  }
});
