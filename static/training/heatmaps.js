// @ts-check

import { createShownPicture } from "../core/canvas.js";
import { createCellGrid } from "../core/cell-grid.js";
import { GREYS, shade } from "../core/colors.js";
import { find, setText } from "../core/dom.js";
import { significant } from "../core/format.js";
import { cellCount, rowOf } from "../core/grid.js";
import { norm, vectorNorms } from "../core/gradients.js";
import { anyChanged } from "../core/store.js";
import { backward } from "../texts/backward.js";

/** The decoder's side of the straight-through line, and the encoder's. */
const ENDS = /** @type {const} */ (["quantized", "features"]);

/**
 * The gradient of the reconstruction loss on both sides of the straight-through line, cell by cell, on one scale. The
 * line itself, taken from the listing, can be removed.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const line = find(element, ".bridge-line");
  const code = find(line, "code");
  const says = find(element, ".bridge-says");
  const high = find(element, ".high");
  const reading = find(element, ".reading");
  /** @type {Record<"quantized" | "features", Float64Array>} */
  const lengths = { quantized: new Float64Array(), features: new Float64Array() };
  const maps = ENDS.map((end) => {
    const host = find(element, `[data-gradient=${end}]`);
    const figure = /** @type {HTMLElement} */ (host.parentElement);
    return {
      end,
      host,
      total: find(figure, "figcaption b"),
      picture: createShownPicture(find(host, "canvas", HTMLCanvasElement)),
      cells: createCellGrid(find(host, ".cells"), store, end, null, {
        label: (name, row) => lengths[end].length ? backward.cellGradient(name, lengths[end][row]) : name,
      }),
    };
  });

  function describeLine() {
    const lines = store.get("model")?.listings.flatMap(({ lines }) => lines) ?? [];
    const statement = lines.filter(({ skipped_in }) => skipped_in.includes("no-straight-through"));
    // Without comments, whose token classes begin with c.
    const tokens = statement.flatMap(({ tokens }) => tokens.filter(([kind]) => !kind.startsWith("c")));
    code.textContent = tokens.map(([, text]) => text).join("").trim();
    line.hidden = !statement.length;
  }

  function describe() {
    const on = store.get("straightThrough");
    line.classList.toggle("is-removed", !on);
    says.textContent = on ? backward.lineInPlace : backward.lineRemoved;
  }

  function measure() {
    const gradients = store.get("gradients");
    if (!gradients) return;
    const tensors = { quantized: gradients.quantized, features: gradients.features.reconstruction };
    for (const { end, host, total } of maps) {
      lengths[end] = vectorNorms(tensors[end]);
      const whole = norm(tensors[end]);
      host.dataset.norm = String(whole);
      setText(total, significant(whole));
    }
  }

  function paint() {
    const grid = store.get("model")?.grid;
    if (!grid) return;
    const most = Math.max(...lengths.quantized, ...lengths.features);
    setText(high, significant(most));
    // All zeros are black.
    const scale = { low: 0, high: most || 1 };
    for (const { end, picture } of maps) {
      if (lengths[end].length !== cellCount(grid)) continue;
      picture.paint(grid.width, grid.height, (x, y) => GREYS[shade(lengths[end][rowOf([y, x], grid)], scale)]);
    }
  }

  function read() {
    const cell = store.get("focus")?.cell;
    const row = store.get("focus")?.row ?? -1;
    setText(reading, cell && lengths.quantized.length
      ? backward.reading(cell, lengths.quantized[row], lengths.features[row])
      : backward.readingHint);
  }

  return {
    update(changed) {
      if (changed.has("model")) describeLine();
      if (changed.has("straightThrough")) describe();
      for (const { cells } of maps) cells.update(changed);
      if (!store.get("gradients")) return;
      if (changed.has("gradients")) measure();
      if (anyChanged(changed, ["gradients", "model"])) paint();
      if (anyChanged(changed, ["gradients", "focus"])) read();
    },
  };
}
