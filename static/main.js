// @ts-check

/** Wiring only: who is told what. */

import { createAnchors } from "./core/anchors.js";
import { createControls } from "./shell/controls.js";
import { createDetails } from "./quantizer/details.js";
import { find } from "./core/dom.js";
import { createDrawing } from "./drawing/drawing.js";
import { createExperiments } from "./experiments/experiments.js";
import { AS_DRAWN, SIZE } from "./drawing/ink.js";
import { createModels } from "./backend/models.js";
import { createPad } from "./drawing/pad.js";
import { createReplay } from "./drawing/replay.js";
import { createRequests } from "./backend/requests.js";
import { defaults, rememberSettings } from "./core/settings.js";
import { fromHash, fromStorage, syncUrl, rememberDrawing } from "./drawing/share.js";
import { createSections } from "./models/sections.js";
import { createStore } from "./core/store.js";
import { createStream } from "./backend/stream.js";
import { createThrottle } from "./core/throttle.js";
import { create as createAnnouncer } from "./shell/announcer.js";
import { create as createChooser } from "./models/chooser.js";
import { create as createCodebook } from "./figure/codebook.js";
import { create as createFacts } from "./figure/facts.js";
import { create as createFamiliarity } from "./models/familiarity.js";
import { create as createFeatures } from "./figure/features.js";
import { create as createIndices } from "./figure/indices.js";
import { create as createInput } from "./drawing/input.js";
import { create as createInspector } from "./figure/inspector.js";
import { create as createLinks } from "./figure/links.js";
import { create as createMeter } from "./shell/meter.js";
import { create as createPreview } from "./drawing/preview.js";
import { create as createQuantized } from "./figure/quantized.js";
import { create as createReconstruction } from "./figure/reconstruction.js";
import { create as createStatus } from "./shell/status.js";

/** The digit that draws itself for a first visitor. */
const WELCOME = 2;

const stored = fromStorage();
const linked = fromHash(location.hash);
const problem = linked.problem || stored.problem;

/** @type {any} */
const initial = {
  ...defaults(),
  ...stored.values,
  ...linked.values,
  steps: [],
  drawing: new Uint8Array(SIZE * SIZE),
  pixels: new Uint8Array(SIZE * SIZE),
  placement: AS_DRAWN,
  tool: "draw",
  models: [],
  model: null,
  trace: null,
  variant: "normal",
  reference: null,
  editing: false,
  brushCode: null,
  edited: null,
  editedReconstruction: null,
  backward: false,
  straightThrough: true,
  gradients: null,
  selection: null,
  pinned: false,
  entry: null,
  listing: "quantizer",
  inked: false,
  playbacks: {},
  runs: [],
  playhead: 0,
  playing: false,
  connection: "connecting",
  connectionDetail: "",
  notice: problem ? { kind: "problem", text: problem } : null,
  layout: 0,
};
const store = createStore(initial);

const stream = createStream({
  url: new URL("/ws", location.href.replace(/^http/, "ws")).href,
  onError: (text) => store.set("notice", { kind: "problem", text }),
  onState(state, detail) {
    store.set("connection", state);
    store.set("connectionDetail", detail);
    // After a restart the same name may stand for other weights.
    if (state === "live") models.renew();
  },
});

const models = createModels(store, stream);

const still = matchMedia("(prefers-reduced-motion: reduce)");
const requests = createRequests(store, stream);
const drawing = createDrawing(store, requests.draw);
const replay = createReplay(drawing, () => still.matches);
const anchors = createAnchors();
const words = createThrottle();

/** @type {import("./core/types.d.ts").Stage[]} */
const STAGE_VIEWS = ["input", "features", "embeddings", "indices", "quantized", "reconstruction"];
const [input, features, codebook, indices, quantized, reconstruction] = STAGE_VIEWS.map((stage) =>
  find(document, `[data-stage=${stage}]`)
);

const views = [
  requests,
  models,
  createChooser(find(document, ".chooser"), store, models.choose),
  createPad(find(input, "canvas.pad", HTMLCanvasElement), store, drawing, replay.stop),
  createInput(input, store),
  createFeatures(features, store, anchors),
  words.wrap(createCodebook(codebook, store, anchors)),
  createIndices(indices, store, anchors),
  createQuantized(quantized, store, anchors),
  createReconstruction(reconstruction, store, anchors),
  createPreview(find(input, ".preview canvas", HTMLCanvasElement), store),
  words.wrap(createInspector(find(document, ".inspector"), store)),
  words.wrap(createFacts(document.body, store)),
  words.wrap(createFamiliarity(find(document, ".familiarity"), store)),
  createStatus(document.body, store),
  createMeter(find(document, ".meter"), store),
  createAnnouncer(find(document, ".announcer"), store),
  createControls(document.body, store, drawing, replay),
  createDetails(find(document, "main"), store),
  ...createExperiments(document.body, store, words),
  ...createSections(document.body, store, models.choose),
  // Last, so that what it measures has been arranged by the others.
  createLinks(find(document, "svg.links", SVGSVGElement), store, anchors),
];

store.subscribe((changed) => {
  for (const view of views) view.read?.(changed);
  for (const view of views) view.update(changed);
});
store.subscribe((changed) => {
  rememberSettings(store, changed);
  if (changed.has("steps")) rememberDrawing(store);
  syncUrl(store);
});

/** Every view draws itself once from the defaults. */
const everything = new Set(/** @type {import("./core/types.d.ts").Key[]} */ (Object.keys(initial)));
for (const view of views) view.update(everything);

/**
 * Opens a drawing that came with an address. The visitor's own lies under it: undo leads back.
 * @param {import("./core/types.d.ts").Step[]} own
 * @param {import("./core/types.d.ts").Step[]} shared
 */
function openShared(own, shared) {
  drawing.replace(own.length ? [...own, { kind: "clear" }, ...shared] : shared);
}

if (linked.steps) openShared(stored.steps ?? [], linked.steps);
else drawing.replace(stored.steps ?? []);
// Without the examples a first visitor finds an empty pad, which is nothing to complain about.
if (!linked.steps && !stored.steps) replay.play(WELCOME).catch(() => {});

addEventListener("hashchange", () => {
  const { steps, values, problem } = fromHash(location.hash);
  replay.stop();
  for (const [key, value] of Object.entries(values)) store.set(/** @type {any} */ (key), value);
  if (steps) openShared(store.get("steps"), steps);
  if (problem) store.set("notice", { kind: "problem", text: problem });
});
addEventListener("online", stream.reconnectNow);
document.addEventListener("visibilitychange", () => document.hidden || stream.reconnectNow());

/** For the console and for tests. */
Object.assign(globalThis, { explainer: { store, drawing, stream, replay, words } });
