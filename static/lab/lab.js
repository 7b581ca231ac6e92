// @ts-check

import { createLayer, createShownPicture } from "../core/canvas.js";
import { createPalette, GREYS } from "../core/colors.js";
import { find, hide, make, setText } from "../core/dom.js";
import { extentOf } from "../core/projection.js";
import { SIZE } from "../core/state.js";
import { anyChanged } from "../core/store.js";
import { fromBase64 } from "../core/tensor.js";
import { paintMap, paintUsage } from "../models/run-plots.js";
import { texts } from "../texts/lab.js";
import { paintCurves, valueAt } from "./curves.js";
import { createTrainings, hasEnded, Refusal } from "./trainings.js";

/** @typedef {import("../core/types.d.ts").Codebook} Codebook */
/** @typedef {import("../core/types.d.ts").Point} Point */
/** @typedef {import("../core/types.d.ts").Snapshot} Snapshot */
/** @typedef {import("../core/types.d.ts").Training} Training */

/** Duration of the map's motion from one snapshot to the next, in milliseconds. */
const MOTION_MS = 220;

/** Between two drawings that are sent, and between two sentences for screen readers, in milliseconds. */
const DRAW_MS = 150;
const SAY_MS = 10_000;

/** The error of a training in its snapshots, and the variety of its codes. */
const CURVES = /** @type {const} */ ([
  { name: "error", logarithmic: true, value: (/** @type {Snapshot} */ { losses }) => losses.reconstruction },
  { name: "perplexity", logarithmic: false, value: (/** @type {Snapshot} */ { perplexity }) => perplexity },
]);

/**
 * Training in the page: a small model learns on the server; its codes, losses and the visitor's drawing follow.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const trainings = createTrainings({
    fetch: (...request) => fetch(...request),
    rest: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  });
  const form = find(element, "form", HTMLFormElement);
  const stop = find(element, "[data-lab=stop]", HTMLButtonElement);
  const download = find(element, "[data-lab=download]", HTMLAnchorElement);
  const advice = find(element, ".lab-advice");
  const status = find(element, ".lab-status");
  const spoken = find(element, ".lab-spoken");
  const results = find(element, ".lab-results");
  const facts = find(element, ".lab-facts");
  const select = find(element, "select[name=recorded]", HTMLSelectElement);
  const map = createLayer(find(element, ".run-map canvas", HTMLCanvasElement), store);
  const usage = createLayer(find(element, ".run-usage canvas", HTMLCanvasElement), store);
  const curves = CURVES.map(({ name }) => createLayer(find(element, `[data-curve=${name}] canvas`, HTMLCanvasElement), store));
  const digit = createShownPicture(find(element, ".lab-digit canvas", HTMLCanvasElement));
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {import("./trainings.js").Offer | null} */
  let offer = null;
  let palette = createPalette([0]);
  let animation = 0;
  let said = 0;
  /** The drawing that the training shows, and whether one is on its way. @type {Uint8Array | null} */
  let tracked = null;
  let drawing = false;
  /** The training that was asked to stop: its process may take a while to hear of it. */
  let stopping = "";

  async function prepare() {
    try {
      offer = await trainings.prepare();
    } catch {
      setText(advice, texts.unreachable);
      return;
    }
    setText(advice, offer.hindrance ? texts.hindrances[offer.hindrance] : texts.limits(offer.seconds));
    hide(form, Boolean(offer.hindrance));
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const data = new FormData(form);
    const codebook = /** @type {Codebook} */ (data.get("codebook"));
    const pixels = store.get("pixels");
    const choice = { codes: Number(data.get("codes")), beta: Number(data.get("beta")), codebook };
    setText(status, texts.states.starting);
    try {
      const training = await trainings.start(choice, pixels);
      tracked = pixels;
      said = 0;
      store.assign({ training, recorded: offer?.recorded[codebook] ?? select.options[0]?.value ?? "" });
      await trainings.follow(training, report);
    } catch (error) {
      setText(status, error instanceof Refusal && error.code === "busy" ? texts.full : texts.unreachable);
    }
  });
  stop.addEventListener("click", () => {
    const training = store.get("training");
    if (!training) return;
    stopping = training.id;
    sayHow(training);
    trainings.stop(training.id).catch(() => {
      stopping = "";
      setText(status, texts.unreachable);
    });
  });
  select.addEventListener("change", () => store.set("recorded", select.value));

  /**
   * @param {Training} training
   * @returns {boolean} whether it is still the one that is shown; one that a reset has removed is stopped
   */
  function report(training) {
    if (store.get("training")?.id !== training.id) {
      trainings.stop(training.id).catch(() => {}); // it ends by itself when nobody asks
      return false;
    }
    store.set("training", training);
    track(training);
    return true;
  }

  /**
   * Sends the drawing when it has changed: one at a time, the newest last.
   * @param {Training} training
   */
  async function track({ id }) {
    const pixels = store.get("pixels");
    if (drawing || pixels === tracked) return;
    drawing = true;
    tracked = pixels;
    try {
      await trainings.draw(id, pixels);
      await new Promise((resolve) => setTimeout(resolve, DRAW_MS));
    } catch {
      tracked = null; // sent again with the next report
    }
    drawing = false;
  }

  /** @param {Training} training */
  function sayHow(training) {
    const { id, status: { state, reason }, position, snapshots } = training;
    const text = state === "failed"
      ? texts.failures[reason] ?? texts.failures.ended
      : state === "finished"
      ? texts.finished[reason]
      : stopping === id && state !== "measuring"
      ? texts.stopping
      : state === "waiting"
      ? texts.waiting(position)
      : texts.states[state];
    if (status.textContent !== text) said = performance.now();
    setText(status, text);
    const last = snapshots.at(-1);
    if (!last || performance.now() - said < SAY_MS) return;
    said = performance.now();
    setText(spoken, texts.progress(last.step, last.losses.reconstruction, last.codes_used, training.codes));
  }

  /** @param {Training} training */
  function paint(training) {
    const last = training.snapshots.at(-1);
    if (!last) return;
    const recorded = store.get("playbacks")[store.get("recorded")];
    const pairs = CURVES.map(({ value }) => {
      const [own, other] = [training.snapshots, recorded?.snapshots ?? []].map((snapshots) =>
        snapshots.map((snapshot) => /** @type {Point} */ ([snapshot.step, value(snapshot)]))
      );
      return { own, other };
    });
    pairs.forEach(({ own, other }, n) => paintCurves(curves[n], own, other, CURVES[n].logarithmic));
    paintUsage(usage, palette, last.usage);
    const [shown, pixels] = [fromBase64(last.reconstructions), tracked ?? store.get("pixels")];
    digit.paint(2 * SIZE, SIZE, (x, y) => GREYS[(x < SIZE ? pixels : shown)[y * SIZE + (x % SIZE)]]);
    const [error, perplexity] = pairs.map(({ other }) => valueAt(other, last.step));
    const title = store.get("models").find(({ name }) => name === recorded?.name)?.title ?? "";
    setText(
      facts,
      texts.facts({
        step: last.step,
        error: last.losses.reconstruction,
        used: last.codes_used,
        codes: training.codes,
        perplexity: last.perplexity,
      }) + (Number.isNaN(error) ? "" : ` ${texts.compared(title, error, perplexity)}`),
    );
  }

  /**
   * Moves the map from the snapshot before the last to the last.
   * @param {Snapshot[]} snapshots
   */
  function move(snapshots) {
    const to = snapshots.at(-1);
    if (!to) return;
    const from = snapshots.at(-2) ?? to;
    const extent = extentOf(to.features, extentOf(to.positions, extentOf(from.positions)));
    const start = performance.now();
    cancelAnimationFrame(animation);
    const advance = () => {
      const t = still.matches ? 1 : Math.min(1, (performance.now() - start) / MOTION_MS);
      paintMap(map, palette, extent, { from, to, t }, { dot: 4 });
      animation = t < 1 && store.get("lab") ? requestAnimationFrame(advance) : 0;
    };
    advance();
  }

  function list() {
    select.replaceChildren(...store.get("models").filter(({ playback }) => playback).map(({ name, title }) => {
      const option = make("option", "", title);
      option.value = name;
      return option;
    }));
  }

  /** Snapshots that have been painted. */
  let painted = 0;

  return {
    update(changed) {
      if (changed.has("lab")) prepare();
      if (changed.has("models")) list();
      if (anyChanged(changed, ["recorded", "models"])) select.value = store.get("recorded");
      const training = store.get("training");
      if (changed.has("training")) {
        const runs = Boolean(training && !hasEnded(training));
        for (const field of form.elements) {
          if (field !== stop && "disabled" in field) field.disabled = runs;
        }
        hide(stop, !runs);
        hide(download, training?.status.state !== "finished");
        hide(results, !training?.snapshots.length);
        if (training) {
          if (download.hidden === false) download.href = trainings.weightsUrl(training.id);
          sayHow(training);
        } else {
          for (const text of [status, spoken, facts]) setText(text, "");
        }
      }
      if (!training) {
        painted = 0;
        return;
      }
      const { snapshots } = training;
      if (snapshots.length < painted) painted = 0;
      const news = snapshots.length > painted;
      if (news && !painted) palette = createPalette(orderOf(snapshots[0].positions));
      painted = snapshots.length;
      if (news || anyChanged(changed, ["playbacks", "recorded", "layout"])) paint(training);
      if (news || changed.has("layout")) move(snapshots);
    },
  };
}

/**
 * @param {Point[]} positions
 * @returns {number[]} the codes along the first axis, from which their colours follow
 */
function orderOf(positions) {
  return positions.map((_, code) => code).sort((a, b) => positions[a][0] - positions[b][0]);
}
