// @ts-check

/** The four pictures of a training run, each drawn on a layer of its own. */

import { GREYS } from "../core/colors.js";
import { significant } from "../core/format.js";
import { between, fit } from "../core/projection.js";
import { SIZE } from "../core/state.js";
import { sections } from "../texts/sections.js";

/** @typedef {import("../core/canvas.js").Layer} Layer */
/** @typedef {import("../core/types.d.ts").Palette} Palette */
/** @typedef {import("../core/types.d.ts").Snapshot} Snapshot */

/** Between the outermost point and the edge of the map, in CSS pixels. */
const MARGIN = 12;

/** More codes than these are drawn small. */
const FEW = 64;

/** The largest width of a digit. */
const DIGIT_REM = 5;

const FONT = '12px ui-monospace, "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace';

/** The commitment term has the codebook term's values. */
const LINES = /** @type {const} */ ([
  { loss: "reconstruction", color: "#fff", dash: [] },
  { loss: "codebook", color: "#ff9f5a", dash: [5, 4] },
]);

/**
 * Codes and features on the principal axes of the final codebook, between two snapshots.
 * @param {Layer} layer
 * @param {Palette} palette
 * @param {import("../core/projection.js").Extent} extent
 * @param {{ from: Snapshot, to: Snapshot, t: number }} moment t is 0 at `from` and 1 at `to`
 * @param {object} [options]
 * @param {number} [options.pointed] code
 * @param {number} [options.dot] width of a feature in CSS pixels
 */
export function paintMap(layer, palette, extent, { from, to, t }, { pointed, dot = 2 } = {}) {
  const place = fit(extent, layer, MARGIN);
  const half = from.positions.length > FEW ? 3 : 5;
  layer.paint((context) => {
    context.fillStyle = "rgb(255 255 255 / 0.55)";
    from.features.forEach((feature, n) => {
      const [x, y] = place(to.features[n] ? between(feature, to.features[n], t) : feature);
      context.fillRect(x - dot / 2, y - dot / 2, dot, dot);
    });
    const places = from.positions.map((position, code) => place(between(position, to.positions[code], t)));
    places.forEach(([x, y], code) => {
      const alive = from.usage[code] > 0;
      context.fillStyle = alive ? palette.fill[code] : "#000";
      context.fillRect(x - half, y - half, 2 * half, 2 * half);
      context.lineWidth = 1.5;
      context.strokeStyle = alive ? "#000" : palette.fill[code];
      context.strokeRect(x - half, y - half, 2 * half, 2 * half);
    });
    if (pointed === undefined) return;
    const [x, y] = places[pointed];
    context.strokeStyle = "#fff";
    context.lineWidth = 2;
    context.strokeRect(x - half - 3, y - half - 3, 2 * half + 6, 2 * half + 6);
  });
}

/**
 * A bar for each code: the share of cells that choose it.
 * @param {Layer} layer
 * @param {Palette} palette
 * @param {number[]} shares
 */
export function paintUsage(layer, palette, shares) {
  const most = Math.max(...shares, Number.MIN_VALUE);
  const across = layer.width / shares.length;
  layer.paint((context) => {
    shares.forEach((share, code) => {
      const height = share > 0 ? Math.max(1, (share / most) * (layer.height - 16)) : 0;
      context.fillStyle = palette.fill[code];
      context.fillRect(code * across, layer.height - height, Math.max(1, across - 1), height);
    });
    context.font = FONT;
    context.textBaseline = "top";
    context.fillStyle = "#fff";
    context.fillText(sections.mostUsed(most), 2, 2);
  });
}

/**
 * The losses of all snapshots on a logarithmic scale, and the playhead.
 * @param {Layer} layer
 * @param {Snapshot[]} snapshots
 * @param {number} at the playhead, in snapshots
 */
export function paintLosses(layer, snapshots, at) {
  // What is 0, or not a number after a run has diverged, has no place on a logarithmic scale.
  const values = snapshots.flatMap(({ losses }) => LINES.map(({ loss }) => losses[loss])).filter((value) => value > 0);
  const low = Math.log(Math.min(...values));
  const high = Math.log(Math.max(...values));
  /** @param {number} n */
  const x = (n) => 4 + (n / Math.max(1, snapshots.length - 1)) * (layer.width - 8);
  /** @param {number} value */
  const y = (value) => 8 + ((high - Math.log(value)) / Math.max(1e-9, high - low)) * (layer.height - 16);
  layer.paint((context) => {
    context.fillStyle = "#4a5164";
    context.fillRect(x(at) - 1, 0, 2, layer.height);
    context.lineWidth = 2;
    for (const { loss, color, dash } of LINES) {
      context.strokeStyle = color;
      context.setLineDash([...dash]);
      context.beginPath();
      snapshots.forEach(({ losses }, n) => {
        if (losses[loss] > 0) context.lineTo(x(n), y(losses[loss]));
      });
      context.stroke();
    }
    context.setLineDash([]);
    if (!values.length) return;
    context.font = FONT;
    context.fillStyle = "#fff";
    context.textBaseline = "top";
    context.textAlign = "right";
    context.fillText(significant(Math.exp(high)), layer.width - 2, 2);
    context.textBaseline = "bottom";
    context.textAlign = "left";
    context.fillText(significant(Math.exp(low)), 2, layer.height - 1);
  });
}

/**
 * The authored digits, and below each its reconstruction.
 * @param {Layer} layer
 * @param {ReturnType<typeof import("../core/canvas.js").createPicture>} picture
 * @param {Uint8Array} originals the pictures one after the other
 * @param {Uint8Array} reconstructions
 */
export function paintDigits(layer, picture, originals, reconstructions) {
  const count = originals.length / (SIZE * SIZE);
  const canvas = picture.fill(SIZE * count, 2 * SIZE, (x, y) => {
    const row = y < SIZE ? originals : reconstructions;
    return GREYS[row[(Math.floor(x / SIZE) * SIZE + (y % SIZE)) * SIZE + (x % SIZE)]];
  });
  layer.canvas.style.aspectRatio = `${count} / 2`;
  layer.canvas.style.maxWidth = `${count * DIGIT_REM}rem`;
  layer.paint((context) => context.drawImage(canvas, 0, 0, layer.width, layer.height));
}
