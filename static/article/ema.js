// @ts-check

import { createLayer } from "../core/canvas.js";
import { find, setText } from "../core/dom.js";
import { extentOf, fit, project } from "../core/projection.js";
import { anyChanged } from "../core/store.js";
import { vectorAt } from "../core/tensor.js";
import { addBatch, codeOf, totalsOf } from "./moving-average.js";
import { say } from "./says.js";

/** In CSS pixels. */
const MARGIN = 24;
const SQUARE = 16;
const DOT = 4;
const CROSS = 9;

/**
 * Moving averages take one code to the mean of the drawing's features that chose it: the selected code, or the one that
 * most of them chose. It starts on the farthest of them, and the same batch comes again and again.
 * @param {HTMLElement} element
 * @param {import("./article.js").Needs} needs
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, { store }) {
  const slider = find(element, "input[name=gamma]", HTMLInputElement);
  const caption = find(element, "figcaption");
  const layer = createLayer(find(element, "canvas", HTMLCanvasElement), store);
  let code = -1;
  /** @type {Float32Array[]} */
  let features = [];
  /** @type {number[][]} where the code was, the last one where it is */
  let path = [];
  let totals = totalsOf([], 1);

  slider.addEventListener("input", tell);
  find(element, "[data-ema=restart]").addEventListener("click", restart);
  find(element, "[data-ema=step]").addEventListener("click", () => {
    if (!path.length) return;
    totals = addBatch(totals, features, Number(slider.value));
    path.push(codeOf(totals));
    tell();
    draw();
  });

  /** @returns {boolean} whether it is about another code or other features now */
  function choose() {
    const trace = store.get("trace");
    // Rows of the wrong reshape are no features.
    if (!trace?.features || trace.variant === "wrong-reshape") return false;
    const indices = trace.indices.flat();
    const counts = new Map();
    for (const index of indices) counts.set(index, (counts.get(index) ?? 0) + 1);
    const wanted = store.get("focus")?.code;
    const most = Math.max(...counts.values());
    const next = wanted !== undefined && counts.has(wanted) ? wanted : indices.find((index) => counts.get(index) === most) ?? -1;
    const rows = indices.flatMap((index, row) => index === next ? [row] : []);
    const found = rows.map((row) => vectorAt(/** @type {import("../core/types.d.ts").Tensor} */ (trace.features), row));
    const other = next !== code || found.length !== features.length || found.some((one, n) => one.some((value, d) => value !== features[n][d]));
    [code, features] = [next, found];
    return other;
  }

  function restart() {
    if (!features.length) return;
    const apart = features.map((feature) => Math.hypot(...mean().map((value, d) => value - feature[d])));
    const start = features[apart.indexOf(Math.max(...apart))];
    totals = totalsOf(start, features.length);
    path = [Array.from(start)];
    tell();
    draw();
  }

  /** The mean of the features: where a code is at once without any memory. */
  const mean = () => codeOf(addBatch(totalsOf(features[0], 1), features, 0));

  function tell() {
    setText(find(element, "output"), Number(slider.value).toFixed(2));
    if (!path.length) return;
    const left = Math.hypot(...mean().map((value, d) => value - path[path.length - 1][d]));
    const whole = Math.hypot(...mean().map((value, d) => value - path[0][d]));
    const share = whole ? Math.round(100 * (1 - left / whole)) : 100;
    say(caption, { code, count: features.length, steps: path.length - 1, share });
  }

  function draw() {
    const model = store.get("model");
    if (!model || !path.length) return;
    const dots = features.map((feature) => project(model.projection, feature));
    const target = project(model.projection, mean());
    const trail = path.map((vector) => project(model.projection, vector));
    layer.paint((context) => {
      const place = fit(extentOf([...dots, ...trail]), layer, MARGIN);
      const { color } = getComputedStyle(layer.canvas);
      context.fillStyle = color;
      for (const [x, y] of dots.map(place)) {
        context.beginPath();
        context.arc(x, y, DOT, 0, 2 * Math.PI);
        context.fill();
      }
      context.strokeStyle = color;
      context.lineWidth = 1.5;
      context.setLineDash([2, 4]);
      context.beginPath();
      for (const [x, y] of trail.map(place)) context.lineTo(x, y);
      context.stroke();
      context.setLineDash([]);
      const [left, top] = place(target);
      context.beginPath();
      for (const [dx, dy] of [[CROSS, 0], [0, CROSS]]) {
        context.moveTo(left - dx, top - dy);
        context.lineTo(left + dx, top + dy);
      }
      context.stroke();
      const [x, y] = place(trail[trail.length - 1]);
      context.fillStyle = model.palette.fill[code];
      context.fillRect(x - SQUARE / 2, y - SQUARE / 2, SQUARE, SQUARE);
      context.strokeRect(x - SQUARE / 2, y - SQUARE / 2, SQUARE, SQUARE);
    });
  }

  return {
    throttled: true,
    update(changed) {
      if (!store.get("model")) return;
      if (anyChanged(changed, ["article", "model", "trace", "focus"]) && (choose() || changed.has("model"))) restart();
      else if (anyChanged(changed, ["layout", "shownTheme"])) draw();
    },
  };
}
