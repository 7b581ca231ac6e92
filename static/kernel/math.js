// @ts-check

/** The matrix product that all of the kernel's time goes into, with SIMD where the browser has it. */

import { WASM } from "./multiply.js";

/** @typedef {import("./types.d.ts").Matrix} Matrix */

const PAGE = 65536; // bytes, WebAssembly's unit of memory
const TOLERANCE = 1e-5; // of the largest value; the two differ by rounding only

/** @type {import("./types.d.ts").Math} */
export const PLAIN = {
  simd: false,
  createMemory(floats) {
    const buffer = new ArrayBuffer(4 * floats);
    const memory = new Float32Array(buffer);
    return { buffer, multiply: (a, b, c) => multiply(memory, a, b, c) };
  },
};

/**
 * @returns {Promise<import("./types.d.ts").Math>} with SIMD, or in plain JavaScript where the browser lacks it or
 *   computes something else with it
 */
export async function createMath() {
  const simd = await createSimd();
  return simd && agrees(simd, PLAIN) ? simd : PLAIN;
}

/** @returns {Promise<import("./types.d.ts").Math | null>} null where the browser lacks it, or its rules forbid it */
export async function createSimd() {
  let module;
  try {
    module = await WebAssembly.compile(Uint8Array.from(atob(WASM), (letter) => letter.charCodeAt(0)));
  } catch (error) {
    console.info("The model runs in plain JavaScript, which is slower:", error);
    return null;
  }
  return {
    simd: true,
    createMemory(floats) {
      const memory = new WebAssembly.Memory({ initial: Math.ceil(4 * floats / PAGE) });
      const { exports } = new WebAssembly.Instance(module, { kernel: { memory } });
      const product = /** @type {(...numbers: number[]) => void} */ (exports.multiply);
      return {
        buffer: memory.buffer,
        multiply: (a, b, c) => product(4 * a.at, 4 * b.at, 4 * c.at, a.rows, a.stride, c.stride),
      };
    },
  };
}

/**
 * The same as multiply.wat, in tiles of 2×4 sums.
 * @param {Float32Array} memory
 * @param {Matrix} a rows × depth
 * @param {Matrix} b columns × depth
 * @param {Matrix} c rows × columns
 */
function multiply(memory, a, b, c) {
  const depth = a.stride;
  for (let j = 0; j < c.stride; j += 4) {
    for (let i = 0; i < a.rows; i += 2) {
      const step = i + 1 < a.rows ? depth : 0; // an odd last row is done twice
      const start = b.at + j * depth;
      let at = a.at + i * depth;
      let x0 = 0, x1 = 0, x2 = 0, x3 = 0;
      let y0 = 0, y1 = 0, y2 = 0, y3 = 0;
      for (let n = start; n < start + depth; n++, at++) {
        const x = memory[at];
        const y = memory[at + step];
        const w0 = memory[n], w1 = memory[n + depth], w2 = memory[n + 2 * depth], w3 = memory[n + 3 * depth];
        x0 += x * w0;
        x1 += x * w1;
        x2 += x * w2;
        x3 += x * w3;
        y0 += y * w0;
        y1 += y * w1;
        y2 += y * w2;
        y3 += y * w3;
      }
      let out = c.at + i * c.stride + j;
      memory[out] = x0;
      memory[out + 1] = x1;
      memory[out + 2] = x2;
      memory[out + 3] = x3;
      if (step) {
        out += c.stride;
        memory[out] = y0;
        memory[out + 1] = y1;
        memory[out + 2] = y2;
        memory[out + 3] = y3;
      }
    }
  }
}

/** A drawn 2: 28 rows of 28 bits, the leftmost the highest. */
const DRAWING = [
  0, 0, 0, 0, 0x1FE00, 0x7FF80, 0xFFFC0, 0x1F03E0, 0x1C00E0, 0x1800F0, 0x70, 0x70, 0x70, 0xE0,
  0x1E0, 0x3C0, 0x780, 0x1F00, 0x3E00, 0xF800, 0x1F000, 0x7C000, 0xF8000, 0x1FFFF0, 0x1FFFF0, 0, 0, 0,
];

/**
 * The self-check: the patches of 1×16 pixels of a drawing, by waves in the place of learned filters.
 * @param {import("./types.d.ts").Math} one
 * @param {import("./types.d.ts").Math} other
 * @returns {boolean} whether both compute the same
 */
export function agrees(one, other) {
  const [found, expected] = [one, other].map(filterDrawing);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return found.every((value, n) => Math.abs(value - expected[n]) <= TOLERANCE * largest);
}

/**
 * @param {import("./types.d.ts").Math} math
 * @returns {Float32Array} 337×8
 */
function filterDrawing(math) {
  const patches = DRAWING.flatMap((row) => {
    const pixels = Array.from({ length: 28 }, (_, j) => (row >> (27 - j)) & 1);
    return Array.from({ length: 13 }, (_, j) => pixels.slice(j, j + 16));
  }).slice(0, 337); // an odd number of rows
  const depth = 16, columns = 8;
  const a = { rows: patches.length, columns: depth, stride: depth, at: 0 };
  const b = { rows: columns, columns: depth, stride: depth, at: a.rows * depth };
  const c = { rows: a.rows, columns, stride: columns, at: b.at + columns * depth };
  const { buffer, multiply } = math.createMemory(c.at + c.rows * columns);
  const [first, second, product] = [a, b, c].map((matrix) => ({
    ...matrix,
    data: new Float32Array(buffer, 4 * matrix.at, matrix.rows * matrix.stride),
  }));
  first.data.set(patches.flat());
  second.data.forEach((_, n) => second.data[n] = Math.sin(n * n));
  multiply(first, second, product);
  return product.data;
}
