// @ts-check

import { listModels, loadModel, sameModel } from "./api.js";
import { modelShown, noteChoice } from "../drawing/share.js";
import { anyChanged } from "../core/store.js";

/** @typedef {import("../core/types.d.ts").Model} Model */
/** @typedef {import("../core/types.d.ts").Store} Store */

/**
 * Which model is shown: the one that the visitor or the address names, or the server's default.
 * @param {Store} store
 * @param {import("./stream.js").Stream} stream
 * @returns {import("../core/types.d.ts").View & { renew: () => Promise<void>, choose: (name: string) => void }}
 */
export function createModels(store, stream) {
  /** @type {string} the server's default, once it is known */
  let standard = "";
  /** @type {Map<string, Model>} what has been described since the connection came up */
  const described = new Map();
  /** Counts choices, so that a description which comes late yields to a newer choice. */
  let turn = 0;

  /** Shows the model that is chosen, or the default when there is none of that name. */
  async function follow() {
    const mine = ++turn;
    const asked = store.get("modelName");
    const known = !asked || store.get("models").some(({ name }) => name === asked);
    const name = known && asked ? asked : standard;
    try {
      const model = described.get(name) ?? await loadModel(name);
      if (mine !== turn) return;
      described.set(name, model);
      if (!known) {
        store.set("notice", { kind: "problem", text: `There is no model called “${asked}” here; this is ${model.title}.` });
        store.set("modelName", "");
      }
      const shown = store.get("model");
      // Views build themselves anew for a model, which takes the focus away; not for the one they already show.
      if (!shown || (shown !== model && !sameModel(shown, model))) show(model);
    } catch {
      if (mine !== turn) return;
      const shown = store.get("model");
      const left = shown ? `; ${shown.title} stays.` : ", and the page asks again when it reconnects.";
      store.set("notice", { kind: "problem", text: `The server did not describe its model${left}` });
      // The chooser must not name a model that is not shown.
      if (shown) store.set("modelName", shown.name);
    }
  }

  /**
   * Everything that belonged to the former model is dropped in one go, before any view hears of the new one.
   * @param {Model} model
   */
  function show(model) {
    const trace = store.get("trace");
    const former = store.get("model");
    store.set("model", model);
    if (trace && (trace.model !== model.name || !fits(trace, model))) store.set("trace", null);
    store.set("reference", null);
    store.set("gradients", null);
    if (!former || former.name === model.name) return;
    store.set("edited", null);
    store.set("editedReconstruction", null);
    store.set("brushCode", null);
    store.set("editing", false);
    store.set("variant", "normal");
    store.set("pinned", false);
    store.set("selection", null);
    store.set("entry", null);
  }

  return {
    /** Asks the server for its models: at the start, and after a restart, when the same name may mean other weights. */
    async renew() {
      const mine = ++turn;
      try {
        const list = await listModels();
        if (mine !== turn) return;
        standard = list.default;
        described.clear();
        if (JSON.stringify(list.models) !== JSON.stringify(store.get("models"))) store.set("models", list.models);
      } catch {
        if (mine !== turn) return;
        store.set("notice", {
          kind: "problem",
          text: "The server did not describe its model; the page asks again when it reconnects.",
        });
        return;
      }
      await follow();
    },

    choose(name) {
      if (name === modelShown(store)) return;
      noteChoice(store, name);
      store.set("modelName", name);
    },

    update(changed) {
      const model = store.get("model");
      // After the views that ask questions: what belongs to the former model's grid is forgotten by now.
      if (model && anyChanged(changed, ["model"])) stream.use(model.name);
      if (anyChanged(changed, ["modelName"]) && standard) follow();
    },

    destroy() {
      turn++;
    },
  };
}

/**
 * @param {import("../core/types.d.ts").Trace} trace
 * @param {Model} model
 * @returns {boolean} whether the trace may be this model's: a restarted server may have other weights of that name
 */
function fits({ indices, features }, { stages }) {
  const [height, width] = stages.indices;
  return indices.length === height && indices[0].length === width &&
    indices.every((row) => row.every((code) => code < stages.embeddings[0])) &&
    (!features || features.shape.join() === stages.features.join());
}

/** @typedef {ReturnType<typeof createModels>} Models */
