// @ts-check

import { createStill } from "../core/canvas.js";
import { createChip } from "../core/chip.js";
import { shade } from "../core/colors.js";
import { find, make, setText } from "../core/dom.js";
import { shortNumber } from "../core/format.js";
import { codePictures } from "../core/code-pictures.js";
import { cellCount } from "../core/grid.js";
import { createRovingGrid } from "../core/roving-grid.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/** Codes per row, ordered by number. */
const COLUMNS = 10;

/** Larger codebooks are drawn with lower cells, so that more of them fit. */
const FEW = 20;

/**
 * Every embedding with its number, colour and values, and in the details view what the decoder draws from it. Below each:
 * the number of cells that use it, or its distance to the selected feature.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("../core/positions.js").Positions} positions
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, positions) {
  const key = find(element, ".codebook-key");
  /** @type {HTMLElement[]} */
  let figures = [];
  const host = find(element, ".cells");
  const cells = createRovingGrid(host, store, {
    select: (code) => ({ cell: null, code, stage: "embeddings" }),
    label: (code) => texts.figure.code(code, uses(code)),
  });
  positions.offer("embeddings", (code) => code === null ? null : cells.rect(code));

  /** @type {number | null} where a long codebook scrolls to, so that the code pointed at elsewhere is seen */
  let scrollTo = null;

  /**
   * @param {import("../core/selection.js").Focus | null} focused
   * @returns {number | null} null when the code can be seen, or is pointed at right here
   */
  function seek(focused) {
    const item = focused && store.get("selection")?.stage !== "embeddings" && cells.element(focused.code);
    if (!item) return null;
    const { offsetTop: top, offsetHeight: height } = item;
    const seen = top >= host.scrollTop && top + height <= host.scrollTop + host.clientHeight;
    return seen ? null : top - (host.clientHeight - height) / 2;
  }

  /** @param {number} code */
  function uses(code) {
    return store.get("shownIndices")?.flat().filter((used) => used === code).length ?? 0;
  }

  function build() {
    const model = store.get("model");
    if (!model) return;
    const { embeddings, palette, scale } = model;
    figures = embeddings.map(() => make("span", "code-figure"));
    const pictures = codePictures(model.code_pictures);
    host.classList.toggle("is-many", embeddings.length > FEW);
    host.scrollTop = 0;
    cells.arrange(embeddings.length, Math.min(COLUMNS, embeddings.length), (code) => {
      const values = embeddings[code];
      const strip = createStill(1, values.length, (_, d) => palette.ramps[code][shade(values[d], scale)], "strip");
      return [createChip(model, code, String(code)), strip, pictures.draw(code), figures[code]];
    });
  }

  function describe() {
    const focused = store.get("focus");
    const counts = new Map();
    for (const code of store.get("shownIndices")?.flat() ?? []) counts.set(code, (counts.get(code) ?? 0) + 1);
    const cell = focused?.cell;
    const model = store.get("model");
    setText(key, cell && focused
      ? focused.measured ? texts.figure.codebookDistances : texts.figure.distancesLoading
      : model && cellCount(model.grid) === 1
      ? texts.figure.codebookOne
      : texts.page["figure.codebook.uses"]);
    figures.forEach((element, code) => {
      const count = counts.get(code) ?? 0;
      setText(element, cell && focused ? shortNumber(focused.distance(code)) : count ? String(count) : "·");
    });
    cells.mark((code) => {
      if (!focused) return counts.has(code) ? "" : "unused";
      if (code === focused.code) return cell ? "nearest" : store.get("pinned") ? "pinned" : "selected";
      return code === focused.runnerUp ? "second" : "dim";
    });
  }

  return {
    throttled: true,
    read(changed) {
      scrollTo = changed.has("selection") && host.classList.contains("is-many") ? seek(store.get("focus")) : null;
    },
    update(changed) {
      if (changed.has("model")) build();
      // Without details the figure has to fit a screen.
      if (changed.has("details")) element.classList.toggle("with-pictures", store.get("details"));
      if (anyChanged(changed, ["model", "shownIndices", "focus", "pinned"])) describe();
      if (scrollTo !== null) host.scrollTop = scrollTo;
    },
  };
}
