// @ts-check

import { createShownPicture } from "../core/canvas.js";
import { GREYS, shade } from "../core/colors.js";
import { SIZE } from "../core/state.js";
import { anyChanged } from "../core/store.js";

const UNIT = { low: 0, high: 1 };

/**
 * The tiles that light up for what has none of its own.
 * @type {Partial<Record<import("../core/types.d.ts").Linked, import("../core/types.d.ts").Stage[]>>}
 */
const RELATED = {
  feature_vectors: ["features"],
  embeddings: ["indices", "quantized"],
  distances: ["features", "indices"],
  quantized_vectors: ["quantized"],
  reconstruction_loss: ["input", "reconstruction"],
  codebook_loss: ["features", "quantized"],
  commitment_loss: ["features", "quantized"],
  total_loss: ["input", "features", "quantized", "reconstruction"],
};

/**
 * The figure in small, which stays in sight: each stage on its way through the model, features and quantized vectors in the
 * channel that the figure shows.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const [input, features, indices, quantized, reconstruction] = [
    ...element.querySelectorAll("canvas"),
  ].map(createShownPicture);
  const tiles = /** @type {HTMLElement[]} */ ([...element.querySelectorAll("[data-stage]")]);

  return {
    update(changed) {
      if (changed.has("selection")) {
        const stage = store.get("selection")?.stage;
        const lit = stage && (RELATED[stage] ?? [stage]);
        for (const tile of tiles) tile.classList.toggle("is-lit", Boolean(lit?.some((one) => one === tile.dataset.stage)));
      }
      const model = store.get("model");
      const trace = store.get("trace");
      const shown = store.get("shownIndices");
      if (!model || !trace || !shown) return;
      const { grid: { width, height }, scale, embeddings, embedding_dim: depth, palette } = model;
      const channel = store.get("shownChannel");
      if (changed.has("pixels") || changed.has("article")) {
        const pixels = store.get("pixels");
        input.paint(SIZE, SIZE, (x, y) => GREYS[pixels[y * SIZE + x]]);
      }
      if (anyChanged(changed, ["article", "model", "trace", "shownChannel"]) && trace.features) {
        const { data } = trace.features;
        features.paint(width, height, (x, y) => GREYS[shade(data[(y * width + x) * depth + channel], scale)]);
      }
      if (anyChanged(changed, ["article", "model", "shownIndices", "shownChannel"])) {
        indices.paint(width, height, (x, y) => palette.packed[shown[y][x]]);
        quantized.paint(width, height, (x, y) => GREYS[shade(embeddings[shown[y][x]][channel], scale)]);
      }
      const picture = store.get("shownReconstruction");
      if (picture && anyChanged(changed, ["article", "shownReconstruction"])) {
        reconstruction.paint(SIZE, SIZE, (x, y) => GREYS[shade(picture.data[y * SIZE + x], UNIT)]);
      }
    },
  };
}
