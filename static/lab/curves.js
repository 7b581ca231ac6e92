// @ts-check

/** A number over the steps of one training, and of another one. */

import { significant } from "../core/format.js";

/** @typedef {import("../core/canvas.js").Layer} Layer */
/** @typedef {import("../core/types.d.ts").Point} Point step and value */

/** Steps that are shown at least, so that a curve does not start with a jump across the plot. */
const LEAST_STEPS = 200;

const FONT = '12px ui-monospace, "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace';

const LINES = [{ color: "#fff", dash: [] }, { color: "#ff9f5a", dash: [5, 4] }];

/**
 * @param {Point[]} points in the order of their steps
 * @param {number} step
 * @returns {number} the value there, between those before and after; NaN outside
 */
export function valueAt(points, step) {
  const n = points.findIndex(([at]) => at >= step);
  if (n < 0) return NaN;
  const [at, value] = points[n];
  if (at === step) return value;
  if (n === 0) return NaN;
  const [before, former] = points[n - 1];
  return former + ((step - before) / (at - before)) * (value - former);
}

/**
 * @param {Point[]} points
 * @param {number} end
 * @returns {Point[]} those up to a step, and that step's own
 */
export function until(points, end) {
  const last = valueAt(points, end);
  const within = points.filter(([step]) => step < end);
  return Number.isNaN(last) ? within : [...within, [end, last]];
}

/**
 * @param {Layer} layer
 * @param {Point[]} own solid
 * @param {Point[]} other dashed, as far as the own one
 * @param {boolean} logarithmic
 */
export function paintCurves(layer, own, other, logarithmic) {
  const end = Math.max(LEAST_STEPS, own.at(-1)?.[0] ?? 0);
  const scale = logarithmic ? Math.log : Number;
  // What is 0, or not a number after a run has diverged, has no place on a logarithmic scale.
  const curves = [own, until(other, end)].map((points) => points.filter(([, value]) => value > 0));
  const values = curves.flat().map(([, value]) => scale(value));
  const low = logarithmic ? Math.min(...values) : 0;
  const high = Math.max(...values);
  /** @param {number} step */
  const x = (step) => 4 + (step / end) * (layer.width - 8);
  /** @param {number} value */
  const y = (value) => 8 + ((high - scale(value)) / Math.max(1e-9, high - low)) * (layer.height - 16);
  layer.paint((context) => {
    context.lineWidth = 2;
    curves.forEach((points, n) => {
      context.strokeStyle = LINES[n].color;
      context.setLineDash(LINES[n].dash);
      context.beginPath();
      for (const [step, value] of points) context.lineTo(x(step), y(value));
      context.stroke();
    });
    context.setLineDash([]);
    if (!values.length) return;
    context.font = FONT;
    context.fillStyle = "#fff";
    context.textAlign = "right";
    context.textBaseline = "top";
    context.fillText(significant(logarithmic ? Math.exp(high) : high), layer.width - 2, 2);
    context.textBaseline = "bottom";
    context.textAlign = "left";
    context.fillText(significant(logarithmic ? Math.exp(low) : low), 2, layer.height - 1);
  });
}
