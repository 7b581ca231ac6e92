// @ts-check

import { fits } from "../core/grid.js";
import { dropCodes, editsOf } from "../core/history.js";
import { at, levelsOf } from "../core/levels.js";
import { isIn } from "../core/selection.js";
import { unwritten } from "../core/state.js";
import { sameModel, toModel } from "./api.js";
import { texts } from "../texts/texts.js";

/** @typedef {import("../core/types.d.ts").Model} Model */
/** @typedef {import("../core/types.d.ts").Store} Store */

/**
 * @template {import("../core/types.d.ts").ModelSummary} Described
 * @param {Described} model
 * @returns {Described} with what it says of itself in the page's language
 */
function translate(model) {
  const [title, description, claim] = [model.title, model.description, model.claim].map(texts.backend.ofModel);
  return { ...model, title, description, claim };
}

/**
 * Which model is shown: the one that the visitor or the address names, or the server's default.
 * @param {Store} store
 * @param {import("./api.js").Documents} documents
 */
export function createModels(store, { listModels, describeModel }) {
  /** The server's default; empty until the server has named it. */
  let standard = "";
  /** @type {Map<string, Model>} what the server has described since the connection came up */
  const described = new Map();
  /** Name of the model that pin, codes and variant in the store belong to already; empty when it is the one shown. */
  let expected = "";
  /** Counts choices, so that a late description yields to a newer choice. */
  let turn = 0;

  /** Shows the model that is chosen, or the default when there is none of that name. */
  async function follow() {
    const mine = ++turn;
    const asked = store.get("modelName");
    if (asked !== expected) expected = "";
    const known = !asked || store.get("models").some(({ name }) => name === asked);
    const name = known && asked ? asked : standard;
    store.set("loading", described.has(name) ? "" : name);
    try {
      const model = described.get(name) ?? toModel(translate(await describeModel(name)));
      if (mine !== turn) return;
      described.set(name, model);
      if (!known) {
        store.set("notice", { kind: "problem", text: texts.backend.noModel(asked, model.title) });
        store.set("modelName", "");
      }
      const shown = store.get("model");
      // Views rebuild themselves for a new model and lose the focus, so the model that is shown is not set again.
      if (!shown || (shown !== model && !sameModel(shown, model))) show(model);
    } catch {
      if (mine !== turn) return;
      const shown = store.get("model");
      const title = store.get("models").find((model) => model.name === name)?.title ?? name;
      const text = shown ? texts.backend.modelKept(title, shown.title) : texts.backend.modelMissing;
      store.set("notice", { kind: "problem", text });
      // The chooser must not name a model that is not shown.
      if (shown) store.set("modelName", shown.name);
    }
    store.set("loading", "");
    store.flush(); // not at the next frame: a drawing waits to be sent
  }

  /**
   * Everything that belongs to the former model goes at once, before any view sees the new one.
   * @param {Model} model
   */
  function show(model) {
    const trace = store.get("trace");
    const former = store.get("model");
    const brought = !former || model.name === expected;
    expected = "";
    dropCodes(store, (step) => former?.name !== model.name && editsOf(step, model) !== null);
    store.assign({ model, reference: null, gradients: null, decoded: null, editedReconstruction: null, ...unwritten() });
    if (trace && !belongs(trace, model)) store.set("trace", null);
    const selection = store.get("selection");
    if (selection && !isIn(selection, (at(model, store.get("level")) ?? model).grid)) store.assign({ pinned: false, selection: null });
    if (brought || former?.name === model.name) return;
    store.assign({ brushCode: null, editing: false, variant: "normal", pinned: false, selection: null, entry: null });
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
        const models = list.models.map(translate);
        if (JSON.stringify(models) !== JSON.stringify(store.get("models"))) store.set("models", models);
      } catch {
        if (mine !== turn) return;
        store.assign({ loading: "", notice: { kind: "problem", text: texts.backend.modelMissing } });
        return;
      }
      await follow();
    },

    /** @param {string} name model that an address has set pin, codes and variant for, before it is shown */
    expect(name) {
      expected = name;
    },

    /** @returns {Model | null} the default model if the server has described it; a description on its way is ignored */
    reset() {
      turn++;
      store.set("loading", "");
      return described.get(standard) ?? null;
    },

    /** @param {Set<import("../core/types.d.ts").Key>} changed */
    update(changed) {
      if (changed.has("modelName") && standard) follow();
    },
  };
}

/**
 * @param {import("../core/types.d.ts").Trace} trace
 * @param {Model} model
 * @returns {boolean} whether the trace may be this model's: a restarted server may have other weights of that name
 */
function belongs(trace, model) {
  return trace.model === model.name && Object.keys(trace.levels).join() === Object.keys(model.levels).join() &&
    levelsOf(model).every((level) => {
      const { indices, features } = /** @type {typeof trace} */ (at(trace, level));
      const { grid, stages } = /** @type {Model} */ (at(model, level));
      return fits(grid, indices) && (!features || features.shape.join() === stages.features.join());
    });
}
