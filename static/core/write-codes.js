// @ts-check

import { createPicture } from "./canvas.js";

/** Smallest font, narrowest cell that shows its number, and width of a digit, in pixels. */
const LEAST = { font: 12, cell: 16, digit: 7.2 };

/** The squares of a grid, a pixel each. */
const squares = createPicture();

/**
 * A grid of codes in their colours, each with its number; null leaves a cell empty.
 * @param {CanvasRenderingContext2D} context
 * @param {(number | null)[][]} indices
 * @param {import("./types.d.ts").Palette} palette
 * @param {{ left: number, top: number, width: number, height: number }} area
 */
export function writeCodes(context, indices, palette, area) {
  const rows = indices.length;
  const columns = indices[0].length;
  const width = area.width / columns;
  const height = area.height / rows;
  squares.fill(columns, rows, (j, i) => palette.packed[indices[i][j] ?? -1] ?? 0);
  context.drawImage(squares.canvas, area.left, area.top, area.width, area.height);
  const digits = String(palette.fill.length - 1).length;
  if (width < Math.max(LEAST.cell, digits * LEAST.digit)) return;
  const size = Math.max(LEAST.font, Math.min(18, 0.46 * height, (LEAST.font * width) / (digits * LEAST.digit + 4)));
  context.font = `600 ${size}px ui-monospace, "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  let set = "";
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const code = indices[i][j];
      if (code === null) continue;
      const ink = palette.ink[code];
      // Setting a colour parses it, even the one that is set.
      if (ink !== set) context.fillStyle = set = ink;
      context.fillText(String(code), area.left + (j + 0.5) * width, area.top + (i + 0.5) * height + 0.04 * size);
    }
  }
}
