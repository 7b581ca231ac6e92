// @ts-check

import { createChip } from "../core/chip.js";
import { find } from "../core/dom.js";
import { bitsOf, cellCount, cellOf } from "../core/grid.js";
import { hover } from "../core/selection.js";
import { anyChanged } from "../core/store.js";
import { say } from "./says.js";

/** Bits of a number of the features. */
const FLOAT = 32;

/**
 * The drawing as a line of codes, and what it takes beside the features.
 * @param {HTMLElement} element
 * @param {import("./article.js").Needs} needs
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, { store }) {
  const line = find(element, ".code-sentence");
  const caption = find(element, "figcaption");

  line.addEventListener("pointerover", ({ target }) => {
    const row = target instanceof HTMLElement ? target.dataset.row : undefined;
    const grid = store.get("model")?.grid;
    if (row !== undefined && grid) hover(store, { cell: cellOf(Number(row), grid), code: null, stage: "indices" });
  });
  line.addEventListener("pointerleave", () => hover(store, null));

  return {
    throttled: true,
    update(changed) {
      const model = store.get("model");
      const indices = store.get("shownIndices");
      if (!model || !indices) return;
      if (anyChanged(changed, ["article", "model", "shownIndices"])) {
        line.replaceChildren(...indices.flat().map((code, row) => {
          const chip = createChip(model, code, String(code));
          chip.dataset.row = String(row);
          return chip;
        }));
        const { grid, embedding_dim: depth } = model;
        const [cells, bits, numbers] = [cellCount(grid), bitsOf(grid), cellCount(grid) * depth];
        const raw = numbers * FLOAT;
        say(caption, { cells, codes: grid.numEmbeddings, bits, numbers, raw, ratio: Math.round(raw / bits) });
      }
      const focused = store.get("focus");
      for (const chip of /** @type {Iterable<HTMLElement>} */ (line.children)) {
        const row = Number(chip.dataset.row);
        chip.classList.toggle("is-lit", Boolean(focused && (focused.cell ? focused.row === row : focused.users.has(row))));
      }
    },
  };
}
