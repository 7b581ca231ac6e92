// @ts-check

/** Wiring only: the parts of the page, and what each of them gets. */

import { find } from "./core/dom.js";
import { setEditing } from "./core/edits.js";
import { atLevel } from "./core/level-store.js";
import { dropCodes } from "./core/history.js";
import { createPositions } from "./core/positions.js";
import { rememberSettings } from "./core/settings.js";
import { defaults } from "./core/state.js";
import { createStore } from "./core/store.js";
import { createTermLinks } from "./core/term-links.js";
import { createViews } from "./core/views.js";
import { createBackend } from "./backend/backend.js";
import { createModels } from "./backend/models.js";
import { createPlaybacks, createPriors } from "./backend/documents.js";
import { createRequests } from "./backend/requests.js";
import { createDrawing } from "./drawing/drawing.js";
import { create as createInput } from "./drawing/input.js";
import { createPad } from "./drawing/pad.js";
import { createPast } from "./drawing/past.js";
import { create as createPreview } from "./drawing/preview.js";
import { createReplay } from "./drawing/replay.js";
import { chooseModel, fromHash, fromStorage, rememberDrawing, share, syncUrl } from "./drawing/share.js";
import { create as createBadges } from "./figure/badges.js";
import { create as createCondition } from "./models/condition.js";
import { create as createCodePicture } from "./figure/code-picture.js";
import { create as createCodebook } from "./figure/codebook.js";
import { create as createFacts } from "./figure/facts.js";
import { create as createFeatures } from "./figure/features.js";
import { create as createIndices } from "./figure/indices.js";
import { create as createInspector } from "./figure/inspector.js";
import { create as createLinks } from "./figure/links.js";
import { createPlaces } from "./figure/places.js";
import { create as createQuantized } from "./figure/quantized.js";
import { create as createReconstruction } from "./figure/reconstruction.js";
import { create as createLevelSwitch } from "./figure/level-switch.js";
import { createRows } from "./figure/rows.js";
import { createDeferred } from "./core/deferred.js";
import { createSection } from "./article/section.js";
import { createDetails } from "./quantizer/details.js";
import { create as createComparison } from "./experiments/comparison.js";
import { create as createEdit } from "./experiments/edit.js";
import { createLevels } from "./experiments/shown-levels.js";
import { create as createExperiments } from "./experiments/experiments.js";
import { create as createLosses } from "./training/losses.js";
import { create as createChooser } from "./models/chooser.js";
import { create as createFamiliarity } from "./models/familiarity.js";
import { createSections } from "./models/sections.js";
import { offerTour } from "./tour/offer.js";
import { createTour } from "./tour/tour.js";
import { create as createAnnouncer } from "./shell/announcer.js";
import { createControls } from "./shell/controls.js";
import { create as createMeter } from "./shell/meter.js";
import { createScenes } from "./shell/scenes.js";
import { create as createStatus } from "./shell/status.js";

/** The digit that draws itself for a first visitor. */
const WELCOME = 2;

const stored = fromStorage();
const linked = fromHash(location.hash);
const problem = linked.problem || stored.problem;

const store = createStore({
  ...stored.values,
  ...linked.values,
  notice: problem ? { kind: "problem", text: problem } : null,
});

const stream = createBackend({
  onError: (text) => store.set("notice", { kind: "problem", text }),
  onState(connection, connectionDetail) {
    // After a restart the same name may stand for other weights.
    const back = connection === "live" && store.get("connection") === "offline";
    store.assign({ connection, connectionDetail });
    if (back) models.renew();
  },
});

const still = matchMedia("(prefers-reduced-motion: reduce)");
const models = createModels(store, stream.documents);
models.renew(); // while the stream is opened
const requests = createRequests(store, stream);
const drawing = createDrawing(store, requests.draw);
const replay = createReplay(drawing, () => still.matches);
const positions = createPositions();

/** @param {string} name */
const choose = (name) => chooseModel(store, name);

/** What buttons and keys do to the drawing. */
const tools = {
  undo: () => (replay.stop(), drawing.undo()),
  redo: () => (replay.stop(), drawing.redo()),
  clear: () => (replay.stop(), drawing.clear()),
  recentre: drawing.refresh,
  share: () => share(store),
  example: replay.play,
};

/** @type {import("./core/types.d.ts").Stage[]} */
const STAGE_VIEWS = ["input", "features", "embeddings", "indices", "quantized", "reconstruction"];
const [input, features, codebook, indices, quantized, reconstruction] = STAGE_VIEWS.map((stage) =>
  find(document, `[data-stage=${stage}]`)
);
const edit = find(document, ".edit");
const losses = find(document, ".losses");
const article = find(document, ".article");

async function loadArticle() {
  const [{ create }, { manyPictures }] = await Promise.all([import("./article/article.js"), import("./drawing/samples.js")]);
  const pictures = () => manyPictures(store.get("centre"), store.get("past"));
  return createViews([await create(article, { store: main.store, question: requests.question, pictures }), createFacts(article, main.store)]);
}

async function loadExamples() {
  const { examplePictures } = await import("./drawing/samples.js");
  return (/** @type {number} */ digit) => examplePictures(store.get("centre"))[digit];
}

/** The model's main level, and the level that is looked at. */
const [main, looked] = [atLevel(store, ""), atLevel(store)];

/**
 * @param {string} selector
 * @param {(element: HTMLElement, store: import("./core/types.d.ts").Store) => import("./core/types.d.ts").View} create
 * @param {import("./core/types.d.ts").Store} of
 */
const each = (selector, create, of) =>
  [...document.querySelectorAll(selector)].map((element) => create(/** @type {HTMLElement} */ (element), of));

async function loadPlaces() {
  const [{ create }, { createCodes }, { createUsages }] = await Promise.all([
    import("./figure/code-places.js"),
    import("./core/codes-of.js"),
    import("./backend/usages.js"),
  ]);
  const codesOf = createCodes(requests.question, store);
  const places = each(".code-places", (element) => create(element, looked.store, codesOf), looked.store);
  return [createUsages(looked.store, stream.documents), ...places];
}

async function loadMorph() {
  const [{ create }, { examplePictures }] = await Promise.all([import("./experiments/morph.js"), import("./drawing/samples.js")]);
  return create(find(document, ".morph"), store, requests.question, examplePictures);
}

const views = createViews([
  requests,
  models,
  createPlaybacks(store, stream.documents),
  createPriors(store, stream.documents),
  createPast(store),
  createChooser(find(document, ".chooser"), store, choose),
  createPad(find(input, "canvas.pad", HTMLCanvasElement), input, store, drawing, replay.stop),
  createPreview(find(input, ".preview canvas", HTMLCanvasElement), store),
  createFamiliarity(find(document, ".familiarity"), store, stream.scoresFreely),
  createStatus(document.body, store),
  createMeter(find(document, ".meter"), store),
  createControls(document.body, store, tools),
  createExperiments(document.body, store),
  createPreview(find(edit, ".edit-preview canvas", HTMLCanvasElement), store),
  createDeferred(store, "details", loadMorph),
  ...createSections(document.body, store, choose, requests.question),
  main.see(createSection(article, main.store, loadArticle)),
  createScenes(document.body, store, () => replay.play(WELCOME)),
  createTour(document.body, store, replay),
  main.see(createViews([
    createFeatures(features, main.store, positions),
    createCodebook(codebook, main.store, positions),
    createIndices(indices, main.store, positions),
    createQuantized(quantized, main.store, positions),
    createBadges(document.body, main.store),
    createFacts(document.body, main.store, ""),
    createLinks(find(document, "svg.links", SVGSVGElement), main.store, positions),
  ])),
  createRows(find(document, ".figure"), store),
  ...each(".level-switch", createLevelSwitch, store),
  createLevels(find(document, "#section-levels"), store, requests.question, loadExamples),
  looked.see(createViews([
    createInput(input, looked.store),
    createReconstruction(reconstruction, looked.store, positions),
    createInspector(find(document, ".inspector"), looked.store),
    createPlaces(looked.store, loadPlaces),
    ...each(".code-picture", createCodePicture, looked.store),
    ...each(".condition", createCondition, looked.store),
    createFacts(document.body, looked.store),
    createAnnouncer(find(document, ".announcer"), looked.store),
    createDetails(find(document, "main"), looked.store),
    createEdit(edit, looked.store),
    ...each("[data-variant]", createComparison, looked.store),
    createTermLinks(losses, looked.store),
    createLosses(losses, looked.store),
    createDeferred(looked.store, "details", async () => (await import("./training/backward.js")).create(losses, looked.store)),
  ])),
]);

store.subscribe((changed) => {
  views.read(changed);
  views.update(changed);
});
// Every view draws itself from the first state. Storage and address follow what changes after that.
store.refresh();
store.subscribe((changed) => {
  rememberSettings(store, changed);
  if (changed.has("steps")) rememberDrawing(store);
  syncUrl(store);
});

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
if (!linked.steps && !stored.steps) {
  replay.play(WELCOME);
  offerTour(store);
}

addEventListener("hashchange", () => {
  const { steps, values, problem } = fromHash(location.hash);
  replay.stop();
  if (steps) {
    setEditing(store, false);
    // Edited codes belong to the picture that the model got.
    if (values.centre !== store.get("centre")) dropCodes(store);
    models.expect(values.modelName ?? "");
  }
  // Back leads out of the tour, too; a link to a place in the page does not.
  const isPlace = /^#[^=]+$/.test(location.hash);
  store.assign({ ...(!isPlace && { tour: "" }), ...values });
  if (steps) openShared(store.get("steps"), steps);
  if (problem) store.set("notice", { kind: "problem", text: problem });
});
addEventListener("online", stream.reconnectNow);
document.addEventListener("visibilitychange", () => document.hidden || stream.reconnectNow());

/**
 * Puts the page back to its first state, synchronously. Reset are the settings, the drawing with its undo history,
 * selection, edits, variant, gradients, playback, notice, and what was requested; views build themselves anew, dialogs
 * close, the focus leaves, the page scrolls to its top, and the empty drawing is traced. Kept are the connection, the list
 * of models, their descriptions, and loaded code; the default model is shown. Address, history and storage, pointer and
 * window are the caller's: what a reset writes to storage is written before it returns.
 */
function reset() {
  replay.stop();
  requests.reset();
  const model = models.reset() ?? store.get("model");
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  store.assign({ ...defaults(), model });
  drawing.reset();
  store.refresh();
  scrollTo({ top: 0, left: 0, behavior: "instant" });
}

/** Whether the page shows what the store holds. */
const words = { isIdle: () => store.isIdle() && views.isIdle() };

/** For the console and for tests. */
Object.assign(globalThis, { explainer: { store, drawing, stream, replay, words, reset } });
