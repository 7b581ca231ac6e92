// @ts-check

/**
 * Strokes to ink: a soft round brush on a 28×28 grid, and the centring of the MNIST digits. No DOM.
 *
 * Ink is a Float32Array of 784 values from 0 to 1, row-major. A point (x, y) is in pixels, so (0.5, 0.5) is the
 * middle of the first pixel.
 */

import { AS_DRAWN, SIZE } from "../core/state.js";

/** @typedef {import("../core/types.d.ts").Point} Point */
/** @typedef {import("../core/types.d.ts").Step} Step */
/** @typedef {import("../core/types.d.ts").Placement} Placement */

/** The box MNIST's digits were fitted into before they were centred by mass (LeCun et al. 1998). */
const BOX = 20;

/** Limits the scale, so that a single dot does not become a disc of 20 pixels. */
const MOST_ENLARGED = 3;

/** The stroke width scales less than the drawing: pens in MNIST have similar widths. */
const PEN = { least: 0.8, most: 1.3 };

/** @returns {Float32Array} */
export function blank() {
  return new Float32Array(SIZE * SIZE);
}

/**
 * Draws one straight segment of a stroke. Ink fades over one pixel at the edge, as in MNIST.
 * @param {Float32Array} ink changed in place
 * @param {Point} from
 * @param {Point} to the same as `from` for a dot
 * @param {number} radius
 * @param {boolean} erase
 */
export function lay(ink, [x0, y0], [x1, y1], radius, erase) {
  const reach = radius + 0.5;
  const reach2 = reach * reach;
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(SIZE - 1, Math.ceil(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(SIZE - 1, Math.ceil(Math.max(y0, y1) + reach));
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length2 = dx * dx + dy * dy;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const px = x + 0.5 - x0;
      const py = y + 0.5 - y0;
      const along = length2 ? Math.min(1, Math.max(0, (px * dx + py * dy) / length2)) : 0;
      const qx = px - along * dx;
      const qy = py - along * dy;
      const apart2 = qx * qx + qy * qy;
      if (apart2 >= reach2) continue;
      // Not Math.hypot, which takes ten times as long: every move of the pen redraws all segments.
      const cover = Math.min(1, reach - Math.sqrt(apart2));
      const n = y * SIZE + x;
      ink[n] = erase ? Math.min(ink[n], 1 - cover) : Math.max(ink[n], cover);
    }
  }
}

/**
 * @param {Step[]} steps
 * @param {Placement} [placement] where the drawing goes: p → p × scale + (dx, dy)
 * @returns {Float32Array}
 */
export function rasterize(steps, placement = AS_DRAWN) {
  const ink = blank();
  const { scale, dx, dy } = placement;
  const pen = Math.min(PEN.most, Math.max(PEN.least, scale));
  for (const step of steps) {
    if (step.kind === "codes") continue;
    if (step.kind === "clear") {
      ink.fill(0);
      continue;
    }
    /** @type {Point | null} */
    let last = null;
    for (const [x, y] of step.points) {
      /** @type {Point} */
      const point = [x * scale + dx, y * scale + dy];
      lay(ink, last ?? point, point, step.radius * (step.erase ? scale : pen), step.erase);
      last = point;
    }
  }
  return ink;
}

/**
 * The edges of the ink with subpixel precision: a half covered outermost pixel counts as half, so that the centred copy
 * does not jump while a drawing grows.
 * @param {Float32Array} ink
 * @returns {{ left: number, top: number, right: number, bottom: number } | null} null without ink
 */
export function bounds(ink) {
  const columns = new Float32Array(SIZE);
  const rows = new Float32Array(SIZE);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const value = ink[y * SIZE + x];
      columns[x] = Math.max(columns[x], value);
      rows[y] = Math.max(rows[y], value);
    }
  }
  /** @param {number} value */
  const inked = (value) => value > 0.02;
  const left = columns.findIndex(inked);
  if (left < 0) return null;
  const right = columns.findLastIndex(inked);
  const top = rows.findIndex(inked);
  const bottom = rows.findLastIndex(inked);
  return {
    left: left + 1 - columns[left],
    top: top + 1 - rows[top],
    right: right + columns[right],
    bottom: bottom + rows[bottom],
  };
}

/**
 * @param {Float32Array} ink
 * @returns {Point | null} centre of mass, null without ink
 */
export function centreOfMass(ink) {
  let mass = 0, x = 0, y = 0;
  for (let n = 0; n < ink.length; n++) {
    mass += ink[n];
    x += ink[n] * ((n % SIZE) + 0.5);
    y += ink[n] * (Math.floor(n / SIZE) + 0.5);
  }
  return mass > 0 ? [x / mass, y / mass] : null;
}

/**
 * The preprocessing of MNIST: fit into a 20×20 box keeping the aspect ratio, then move the centre of mass to the middle
 * of the picture. Strokes are drawn again instead of resampling pixels, so nothing blurs.
 * @param {Step[]} steps
 * @param {Float32Array} ink the steps as drawn
 * @returns {{ ink: Float32Array, placement: Placement }}
 */
export function centre(steps, ink) {
  const box = bounds(ink);
  if (!box) return { ink, placement: AS_DRAWN };
  const extent = Math.max(box.right - box.left, box.bottom - box.top);
  const scale = Math.min(MOST_ENLARGED, BOX / extent);
  /** @type {Placement} */
  const fitted = {
    scale,
    dx: SIZE / 2 - (scale * (box.left + box.right)) / 2,
    dy: SIZE / 2 - (scale * (box.top + box.bottom)) / 2,
  };
  const mass = centreOfMass(rasterize(steps, fitted));
  if (!mass) return { ink, placement: AS_DRAWN };
  // By whole pixels, as in MNIST, so that the second step does not resample.
  const placement = {
    scale,
    dx: fitted.dx + Math.round(SIZE / 2 - mass[0]),
    dy: fitted.dy + Math.round(SIZE / 2 - mass[1]),
  };
  return { ink: rasterize(steps, placement), placement };
}

/**
 * @param {Float32Array} ink
 * @returns {Uint8Array<ArrayBuffer>} 0 to 255, as the server expects it
 */
export function toBytes(ink) {
  const bytes = new Uint8Array(ink.length);
  for (let n = 0; n < ink.length; n++) bytes[n] = Math.round(255 * ink[n]);
  return bytes;
}
