// @ts-check

import { createLayer, createPicture } from "../core/canvas.js";
import { GREYS, shade } from "../core/colors.js";
import { find, hide, make } from "../core/dom.js";
import { cellOf, rowOf } from "../core/grid.js";
import { nameOf, read, selectionAt, sizeOf, sourcesOf } from "./matrices.js";
import { createRovingGrid } from "../core/roving-grid.js";
import { anyChanged } from "../core/store.js";
import { createWatch } from "../core/watch.js";

/** @typedef {import("../core/types.d.ts").Stage} Stage */

const FONT = '600 12px ui-monospace, "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace';
/** Height of a line of text and width of a two-digit number, in pixels. */
const TEXT = { height: 14, width: 18 };

/** Steps between labelled columns where not all have room for a label. */
const RULER = [5, 10, 20, 50, 100];

/** Cells smaller than this are filled instead of outlined. In pixels. */
const LEAST_OUTLINED = 5;

/**
 * A tensor as a matrix of greys. Data and highlight are separate canvases, so that hovering repaints no data.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("../core/positions.js").Positions} positions
 * @param {{ stage: Stage, kind: import("./matrices.js").Kind }} matrix
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, positions, { stage, kind }) {
  const plot = find(element, ".matrix-plot");
  const data = createLayer(find(plot, "canvas.data", HTMLCanvasElement), store);
  const marks = createLayer(find(plot, "canvas.highlight", HTMLCanvasElement), store);
  const labels = element.querySelector("canvas.code-labels");
  const captions = /** @type {HTMLElement[]} */ ([...element.querySelectorAll("[data-caption]")]);
  const codes = labels instanceof HTMLCanvasElement ? createLayer(labels, store) : null;
  const picture = createPicture();
  const moved = createWatch();
  /** Entries exist only for a model. */
  const shownModel = () => /** @type {import("../core/types.d.ts").Model} */ (store.get("model"));
  /** @param {number} item */
  const entryOf = (item) => cellOf(item, { width: sizeOf(shownModel(), kind)[1] });

  const entries = createRovingGrid(find(plot, ".entries"), store, {
    single: true,
    select: (item) => selectionAt(shownModel(), stage, ...entryOf(item)),
    label(item) {
      const [row, column] = entryOf(item);
      const value = read(store.get("matrixSource"), stage)?.value(row, column) ?? NaN;
      return nameOf(shownModel(), store.get("shownVariant"), store.get("shownChannel"), stage, row, column, value);
    },
    point(item) {
      const entry = store.get("entry");
      const here = entry?.stage === stage;
      if (item === null) {
        if (here) store.set("entry", null);
        return;
      }
      const [row, column] = entryOf(item);
      if (!here || entry.row !== row || entry.column !== column) store.set("entry", { stage, row, column });
    },
  });

  positions.offer(stage, (row, column) => {
    const { left, top, width, height } = plot.getBoundingClientRect();
    if (!width) return null;
    const [rows, columns] = sizeOf(shownModel(), kind);
    const across = width / columns;
    const down = height / rows;
    return new DOMRect(
      left + (column ?? 0) * across,
      top + (row ?? 0) * down,
      column === null ? width : across,
      row === null ? height : down,
    );
  });

  function arrange() {
    const model = store.get("model");
    if (!model) return;
    const [rows, columns] = sizeOf(model, kind);
    entries.arrange(rows * columns, columns);
    const { height } = model.grid;
    // Row numbers at the start of each row of the grid.
    const rulers = kind === "vectors" || kind === "distances" || kind === "column" ? height : 0;
    find(plot, ".matrix-rows").replaceChildren(...Array.from({ length: rulers }, (_, i) => {
      const label = make("span", "", String(rowOf([i, 0], model.grid)));
      label.style.top = `${(100 * i) / height}%`;
      return label;
    }));
  }

  function paintData() {
    const source = store.get("matrixSource");
    const reading = read(source, stage);
    if (!source || !reading) return;
    // Strokes often leave the codes unchanged, and never change the codebook.
    if (!moved(...sourcesOf(source, stage), store.get("layout"))) return;
    const { model, trace } = source;
    const { rows, columns, value, range } = reading;
    if (kind === "column") {
      const codes = Array.from({ length: rows }, (_, row) => value(row, 0));
      data.paint((context) => paintColumn(context, data, codes, model.palette.fill));
      return;
    }
    data.paint((context) => {
      picture.fill(columns, rows, (x, y) => GREYS[shade(value(y, x), range(y, x))]);
      context.drawImage(picture.canvas, 0, 0, data.width, data.height);
      if (kind !== "codes" && kind !== "grid") rule(context, data, model.grid.height);
      if (kind === "distances") outlineNearest(context, data, trace.indices.flat(), columns, model.palette.fill);
    });
  }

  function paintMarks() {
    const model = store.get("model");
    const focused = store.get("focus");
    const compared = store.get("selection")?.code ?? null;
    plot.classList.toggle("has-marks", focused !== null);
    if (!model || !focused) return; // what was painted last is hidden
    marks.paint((context) => {
      const [rows, columns] = sizeOf(model, kind);
      const across = marks.width / columns;
      const down = marks.height / rows;
      const lit = focused.cell ? [focused.row] : [...focused.users];
      if (kind === "grid") {
        for (const row of lit) {
          const [i, j] = cellOf(row, model.grid);
          outline(context, marks, j * across, i * down, across, down);
        }
        return;
      }
      if (kind === "codes") {
        outline(context, marks, focused.code * across, 0, across, marks.height);
        if (compared === null || compared === focused.code) return;
        context.setLineDash([5, 3]);
        outline(context, marks, compared * across, 0, across, marks.height);
        context.setLineDash([]);
        return;
      }
      for (const row of lit) outline(context, marks, 0, row * down, marks.width, down);
      if (kind !== "distances") return;
      if (!focused.cell) outline(context, marks, focused.code * across, 0, across, marks.height);
      else if (compared !== null) outline(context, marks, compared * across, focused.row * down, across, down);
    });
  }

  /** Tab comes in at the distance whose sum is shown. */
  function rest() {
    const focused = store.get("focus");
    const model = store.get("model");
    if (kind !== "distances" || !model || !focused?.cell || !store.get("pinned")) return;
    entries.rest(rowOf([focused.row, focused.compared], { width: model.grid.numEmbeddings }));
  }

  function paintLabels() {
    const model = store.get("model");
    if (!model || !codes) return;
    codes.paint((context) => labelCodes(context, codes, model.grid.numEmbeddings, model.palette));
  }

  /** Each variant may have its own caption. */
  function caption() {
    const variant = store.get("shownVariant");
    const own = captions.some((text) => text.dataset.caption === variant);
    for (const text of captions) hide(text, text.dataset.caption !== (own ? variant : "normal"));
  }

  return {
    update(changed) {
      if (changed.has("shownVariant")) caption();
      if (changed.has("model")) arrange();
      if (anyChanged(changed, ["model", "layout"])) paintLabels();
      if (anyChanged(changed, ["matrixSource", "layout"])) paintData();
      if (anyChanged(changed, ["model", "focus", "selection", "layout"])) paintMarks();
      if (anyChanged(changed, ["model", "focus", "pinned"])) rest();
      if (changed.has("selection")) {
        element.classList.toggle("is-linked", store.get("selection")?.stage === stage);
      }
    },
  };
}

/**
 * A white line with a black border, visible on every grey. At the edge it stays within the canvas.
 * @param {CanvasRenderingContext2D} context
 * @param {{ width: number, height: number }} size of the canvas
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
function outline(context, size, x, y, width, height) {
  // Outside the marked cells, which thin rows would otherwise lose.
  const left = Math.max(1, x - 1);
  const top = Math.max(1, y - 1);
  const right = Math.min(size.width - 1, x + width + 1);
  const bottom = Math.min(size.height - 1, y + height + 1);
  for (const [thickness, color] of /** @type {[number, string][]} */ ([[3.5, "#000"], [1.5, "#fff"]])) {
    context.lineWidth = thickness;
    context.strokeStyle = color;
    context.strokeRect(left, top, right - left, bottom - top);
  }
}

/**
 * Lines between the rows that come from one row of the grid and the next.
 * @param {CanvasRenderingContext2D} context
 * @param {{ width: number, height: number }} size
 * @param {number} lines
 */
function rule(context, { width, height }, lines) {
  context.fillStyle = "rgb(128 128 128 / 0.8)";
  for (let i = 1; i < lines; i++) context.fillRect(0, Math.round((height * i) / lines) - 0.5, width, 1);
}

/**
 * Each row's smallest distance in the colour of its code.
 * @param {CanvasRenderingContext2D} context
 * @param {{ width: number, height: number }} size
 * @param {number[]} nearest code of each row
 * @param {number} columns
 * @param {string[]} fill
 */
function outlineNearest(context, { width, height }, nearest, columns, fill) {
  const across = width / columns;
  const down = height / nearest.length;
  const small = Math.min(across, down) < LEAST_OUTLINED;
  context.lineWidth = 2;
  nearest.forEach((code, row) => {
    const x = code * across;
    const y = row * down;
    if (small) {
      context.fillStyle = fill[code];
      context.fillRect(x, y, Math.max(2, across), Math.max(2, down));
    } else {
      context.strokeStyle = fill[code];
      context.strokeRect(x + 1, y + 1, across - 2, down - 2);
    }
  });
}

/**
 * Codes one below the other, each with its number. Where rows are lower than a line of text, the numbers alternate
 * between several columns, or are left out.
 * @param {CanvasRenderingContext2D} context
 * @param {{ width: number, height: number }} size
 * @param {number[]} codes
 * @param {string[]} fill
 */
function paintColumn(context, { width, height }, codes, fill) {
  const down = height / codes.length;
  const turns = Math.ceil(TEXT.height / down);
  const swatch = Math.max(10, width - turns * TEXT.width);
  const numbered = swatch + turns * TEXT.width <= width;
  context.font = FONT;
  context.textBaseline = "middle";
  context.textAlign = "center";
  codes.forEach((code, row) => {
    context.fillStyle = fill[code];
    context.fillRect(0, row * down, numbered ? swatch - 2 : width, down + 0.5);
    if (!numbered) return;
    const y = Math.min(height - TEXT.height / 2, Math.max(TEXT.height / 2, (row + 0.5) * down));
    context.fillText(String(code), swatch + TEXT.width * ((row % turns) + 0.5), y);
  });
}

/**
 * Code numbers over their columns, two lines deep where one has no room for them.
 * @param {CanvasRenderingContext2D} context
 * @param {{ width: number, height: number }} size
 * @param {number} count
 * @param {import("../core/types.d.ts").Palette} palette
 */
function labelCodes(context, { width, height }, count, palette) {
  const across = width / count;
  const turns = Math.ceil(TEXT.width / across);
  const written = turns <= 2;
  const line = height / 2;
  // Among hundreds of columns, every so many are named, as on a ruler.
  const every = RULER.find((step) => step * across >= 2 * TEXT.width) ?? count;
  context.font = FONT;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let code = 0; code < count; code++) {
    const x = code * across;
    const top = turns === 2 && code % 2 === 0 ? 0 : line;
    context.fillStyle = palette.fill[code];
    if (!written) {
      context.fillRect(x, line, across + 0.5, line);
      if (code % every === 0) {
        context.textAlign = code ? "center" : "left";
        context.fillText(String(code), code ? x + across / 2 : 0, line / 2);
      }
      continue;
    }
    // A stem from the upper line down to the column.
    if (top === 0) context.fillRect(x + across / 2 - 1, line, 2, line);
    const chip = Math.min(turns * across - 1, Math.max(across - 1, TEXT.width));
    const left = Math.min(width - chip, Math.max(0, x + (across - chip) / 2));
    context.fillRect(left, top, chip, line - 1);
    context.fillStyle = palette.ink[code];
    context.fillText(String(code), left + chip / 2, top + line / 2);
  }
}
