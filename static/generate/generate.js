// @ts-check

import { find, hide, setText } from "../core/dom.js";
import { anyChanged } from "../core/store.js";
import { generate } from "../texts/generate.js";
import { create as createCompletion } from "./completion.js";
import { create as createSizes } from "./sizes.js";
import { create as createStrip } from "./strip.js";
import { create as createHeatmap } from "./heatmap.js";
import { create as createWriter } from "./writer.js";

/**
 * The section of the prior: its parts, and the settings that they share.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {(name: string) => void} choose a model
 * @param {import("./queue.js").Question} question asks the backend
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, choose, question) {
  const none = find(element, ".generate-none");
  const choice = find(none, "button");
  const body = find(element, ".generate-body");
  const temperature = find(element, "input[name=temperature]", HTMLInputElement);
  const degrees = find(element, ".generate-controls output");
  const seed = find(element, "input[name=seed]", HTMLInputElement);
  const parts = [
    createWriter(find(element, ".writer"), store, question),
    createCompletion(find(element, ".completion"), store, question),
    createHeatmap(find(element, ".surprise"), store, question),
    createStrip(find(element, ".strips"), store, question),
    createSizes(find(element, ".compression"), store, question),
  ];

  temperature.addEventListener("input", () => store.set("temperature", Number(temperature.value)));
  seed.addEventListener("change", () => {
    if (seed.validity.valid && seed.value) store.set("seed", Number(seed.value));
    else seed.value = String(store.get("seed"));
  });
  find(element, "[data-action=generate-seed]").addEventListener("click", () => {
    store.set("seed", Math.floor(Math.random() * 2 ** 16));
  });
  /** What changed while there was no prior. @type {Set<import("../core/types.d.ts").Key>} */
  let missed = new Set();
  choice.addEventListener("click", () => choose(choice.dataset.model ?? ""));

  /** Whether there is a prior, and where there is one. */
  function offer() {
    const model = store.get("model");
    if (!model) return;
    hide(body, !model.prior);
    hide(none, model.prior);
    if (model.prior) return;
    const other = store.get("models").find(({ prior }) => prior);
    setText(find(none, "span"), other ? generate.none(model.title) : generate.noneAtAll);
    hide(choice, !other);
    if (!other) return;
    choice.dataset.model = other.name;
    setText(choice, generate.choose(other.title));
  }

  return {
    update(changed) {
      if (anyChanged(changed, ["model", "models"])) offer();
      if (changed.has("temperature")) {
        temperature.value = String(store.get("temperature"));
        setText(degrees, store.get("temperature").toFixed(1));
      }
      if (changed.has("seed")) seed.value = String(store.get("seed"));
      for (const key of changed) missed.add(key);
      if (!store.get("model")?.prior) return;
      const all = missed;
      missed = new Set();
      for (const part of parts) part.update(all);
    },
  };
}
