// @ts-check

import { passes } from "./check.js";
import { previewCodes } from "./previews.js";

/** @typedef {import("../core/types.d.ts").Tensor} Tensor */
/** @typedef {import("../kernel/types.d.ts").Model} Model */
/** @typedef {ReturnType<typeof import("./prior-answers.js").createPriorAnswers>} PriorAnswers */

/**
 * A model's configuration and tensors.
 * @typedef {object} Weights
 * @property {any} config
 * @property {Record<string, Tensor>} tensors
 * @property {import("./check.js").Check} check
 */

/**
 * A model that may be asked; it is made when it is asked first.
 * @typedef {object} Known
 * @property {Weights} weights
 * @property {Model} model
 * @property {PriorAnswers} [prior] once it is here
 */

/** The kernel computes something else than the model of this title. */
class UnusableError extends Error {}

/** The tensors of a trace, of every level. */
const STAGES = ["features", "distances", "quantized", "reconstruction"];

/**
 * The worker's side of the messages: the requests of the stream, answered by models in JavaScript. Tensors are not packed.
 * @param {object} kernel
 * @param {(config: any, tensors: Record<string, Tensor>) => Model} kernel.createModel
 * @param {() => number} [now] in milliseconds
 */
export function createAnswers({ createModel }, now = () => performance.now()) {
  /** @type {Map<string, Known>} */
  const models = new Map();

  /** @type {Record<string, (known: Known, request: any) => object>} */
  const operations = {
    trace({ model }, { pixels, variant, stages = STAGES }) {
      const left = STAGES.filter((stage) => !stages.includes(stage));
      const fields = Object.entries(model.trace(pixels, variant)).filter(([name]) => !left.includes(name.split(".")[0]));
      return { variant, ...Object.fromEntries(fields) };
    },
    decode: ({ model }, request) => ({ reconstruction: model.decode(request) }),
    previews({ model, weights }, request) {
      const [size] = weights.tensors["quantizer.embeddings"].shape; // of every level
      return { pictures: previewCodes(model.decode, size, request) };
    },
    backward: ({ model }, { pixels, straight_through }) => ({
      straight_through,
      computed_by: "page",
      ...model.gradients(pixels, straight_through),
    }),
  };

  return {
    /**
     * @param {string} name of a model that may be asked from now on
     * @param {Weights} weights
     */
    add(name, weights) {
      /** @type {Model | undefined} */
      let model;
      models.set(name, {
        weights,
        get model() {
          if (model) return model;
          const made = createModel(weights.config, weights.tensors);
          if (!passes(made, weights.check)) throw new UnusableError(weights.config.title);
          return model = made;
        },
      });
    },

    /**
     * @param {string} name of a model whose prior may be asked from now on
     * @param {PriorAnswers} prior
     */
    addPrior(name, prior) {
      const known = models.get(name);
      if (known) known.prior = prior;
    },

    /**
     * Makes a model before it is asked.
     * @param {string} name
     */
    prepare(name) {
      try {
        models.get(name)?.model;
      } catch {
        // It is made again, and fails again, when it is asked: only then is there somebody to tell.
      }
    },

    /**
     * @param {any} request
     * @returns {object} the reply of the stream
     */
    answer(request) {
      const { type, seq, model: name } = request;
      const start = now();
      try {
        const known = models.get(name);
        const ofPrior = Object.entries(known?.prior ?? {}).find(([operation]) => operation === type)?.[1];
        if (!known || !(ofPrior || Object.hasOwn(operations, type))) throw new Error(`no ${type} of ${name}`);
        const fields = ofPrior ? ofPrior(request) : operations[type](known, request);
        return { type, seq, model: name, ...fields, server_ms: now() - start };
      } catch (error) {
        if (error instanceof UnusableError) return { type: "error", seq, code: "unusable", message: error.message };
        return { type: "error", seq, code: "internal", message: String(error) };
      }
    },
  };
}
