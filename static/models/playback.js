// @ts-check

import { find, make, setText } from "../core/dom.js";
import { atLevel } from "../core/level-store.js";
import { anyChanged } from "../core/store.js";
import { sections } from "../texts/sections.js";
import { texts } from "../texts/texts.js";
import { momentsOf } from "./moments.js";
import { create as createRun } from "./run.js";

/** @typedef {import("../core/types.d.ts").ModelSummary} ModelSummary */

/** How long a whole run takes at single speed, in milliseconds. */
const WHOLE_MS = 9000;

/** Steps of the slider. */
const STEPS = 100;

const SIDES = /** @type {const} */ (["left", "right"]);

/**
 * The runs that are shown first: the default model's, and of the others the one that leaves most of its codes unused.
 * @param {ModelSummary[]} models that have a playback, the default first
 * @returns {string[]} two names, or fewer
 */
export function firstRuns(models) {
  /** @param {ModelSummary} model */
  const alive = ({ metrics, num_embeddings: size }) => metrics.codes_used / size;
  const [healthy, ...others] = models;
  return [healthy, ...others.sort((a, b) => alive(a) - alive(b))].slice(0, 2).filter(Boolean).map(({ name }) => name);
}

/**
 * Two training runs side by side, scrubbed and played together: what they record of the main level.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} page
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, page) {
  const { store, see } = atLevel(page, "");
  const play = find(element, "[data-playback=play]");
  const slider = find(element, "input[name=playhead]", HTMLInputElement);
  const speed = find(element, "select[name=speed]", HTMLSelectElement);
  const none = find(element, ".playback-none");
  const controls = find(element, ".playback-controls");
  const runs = SIDES.map((side, n) => {
    const host = find(element, `[data-run=${side}]`);
    return { host, select: find(host, "select", HTMLSelectElement), view: createRun(host, store, n) };
  });
  const marks = find(element, ".playback-moments");
  const ticks = find(element, "datalist");
  let animation = 0;
  let last = 0;

  play.addEventListener("click", () => {
    // At the end, play starts from the beginning.
    if (!store.get("playing") && store.get("playhead") >= 1) store.set("playhead", 0);
    store.set("playing", !store.get("playing"));
  });
  speed.addEventListener("change", () => store.set("speed", Number(speed.value)));
  slider.addEventListener("input", () => {
    store.set("playing", false);
    store.set("playhead", Number(slider.value) / STEPS);
  });
  runs.forEach(({ select }, n) => {
    select.addEventListener("change", () => {
      store.set("runs", store.get("runs").map((name, m) => m === n ? select.value : name));
    });
  });

  /** @returns {ModelSummary[]} */
  const recorded = () => store.get("models").filter(({ playback }) => playback);

  function list() {
    const models = recorded();
    none.hidden = models.length > 0;
    controls.hidden = !models.length;
    setText(none, sections.noPlaybacks);
    for (const { select } of runs) {
      select.replaceChildren(...models.map(({ name, title }) => {
        const option = make("option", "", title);
        option.value = name;
        return option;
      }));
    }
    const kept = store.get("runs").filter((name) => models.some((model) => model.name === name));
    store.set("runs", kept.length === Math.min(2, models.length) ? kept : firstRuns(models));
  }

  function show() {
    const names = store.get("runs");
    runs.forEach(({ host, select }, n) => {
      host.hidden = names[n] === undefined;
      if (names[n] !== undefined) select.value = names[n];
    });
  }

  /** Buttons that move the playhead to what is worth seeing in either run. */
  function markMoments() {
    const moments = store.get("runs").flatMap((name, n) => {
      const snapshots = store.get("playbacks")[name]?.snapshots ?? [];
      return momentsOf(snapshots).map((moment) => ({ ...moment, run: n, playhead: moment.at / (snapshots.length - 1) }));
    });
    marks.hidden = !moments.length;
    marks.replaceChildren(...moments.map((moment) => {
      const button = make("button", "", sections.moment(moment));
      button.type = "button";
      button.addEventListener("click", () => store.assign({ playing: false, playhead: moment.playhead }));
      return button;
    }));
    ticks.replaceChildren(...moments.map(({ playhead }) => {
      const option = make("option");
      option.value = String(Math.round(STEPS * playhead));
      return option;
    }));
  }

  /** @param {number} now */
  function advance(now) {
    // A busy browser's frame may have begun before the button was pressed.
    const passed = Math.max(0, now - last);
    const playhead = Math.min(1, store.get("playhead") + (passed * store.get("speed")) / WHOLE_MS);
    last = now;
    store.set("playhead", playhead);
    if (playhead >= 1) store.set("playing", false);
    animation = store.get("playing") && store.get("playback") ? requestAnimationFrame(advance) : 0;
  }

  function run() {
    const playing = store.get("playing");
    play.setAttribute("aria-pressed", String(playing));
    setText(play, texts.page[playing ? "models.playback.pause" : "models.playback.play"]);
    cancelAnimationFrame(animation);
    animation = 0;
    if (!playing) return;
    last = performance.now();
    animation = requestAnimationFrame(advance);
  }

  return see({
    update(changed) {
      if (changed.has("models")) list();
      if (anyChanged(changed, ["models", "runs"])) show();
      if (anyChanged(changed, ["runs", "playbacks"])) markMoments();
      if (anyChanged(changed, ["playing", "playback"])) run();
      if (changed.has("speed")) speed.value = String(store.get("speed"));
      if (changed.has("playhead")) {
        const value = String(Math.round(STEPS * store.get("playhead")));
        if (slider.value !== value) slider.value = value;
      }
      for (const { view } of runs) view.update(changed);
    },
  });
}
