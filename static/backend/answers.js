// @ts-check

import { previewCodes } from "./previews.js";

/** @typedef {import("../core/types.d.ts").Tensor} Tensor */
/** @typedef {import("../kernel/types.d.ts").Model} Model */

/** The tensors of a trace. */
const STAGES = /** @type {const} */ (["features", "distances", "quantized", "reconstruction"]);

/**
 * The worker's side of the messages: the requests of the stream, answered by models in JavaScript. Tensors are not packed.
 * @param {(config: any, tensors: Record<string, Tensor>) => Model} createModel
 * @param {() => number} [now] in milliseconds
 */
export function createAnswers(createModel, now = () => performance.now()) {
  /** @type {Map<string, { model: () => Model, tensors: Record<string, Tensor> }>} makes a model when it is first asked */
  const models = new Map();

  /** @type {Record<string, (model: Model, request: any, tensors: Record<string, Tensor>) => object>} */
  const operations = {
    trace(model, { pixels, variant, stages = STAGES }) {
      const { indices, losses, ...tensors } = model.trace(pixels, variant);
      const asked = STAGES.filter((stage) => stages.includes(stage)).map((stage) => [stage, tensors[stage]]);
      return { variant, indices, losses, ...Object.fromEntries(asked) };
    },
    decode: (model, { indices }) => ({ reconstruction: model.decode(indices) }),
    previews: (model, { indices, cell }, { "quantizer.embeddings": { shape: [size] } }) => ({
      pictures: previewCodes(model.decode, size, indices, cell),
    }),
    backward: (model, { pixels, straight_through }) => ({
      straight_through,
      computed_by: "page",
      ...model.gradients(pixels, straight_through),
    }),
  };

  return {
    /** @param {{ name: string, config: any, tensors: Record<string, Tensor> }} model that may be asked from now on */
    add({ name, config, tensors }) {
      /** @type {Model | undefined} */
      let model;
      models.set(name, { model: () => model ??= createModel(config, tensors), tensors });
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
        if (!known || !Object.hasOwn(operations, type)) throw new Error(`no ${type} of ${name}`);
        const fields = operations[type](known.model(), request, known.tensors);
        return { type, seq, model: name, ...fields, server_ms: now() - start };
      } catch (error) {
        return { type: "error", seq, code: "internal", message: String(error) };
      }
    },
  };
}
