// @ts-check

import { createLayer, createPicture } from "../core/canvas.js";
import { GREYS, shade } from "../core/colors.js";
import { find, hide, setText } from "../core/dom.js";
import { countChanged } from "../core/edits.js";
import { addUp } from "../core/format.js";
import { cellCount } from "../core/grid.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";
import { writeCodes } from "../core/write-codes.js";

/** @typedef {import("../core/types.d.ts").Trace} Trace */

const UNIT = { low: 0, high: 1 };

/** Decimals of errors: enough for a ratio of small ones. */
const DECIMALS = { least: 5, most: 7 };

/**
 * One drawing through the model and through a variant of it, side by side and in numbers.
 * @param {HTMLElement} element names its `data-variant`
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const comparison = find(element, ".comparison");
  const verdict = find(element, ".verdict");
  const layers = new Map(
    [...element.querySelectorAll("canvas")].map((canvas) => [canvas.className, createLayer(canvas, store)]),
  );
  const picture = createPicture();

  /**
   * @param {"normal" | "variant"} side
   * @param {Trace} trace
   */
  function paint(side, trace) {
    const tensor = trace.reconstruction;
    const model = store.get("model");
    if (!tensor || !model) return;
    const pixels = layers.get(side);
    pixels?.paint((context) => {
      const [height, width] = tensor.shape;
      picture.fill(width, height, (x, y) => GREYS[shade(tensor.data[y * width + x], UNIT)]);
      context.drawImage(picture.canvas, 0, 0, pixels.width, pixels.height);
    });
    const codes = layers.get(`${side}-codes`);
    codes?.paint((context) => {
      writeCodes(context, trace.indices, model.palette, { left: 0, top: 0, width: codes.width, height: codes.height });
    });
    write(`[data-quantization=${side}]`, trace.losses.codebook.toFixed(4));
  }

  /**
   * @param {string} selector
   * @param {string} text
   */
  function write(selector, text) {
    for (const place of element.querySelectorAll(selector)) setText(place, text);
  }

  /**
   * @param {Trace} normal
   * @param {Trace} variant
   */
  function judge(normal, variant) {
    const [right, other] = [normal.losses.reconstruction, variant.losses.reconstruction];
    const { terms: [error, cost], total } = addUp([other, right - other], right, DECIMALS);
    write("[data-error=normal]", total);
    write("[data-error=variant]", error);
    const changed = countChanged(variant.indices, normal.indices);
    // Of what is printed, so that a reader gets the same.
    setText(verdict, variant.variant === "wrong-reshape"
      ? texts.experiments.reshapeCost(changed, normal.indices.flat().length, Number(error) / Number(total))
      : other < right
      ? texts.experiments.bypassCost(cost, Number(cost) / Number(total))
      : texts.experiments.bypassFree);
  }

  return {
    update(changed) {
      const model = store.get("model");
      if (model && changed.has("model")) {
        const { grid, embedding_dim: depth } = model;
        write("[data-channels-first]", `${depth}×${grid.height}×${grid.width}`);
        // A single row cannot be mixed up.
        const idle = element.dataset.variant === "wrong-reshape" && cellCount(grid) === 1;
        find(element, "button", HTMLButtonElement).disabled = idle;
        for (const place of element.querySelectorAll("[data-one-cell]")) place.toggleAttribute("hidden", !idle);
      }
      if (!anyChanged(changed, ["variant", "trace", "reference", "layout", "model"])) return;
      const variant = store.get("trace");
      const normal = store.get("reference");
      const on = store.get("variant") === element.dataset.variant;
      hide(comparison, !on);
      // Numbers of two different drawings must not be compared.
      if (!on || !variant || !normal || variant.variant !== element.dataset.variant) return;
      if (normal.pixels !== variant.pixels) return;
      paint("normal", normal);
      paint("variant", variant);
      judge(normal, variant);
    },
  };
}
