// @ts-check

import { createOverlay } from "../core/overlay.js";

/**
 * The path of the selected cell across the figure: from its feature to its code and on to the quantized vector, with a
 * thin branch to the index.
 * @param {SVGSVGElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("../core/positions.js").Positions} positions
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, positions) {
  return createOverlay(element, store, ["casing", "branch", "line", "dots"], (focused, here) => {
    /** @type {(stage: import("../core/types.d.ts").Stage, index: number) => DOMRect | null} */
    const place = (stage, index) => here(positions.rect(stage, index));
    const feature = place("features", focused.row);
    const code = place("embeddings", focused.code);
    const index = place("indices", focused.row);
    const quantized = place("quantized", focused.row);
    if (!feature || !code || !index || !quantized) return null;
    const line = [span(feature, code), span(code, quantized)];
    const branch = [span(code, index), span(index, quantized)];
    return {
      line: line.map(curve).join(""),
      branch: branch.map(curve).join(""),
      dots: [...line, ...branch].map(ends).join(""),
    };
  });
}

/** @typedef {{ across: boolean, from: [number, number], to: [number, number] }} Span */

/**
 * The line from one box to another, edge to edge, so that it covers neither.
 * @param {DOMRect} a
 * @param {DOMRect} b
 * @returns {Span}
 */
function span(a, b) {
  const ax = a.x + a.width / 2, ay = a.y + a.height / 2;
  const bx = b.x + b.width / 2, by = b.y + b.height / 2;
  const gapAcross = Math.max(b.left - a.right, a.left - b.right);
  const gapDown = Math.max(b.top - a.bottom, a.top - b.bottom);
  const across = gapAcross > gapDown;
  if (across) {
    const forth = bx > ax;
    return { across, from: [forth ? a.right : a.left, ay], to: [forth ? b.left : b.right, by] };
  }
  const down = by > ay;
  return { across, from: [ax, down ? a.bottom : a.top], to: [bx, down ? b.top : b.bottom] };
}

/**
 * A curve along the wider gap, horizontal or vertical.
 * @param {Span} span
 * @returns {string}
 */
function curve({ across, from: [x0, y0], to: [x1, y1] }) {
  const x = (x0 + x1) / 2;
  const y = (y0 + y1) / 2;
  const bend = across ? `${x} ${y0} ${x} ${y1}` : `${x0} ${y} ${x1} ${y}`;
  return `M${x0} ${y0}C${bend} ${x1} ${y1}`;
}

/**
 * @param {Span} span
 * @returns {string} two lines of no length, which round caps make dots
 */
function ends({ from, to }) {
  return `M${from.join(" ")}h0M${to.join(" ")}h0`;
}
