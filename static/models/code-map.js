// @ts-check

import { createLayer } from "../core/canvas.js";
import { find, setText } from "../core/dom.js";
import { cellOf } from "../core/grid.js";
import { between, extentOf, fit, nearest, project } from "../core/projection.js";
import { createRovingGrid } from "../core/roving-grid.js";
import { anyChanged } from "../core/store.js";
import { sections } from "../texts/sections.js";

/** @typedef {import("../core/types.d.ts").Model} Model */
/** @typedef {import("../core/types.d.ts").Point} Point */

/** Margin between the points and the edge of the plot, in CSS pixels: half a code's square and some space. */
const MARGIN = 22;

/** Largest distance at which the pointer selects a point, in CSS pixels. */
const REACH = { code: 14, feature: 10 };

/** Duration of the animation from a feature to its code, in milliseconds. */
const FALL_MS = 700;

/** Larger codebooks are drawn with small squares; a number appears only when its code is pointed at. */
const NUMBERED = 64;

const FONT = '600 12px ui-monospace, "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace';

/**
 * The codebook on its two principal axes, with the drawing's features and the codes they get. After a change the features
 * move to their codes. Data, motion and highlight are three canvases.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const plot = find(element, ".codemap-plot");
  const data = createLayer(find(plot, "canvas.data", HTMLCanvasElement), store);
  const motion = createLayer(find(plot, "canvas.motion", HTMLCanvasElement), store);
  const marks = createLayer(find(plot, "canvas.highlight", HTMLCanvasElement), store);
  const caption = find(element, "figcaption");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {Point[]} codes, and features of the drawing, in the codebook's units */
  let codes = [];
  /** @type {Point[]} */
  let features = [];
  /** @type {import("../core/projection.js").Extent | null} only grows, so that the map does not jump while someone draws */
  let extent = null;
  /** @type {Point[]} the same in CSS pixels, as last painted */
  let codePlaces = [];
  /** @type {Point[]} */
  let featurePlaces = [];
  let fell = 0;
  let animation = 0;

  // The codes, and after them the features, which only the pointer reaches.
  const points = createRovingGrid(find(plot, ".codemap-points"), store, {
    single: true,
    select(item) {
      const { grid } = /** @type {Model} */ (store.get("model"));
      return item < grid.numEmbeddings
        ? { cell: null, code: item, stage: "embeddings" }
        : { cell: cellOf(item - grid.numEmbeddings, grid), code: null, stage: "features" };
    },
    label: sections.mapCode,
    scattered: {
      place: (code) => codePlaces[code] ?? [0, 0],
      find(at) {
        const code = nearest(codePlaces, at, REACH.code);
        if (code >= 0) return code;
        const row = nearest(featurePlaces, at, REACH.feature);
        return row < 0 ? -1 : codes.length + row;
      },
    },
  });

  /** @param {Model} model */
  function adopt(model) {
    const { projection, embeddings } = model;
    codes = embeddings.map((embedding) => project(projection, embedding));
    features = [];
    extent = extentOf(codes);
    const [first, second] = projection.shares;
    setText(caption, sections.mapCaption(first, second));
    points.arrange(codes.length, codes.length);
  }

  /** @param {Model} model */
  function locate(model) {
    const tensor = store.get("trace")?.features;
    if (!tensor || tensor.shape.join() !== model.stages.features.join()) return;
    const [height, width, depth] = tensor.shape;
    features = Array.from({ length: height * width }, (_, row) => project(model.projection, tensor.data, row * depth));
    extent = extentOf(features, extent);
  }

  /** @returns {number[]} the code of each feature, if they are of one trace */
  const chosen = () => {
    const indices = store.get("shownIndices")?.flat() ?? [];
    return indices.length === features.length ? indices : [];
  };

  /** @param {Model} model */
  function paintData(model) {
    if (!extent) return;
    const place = fit(extent, data, MARGIN);
    codePlaces = codes.map(place);
    featurePlaces = features.map(place);
    points.place();
    const usage = model.metrics.code_usage;
    data.paint((context) => {
      context.strokeStyle = "rgb(255 255 255 / 0.35)";
      context.lineWidth = 1;
      context.beginPath();
      chosen().forEach((code, row) => {
        context.moveTo(...featurePlaces[row]);
        context.lineTo(...codePlaces[code]);
      });
      context.stroke();
      // The most used codes are drawn last, on top.
      const order = codes.map((_, code) => code);
      order.sort((a, b) => usage[a] - usage[b]);
      for (const code of order) drawCode(context, model, code, codePlaces[code], usage[code] > 0);
      for (const at of featurePlaces) drawDot(context, at, 2.5);
    });
  }

  function paintMarks() {
    const model = store.get("model");
    const focused = store.get("focus");
    marks.paint((context) => {
      if (!model || !focused || !codePlaces[focused.code]) return;
      const at = codePlaces[focused.code];
      const rows = focused.cell ? [focused.row] : [...focused.users];
      const usage = model.metrics.code_usage;
      context.lineWidth = 2;
      context.strokeStyle = model.palette.fill[focused.code];
      for (const row of rows) {
        if (!featurePlaces[row]) continue;
        context.beginPath();
        context.moveTo(...featurePlaces[row]);
        context.lineTo(...at);
        context.stroke();
        drawDot(context, featurePlaces[row], 4.5);
      }
      const half = drawCode(context, model, focused.code, at, usage[focused.code] > 0, true);
      context.strokeStyle = store.get("pinned") ? "#ffd84d" : "#fff";
      context.lineWidth = 2;
      context.strokeRect(at[0] - half[0] - 2, at[1] - half[1] - 2, 2 * half[0] + 4, 2 * half[1] + 4);
    });
  }

  function fall() {
    cancelAnimationFrame(animation);
    fell = performance.now();
    const advance = () => {
      const t = Math.min(1, (performance.now() - fell) / FALL_MS);
      const model = store.get("model");
      motion.paint((context) => {
        if (t === 1 || !model) return;
        // Ease in.
        chosen().forEach((code, row) => {
          if (!featurePlaces[row] || !codePlaces[code]) return;
          drawDot(context, between(featurePlaces[row], codePlaces[code], t * t), 3.5, model.palette.fill[code]);
        });
      });
      animation = t < 1 && store.get("health") ? requestAnimationFrame(advance) : 0;
    };
    animation = requestAnimationFrame(advance);
  }

  return {
    update(changed) {
      const model = store.get("model");
      if (!model) return;
      if (changed.has("model")) adopt(model);
      const traced = anyChanged(changed, ["model", "trace"]);
      if (traced) locate(model);
      if (traced || anyChanged(changed, ["shownIndices", "layout"])) paintData(model);
      if (traced || anyChanged(changed, ["focus", "pinned", "layout"])) paintMarks();
      if ((traced || changed.has("shownIndices")) && !still.matches) fall();
    },
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Point} at
 * @param {number} radius
 * @param {string} [fill]
 */
function drawDot(context, [x, y], radius, fill = "#fff") {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = "#000";
  context.stroke();
}

/**
 * A code as a square of its colour, with its number where there is room; hollow when nothing uses it.
 * @param {CanvasRenderingContext2D} context
 * @param {Model} model
 * @param {number} code
 * @param {Point} at
 * @param {boolean} alive
 * @param {boolean} [named] with its number even among hundreds
 * @returns {[number, number]} half its width and height
 */
function drawCode(context, { palette, embeddings }, code, [x, y], alive, named = false) {
  const numbered = named || embeddings.length <= NUMBERED;
  const [width, height] = numbered ? [12 + 7 * String(code).length, 17] : [8, 8];
  context.fillStyle = alive ? palette.fill[code] : "#000";
  context.fillRect(x - width / 2, y - height / 2, width, height);
  context.strokeStyle = alive ? "#000" : palette.fill[code];
  context.lineWidth = alive ? 1 : 1.5;
  context.strokeRect(x - width / 2, y - height / 2, width, height);
  if (numbered) {
    context.font = FONT;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = alive ? palette.ink[code] : palette.fill[code];
    context.fillText(String(code), x, y + 1);
  }
  return [width / 2, height / 2];
}
