// @ts-check

import { setText } from "../core/dom.js";
import { counted, dimensions, percent } from "../core/format.js";
import { shownError, shownIndices } from "../core/derived.js";
import { anyChanged } from "../core/store.js";

/** @typedef {import("../core/types.d.ts").Model} Model */

/**
 * Numbers in the page's sentences that belong to the model at hand, by the `data-fact` they stand in.
 * @param {Model} model
 * @returns {Record<string, string>}
 */
export function modelFacts({ convolutional, stages, metrics, fields }) {
  const [height, width, depth] = stages.features;
  const cells = height * width;
  const codes = stages.embeddings[0];
  const bits = Math.ceil(cells * Math.log2(codes));
  const { test_mse: error, perplexity, compression_ratio: ratio } = metrics;
  const measured = [
    error !== undefined && `test error ${error.toFixed(4)}`,
    perplexity !== undefined && `perplexity ${perplexity.toFixed(1)}`,
    ratio !== undefined && `${ratio.toFixed(0)}× smaller than the picture`,
  ].filter(Boolean);
  return {
    model: measured.join(" · "),
    pixels: String(stages.input[0] * stages.input[1]),
    grid: dimensions([height, width]),
    cells: String(cells),
    picks: counted(cells, "pick"),
    "those-picks": cells === 1 ? "that pick" : "those picks",
    encoder: convolutional
      ? `The encoder, a convolutional network, sums up every patch of the drawing in a vector of ${counted(depth, "number")}.`
      : `The encoder, a network without convolutions, sums up the whole drawing in one vector of ${counted(depth, "number")}.`,
    decoder: convolutional
      ? "The decoder, the encoder’s mirror image, draws this from the codes alone."
      : `The decoder draws this from the ${cells === 1 ? "one code" : "codes"} alone.`,
    uses: cells === 1
      ? "Marked: the one code that this drawing gets."
      : "Below each code: how many cells use it.",
    winners: cells === 1
      ? `Which code won. This one whole number, ${counted(bits, "bit")}, is all that is kept.`
      : `Which code won in each cell. These ${cells} whole numbers, ${bits} bits, are all that is kept.`,
    lookup: cells === 1
      ? "The index is looked up and its vector put in place. What lay between the codes is lost."
      : "Each index is looked up and its vector put in place. What lay between the codes is lost.",
    width: String(width),
    depth: String(depth),
    codes: String(codes),
    "bits-in": String(8 * stages.input[0] * stages.input[1]),
    bits: String(bits),
    ratio: `${((8 * stages.input[0] * stages.input[1]) / (cells * Math.log2(codes))).toFixed(1)}×`,
    share: percent(fields.share).replace(".0%", "%"),
  };
}

/**
 * @param {number[][]} indices
 * @param {number} error of the reconstruction
 * @returns {Record<string, string>}
 */
export function drawingFacts(indices, error) {
  return {
    used: String(new Set(indices.flat()).size),
    error: error.toFixed(4),
  };
}

/**
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  /** @param {Record<string, string>} facts */
  function write(facts) {
    for (const [name, text] of Object.entries(facts)) {
      for (const place of element.querySelectorAll(`[data-fact=${name}]`)) setText(place, text);
    }
  }

  return {
    update(changed) {
      const model = store.get("model");
      const indices = shownIndices(store);
      if (model && anyChanged(changed, ["model"])) {
        write(modelFacts(model));
        for (const place of element.querySelectorAll("[data-shape]")) {
          const stage = /** @type {import("../core/types.d.ts").Stage} */ (place.getAttribute("data-shape"));
          setText(place, dimensions(model.stages[stage]));
        }
      }
      if (indices && anyChanged(changed, ["trace", "edited", "editedReconstruction"])) {
        write(drawingFacts(indices, shownError(store)));
      }
    },
    destroy() {},
  };
}
