// @ts-check

import { NAMED_SETTINGS, readSettings, recall, remember, rememberSettings } from "../../static/core/settings.js";
import { SETTINGS } from "../../static/core/state.js";
import { equal, holds } from "./assert.js";
import { fakeAddress, fakeStorage, forbiddenStorage, replaceGlobal } from "./globals.js";
import { makeStore } from "./state.js";

/** @typedef {keyof import("../../static/core/state.js").Settings} Key */

/**
 * For each setting the texts that it takes, with their values, and texts that it refuses.
 * @type {Record<Key, [[string, unknown][], string[]]>}
 */
const CASES = {
  modelName: [
    [["", ""], ["a", "a"], ["residual-20", "residual-20"], ["x".repeat(64), "x".repeat(64)]],
    ["UPPER", "<script>", "../../etc", "-a", "a b", "x".repeat(65), "ä"],
  ],
  centre: [[["true", true], ["false", false]], ["perhaps", "", "True", "1", "truefalse"]],
  brush: [[["0.75", 0.75], ["2.5", 2.5], ["1.3", 1.3]], [
    "0.74",
    "2.51",
    "1e9",
    "-1",
    "",
    " ",
    "NaN",
    "Infinity",
    "1.3x",
  ]],
  theme: [[["dark", "dark"], ["light", "light"], ["system", "system"]], ["pink", "", "Dark", "dark "]],
  difference: [[["true", true], ["false", false]], ["yes"]],
  channel: [[["0", 0], ["15", 15], ["9999", 9999]], ["-1", "x", "", "1.5", "10000", "1e2", " 1"]],
  scaling: [[["row", "row"], ["shared", "shared"]], ["column", ""]],
  details: [[["true", true], ["false", false]], ["open"]],
  compare: [[["true", true], ["false", false]], ["open"]],
  health: [[["true", true], ["false", false]], ["open"]],
  playback: [[["true", true], ["false", false]], ["open"]],
  lab: [[["true", true], ["false", false]], ["open"]],
  generate: [[["true", true], ["false", false]], ["open"]],
  meter: [[["true", true], ["false", false]], ["open"]],
  level: [[["", ""], ["top", "top"]], ["Top", "1", "<script>", "a".repeat(17)]],
  listing: [[["quantizer", "quantizer"], ["encoder.top", "encoder.top"], ["wrong-reshape", "wrong-reshape"]], ["", "Quantizer", "<script>", "a".repeat(33)]],
  selection: [
    [
      ["", null],
      ["indices.3.4", { stage: "indices", cell: [3, 4], code: null }],
      ["distances.0.12.c511", { stage: "distances", cell: [0, 12], code: 511 }],
      ["embeddings.c7", { stage: "embeddings", cell: null, code: 7 }],
      ["codebook_loss", { stage: "codebook_loss", cell: null, code: null }],
    ],
    ["nothing.3.4", "indices.3", "indices.-1.2", "indices.3.4.5", "embeddings.7", "toString", "indices.1.2.c", "<b>"],
  ],
  variant: [[["normal", "normal"], ["bypass", "bypass"], ["wrong-reshape", "wrong-reshape"]], ["", "reshape"]],
  backward: [[["true", true], ["false", false]], ["on"]],
  straightThrough: [[["true", true], ["false", false]], ["off"]],
  digit: [[["any", null], ["0", 0], ["9", 9]], ["", "10", "-1", "null", "x"]],
  temperature: [[["0.1", 0.1], ["1", 1], ["2", 2]], ["0", "0.09", "2.1", "", "NaN"]],
  seed: [[["0", 0], ["4294967295", 2 ** 32 - 1]], ["4294967296", "-1", "1.5", "", "x"]],
  keptRows: [[["0", 0], ["6", 6]], ["-1", "x", ""]],
  tour: [[["", ""], ["draw", "draw"], ["straight-through", "straight-through"]], ["start", "Draw", "13", "<b>"]],
  toured: [[["draw", "draw"], ["generate", "generate"]], ["", "end"]],
  scene: [[["", ""], ["stop-gradient", "stop-gradient"]], ["A", "a b", "a".repeat(41), "<b>"]],
};

Deno.test("every setting takes what it understands and refuses the rest", () => {
  equal(Object.keys(CASES).sort(), Object.keys(SETTINGS).sort(), "every setting is tested");
  for (const { key, name, setting } of NAMED_SETTINGS) {
    const [taken, refused] = CASES[key];
    for (const [text, value] of taken) equal(setting.parse(text), value, `${name}=${text}`);
    for (const text of refused) equal(setting.parse(text), undefined, `${name}=${text}`);
  }
});

Deno.test("what a first visitor finds", () => {
  const initial = Object.fromEntries(NAMED_SETTINGS.map(({ key, setting }) => [key, setting.initial]));
  const { modelName, centre, brush, theme, channel, scaling, listing, selection, variant, straightThrough, ...rest } =
    initial;
  const { digit, temperature, seed, keptRows, scene, level, tour, toured, ...closed } = rest;
  equal([digit, temperature, seed, keptRows, scene, level, tour, toured], [null, 1, 1, 4, "", "", "", "draw"]);
  equal([modelName, centre, brush, theme, channel, scaling], ["", true, 1.25, "system", 0, "row"]);
  equal([listing, selection, variant, straightThrough], ["quantizer", null, "normal", true]);
  equal(new Set(Object.values(closed)), new Set([false]), "parts of the page are closed");
  const { store } = makeStore();
  for (const key of /** @type {const} */ (["editing", "pinned", "inked", "playing"])) {
    equal(store.get(key), false, key);
  }
  for (const key of /** @type {const} */ (["drawing", "pixels"])) equal(store.get(key), new Uint8Array(784), key);
  equal(store.get("tool"), "draw");
});

Deno.test("what is written is read back, defaults included", () => {
  for (const { key, name, setting } of NAMED_SETTINGS) {
    for (const value of [setting.initial, ...CASES[key][0].map(([, value]) => value)]) {
      equal(setting.parse(setting.format(/** @type {never} */ (value))), value, name);
    }
  }
  holds(50, (random) => {
    const brush = 0.75 + 1.75 * random();
    equal(SETTINGS.brush.parse(String(brush)), brush);
  });
});

Deno.test("settings are read by their names, and what is refused is named", () => {
  const texts = { model: "minimal-20", modelName: "unheard", centre: "perhaps", brush: "2", theme: "pink", zoom: "3" };
  const { values, refused } = readSettings("stored", (name) => Object.hasOwn(texts, name) ? Reflect.get(texts, name) : null);
  equal(values, { modelName: "minimal-20", brush: 2 });
  equal(refused, ["centre", "theme"]);
  equal(readSettings("stored", () => null), { values: {}, refused: [] });
});

Deno.test("what is not of a kind is neither read nor stored", () => {
  const read = (/** @type {string} */ name) => name === "pin" ? "indices.3.4" : name === "brush" ? "2" : null;
  equal(readSettings("stored", read).values, { brush: 2 });
  equal(readSettings("shared", read).values, { selection: { stage: "indices", cell: [3, 4], code: null } });
  using storage = fakeStorage();
  rememberSettings(makeStore({ variant: "bypass" }).store, new Set(["variant"]));
  equal(storage.items.size, 0);
});

Deno.test("what changed is stored, and nothing else", () => {
  using storage = fakeStorage({ other: "untouched" });
  const { store } = makeStore({ brush: 2, theme: "light", modelName: "minimal-20" });
  rememberSettings(store, new Set(["brush", "modelName", "steps", "trace"]));
  equal(Object.fromEntries(storage.items), {
    other: "untouched",
    "vqvae-explainer.brush": "2",
    "vqvae-explainer.model": "minimal-20",
  });
  equal(readSettings("stored", recall), { values: { brush: 2, modelName: "minimal-20" }, refused: [] });
});

Deno.test("where storage is forbidden nothing is stored, and nothing breaks", () => {
  using _storage = forbiddenStorage();
  equal(recall("brush"), null);
  remember("brush", "2");
  equal(readSettings("stored", recall), { values: {}, refused: [] });
});

Deno.test("the first paint finds the theme where it is stored; an exported page starts what it will need", async () => {
  const paint = {
    dark: () => import("../../static/boot.js?dark"),
    light: () => import("../../static/boot.js?light"),
    stored: () => import("../../static/boot.js?stored"),
    linked: () => import("../../static/boot.js?linked"),
    served: () => import("../../static/boot.js?served"),
    file: () => import("../../static/boot.js?file"),
  };
  const folder = "https://school.example/digits/1/";
  const [document, weights] = [`${folder}weights/a.detail.json`, `${folder}weights/a.safetensors.gz`];
  const request = { type: "load", kind: "model", key: "model a", name: "a", document, weights };
  for (const visit of /** @type {const} */ (["dark", "light", "stored", "linked", "served", "file"])) {
    using _storage = fakeStorage();
    using _address = fakeAddress(`https://school.example/digits/${visit === "linked" ? "#brush=2&model=minimal-20" : "#brush=2"}`);
    const theme = visit === "light" ? "light" : "dark";
    rememberSettings(makeStore({ theme }).store, new Set(["theme"]));
    if (visit === "stored") rememberSettings(makeStore({ modelName: "minimal-20" }).store, new Set(["modelName"]));
    const site = { textContent: JSON.stringify({ default: "a", folder: visit === "file" ? "" : "1/weights/" }) };
    const page = {
      baseURI: "https://school.example/digits/",
      documentElement: { dataset: { theme: "" } },
      querySelector: () => visit === "served" ? null : site,
    };
    using _document = replaceGlobal("document", { value: page });
    using _worker = replaceGlobal("Worker", {
      value: class {
        /** @param {string} url @param {object} options */
        constructor(url, options) {
          Object.assign(this, { url, ...options });
        }
      },
    });
    using _started = replaceGlobal("startedWorker", { value: undefined, writable: true });
    await paint[visit]();
    equal(page.documentElement.dataset.theme, theme);
    const worker = Reflect.get(globalThis, "startedWorker");
    if (["served", "file"].includes(visit)) {
      equal(worker, undefined);
      continue;
    }
    equal([worker.url, worker.type], [`${folder}backend/worker.js`, "module"]);
    equal(worker.name && JSON.parse(worker.name), visit === theme ? request : "", visit);
    worker.onerror();
    equal(Reflect.get(globalThis, "startedWorker"), undefined, "one that failed is not used");
  }
});
