// @ts-check

import { setText } from "../core/dom.js";
import { dimensions, percent } from "../core/format.js";
import { bitsOf, cellCount, PICTURE_BITS, wholeBits } from "../core/grid.js";
import { SIZE } from "../core/state.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/** @typedef {import("../core/types.d.ts").Model} Model */

/**
 * Numbers in the page's sentences that depend on the current model, by the `data-fact` they stand in.
 * @param {Model} model
 * @returns {Record<string, string>}
 */
export function modelFacts({ convolutional, grid, picks, embedding_dim: depth, metrics, fields }) {
  const cells = cellCount(grid);
  const codes = grid.numEmbeddings;
  const pixels = SIZE * SIZE;
  const bits = wholeBits(metrics.bits_per_image);
  // Of what is printed, so that a reader gets the same.
  const ratio = PICTURE_BITS / bits;
  const { test_mse: error, codes_used: used } = metrics;
  return {
    model: texts.figure.model(error, used, codes, ratio),
    pixels: String(pixels),
    cells: String(cells),
    picks: texts.figure.picks(picks),
    encoder: texts.figure.encoder(convolutional, depth),
    decoder: texts.figure.decoder(convolutional, cells),
    winners: texts.figure.winners(cells, bitsOf(grid), bits),
    lookup: texts.figure.lookup(cells),
    width: String(grid.width),
    channels: String(depth),
    codes: String(codes),
    "bits-in": String(PICTURE_BITS),
    bits: String(bits),
    ratio: `${ratio.toFixed(1)}×`,
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
 * @param {string} [level] whose `data-level` the places are in; in none if left out
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, level) {
  /** @param {string} selector */
  const places = (selector) => [...element.querySelectorAll(selector)].filter((place) =>
    /** @type {HTMLElement | null} */ (place.closest("[data-level]"))?.dataset.level === level
  );

  /** @param {Record<string, string>} facts */
  function write(facts) {
    for (const [name, fact] of Object.entries(facts)) {
      for (const place of places(`[data-fact=${name}]`)) setText(place, fact);
    }
  }

  return {
    throttled: true,
    update(changed) {
      const model = store.get("model");
      const indices = store.get("shownIndices");
      if (model && changed.has("model")) {
        write(modelFacts(model));
        for (const place of places("[data-shape]")) {
          const stage = /** @type {import("../core/types.d.ts").Stage} */ (place.getAttribute("data-shape"));
          setText(place, dimensions(model.stages[stage]));
        }
      }
      if (indices && anyChanged(changed, ["shownIndices", "shownError"])) {
        write(drawingFacts(indices, store.get("shownError")));
      }
    },
  };
}
