// @ts-check

import { close, equal, holds, ok, throws } from "./assert.js";
import { agrees, createMath, createSimd, PLAIN } from "../../static/kernel/math.js";
import { createModel } from "../../static/kernel/model.js";
import { findRuns, gather, scatter } from "../../static/kernel/patches.js";
import { parseSafetensors } from "../../static/kernel/safetensors.js";

/**
 * @param {Record<string, unknown>} header
 * @param {Float32Array} [numbers]
 */
function safetensors(header, numbers = new Float32Array()) {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + numbers.byteLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(new Uint8Array(numbers.buffer), 8 + json.length);
  return file.buffer;
}

Deno.test("a safetensors file", () => {
  const header = {
    __metadata__: { config: "{}" },
    b: { dtype: "F32", shape: [], data_offsets: [24, 28] },
    a: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
  };
  equal(parseSafetensors(safetensors(header, Float32Array.of(1, 2, 3, 4, 5, 6, 7))), {
    metadata: { config: "{}" },
    tensors: {
      a: { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
      b: { shape: [], data: Float32Array.of(7) },
    },
  });
  equal(parseSafetensors(safetensors({})), { metadata: {}, tensors: {} });
});

Deno.test("a damaged safetensors file is refused", () => {
  const entry = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  const whole = safetensors({ a: entry }, Float32Array.of(1, 2));
  throws(() => parseSafetensors(whole.slice(0, 7)), /damaged: it ends before its header/);
  throws(() => parseSafetensors(whole.slice(0, 20)), /damaged: it ends within its header/);
  throws(() => parseSafetensors(whole.slice(0, -4)), /damaged: it ends within a/);
  const text = new Uint8Array(whole.slice(0));
  text[8] = 255;
  throws(() => parseSafetensors(text.buffer), /damaged: its header is not JSON/);
  throws(() => parseSafetensors(new TextEncoder().encode("<!doctype html><title>404").buffer), /damaged/);
  for (const header of [null, [3], 3]) throws(() => parseSafetensors(safetensors(/** @type {any} */ (header))), /damaged/);
  for (
    const [change, problem] of /** @type {[object, RegExp][]} */ ([
      [{ dtype: "F16" }, /a is of type F16, expected F32/],
      [{ shape: [3] }, /a does not fill its shape/],
      [{ shape: "2" }, /a has no shape or no place/],
      [{ data_offsets: [2, 10] }, /a does not fill its shape/],
      [{ data_offsets: undefined }, /a has no shape or no place/],
      [{ data_offsets: [4, 12] }, /it ends within a/],
    ])
  ) {
    throws(() => parseSafetensors(safetensors({ a: { ...entry, ...change } }, Float32Array.of(1, 2))), problem);
  }
});

Deno.test("products with SIMD are those of plain JavaScript, and those of the definition", async () => {
  const simd = await createSimd();
  ok(simd, "no SIMD");
  holds(30, (random) => {
    const rows = 1 + Math.floor(9 * random());
    const [depth, columns] = [4 + 4 * Math.floor(9 * random()), 4 + 4 * Math.floor(5 * random())];
    const values = Array.from({ length: (rows + columns) * depth }, () => random() - 0.5);
    const expected = Array.from({ length: rows * columns }, (_, n) => {
      const [i, j] = [Math.floor(n / columns), rows + n % columns];
      return values.slice(i * depth, (i + 1) * depth).reduce((sum, x, k) => sum + x * values[j * depth + k], 0);
    });
    for (const math of [simd, PLAIN]) {
      const a = { rows, columns: depth, stride: depth, at: 0, data: new Float32Array() };
      const b = { ...a, rows: columns, at: rows * depth };
      const c = { ...a, columns, stride: columns, at: values.length };
      const { buffer, multiply } = math.createMemory(values.length + expected.length + 1);
      const memory = new Float32Array(buffer);
      memory.set(values);
      memory[values.length + expected.length] = 5;
      multiply(a, b, c);
      close(memory.subarray(c.at, c.at + expected.length), expected, 1e-5, math.simd ? "SIMD" : "plain");
      equal(memory[c.at + expected.length], 5, "written behind the product");
    }
  });
});

Deno.test("SIMD is used if the self-check passes", async () => {
  ok((await createMath()).simd, "not used");
  ok(agrees(PLAIN, PLAIN), "plain JavaScript disagrees with itself");
  /** @type {import("../../static/kernel/types.d.ts").Math} */
  const wrong = {
    simd: true,
    createMemory(floats) {
      const { buffer, multiply } = PLAIN.createMemory(floats);
      return {
        buffer,
        multiply(a, b, c) {
          multiply(a, b, c);
          new Float32Array(buffer)[c.at + 17] += 1e-3;
        },
      };
    },
  };
  ok(!agrees(wrong, PLAIN), "a wrong number was not found");
});

Deno.test("without WebAssembly the kernel is plain JavaScript", async () => {
  const { compile } = WebAssembly;
  const { info } = console;
  let told = "";
  WebAssembly.compile = () => Promise.reject(new WebAssembly.CompileError("forbidden by the content security policy"));
  console.info = (/** @type {unknown[]} */ ...words) => told = words.join(" ");
  try {
    equal(await createMath(), PLAIN);
    ok(/plain JavaScript.*forbidden/.test(told), told);
  } finally {
    WebAssembly.compile = compile;
    console.info = info;
  }
});

Deno.test("patches: gathering and scattering are each other's transpose", () => {
  holds(60, (random) => {
    const whole = (/** @type {number} */ low, /** @type {number} */ high) => low + Math.floor((high - low + 1) * random());
    const [height, width, cell, kernel, stride] = [whole(2, 6), whole(2, 6), whole(1, 3), whole(1, 4), whole(1, 3)];
    const padding = whole(0, kernel - 1);
    const [rows, columns] = [height, width].map((n) => Math.floor((n + 2 * padding - kernel) / stride) + 1);
    if (rows < 1 || columns < 1) return;
    const patch = kernel * kernel * cell + whole(0, 3);
    const runs = findRuns({ height, width, cell, rows, columns, kernel, stride, padding, patch });
    const [pixels, area] = [height * width, rows * columns];
    const memory = new Float32Array(pixels * cell + area * patch);
    const picture = memory.subarray(0, pixels * cell).map(random);
    memory.set(picture);
    const patches = memory.subarray(pixels * cell);
    gather(
      memory,
      runs,
      { rows: pixels, columns: cell, stride: cell, at: 0, data: picture },
      { rows: area, columns: patch, stride: patch, at: pixels * cell, data: patches },
    );
    // By the definition, pixel by pixel.
    const expected = new Float32Array(patches.length);
    const count = new Float32Array(picture.length);
    for (let n = 0; n < rows * columns * kernel * kernel * cell; n++) {
      const [c, x, y] = [n % cell, Math.floor(n / cell) % kernel, Math.floor(n / cell / kernel) % kernel];
      const at = Math.floor(n / cell / kernel / kernel);
      const [i, j] = [Math.floor(at / columns) * stride + y - padding, (at % columns) * stride + x - padding];
      if (i < 0 || i >= height || j < 0 || j >= width) continue;
      expected[at * patch + (y * kernel + x) * cell + c] = picture[(i * width + j) * cell + c];
      count[(i * width + j) * cell + c] += 1;
    }
    equal(patches, expected);
    const sums = new Float32Array(picture.length);
    scatter(runs, patches, sums);
    close(sums, picture.map((value, n) => value * count[n]), 1e-5);
  });
});

Deno.test("a model that the kernel lacks is refused by name", () => {
  const config = {
    architecture: "residual",
    output: "sigmoid",
    residual_blocks: 2,
    bottom_size: 7,
    reconstruction_weight: 1,
    beta: 0.75,
    codebook: "ema",
  };
  const has = "residual, strided, minimal, mlp, hierarchical";
  throws(
    () => createModel({ ...config, architecture: "transformer" }, {}, PLAIN),
    new RegExp(`no architecture "transformer"; it has ${has}`),
  );
  throws(() => createModel({ ...config, architecture: "toString" }, {}, PLAIN), /no architecture "toString"/);
  throws(() => createModel({ ...config, output: "softmax" }, {}, PLAIN), /no output "softmax"; it has sigmoid, tanh, linear/);
  throws(() => createModel(config, {}, PLAIN), /no tensor "quantizer.embeddings"/);
});

/**
 * @param {Record<string, number[]>} shapes
 * @returns {Record<string, import("../../static/core/types.d.ts").Tensor>} weights of 0
 */
function weights(shapes) {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { shape, data: new Float32Array(shape.reduce((product, n) => product * n, 1)) },
    ]),
  );
}

const MLP = {
  architecture: "mlp",
  output: "sigmoid",
  residual_blocks: 0,
  bottom_size: 7,
  reconstruction_weight: 1,
  beta: 0.5,
  codebook: "gradient",
};
const SHAPES = {
  "encoder.layer1.weight": [4, 784],
  "encoder.layer1.bias": [4],
  "encoder.layer2.weight": [2, 4],
  "encoder.layer2.bias": [2],
  "encoder.project.weight": [2, 2],
  "encoder.project.bias": [2],
  "decoder.project.weight": [4, 2],
  "decoder.project.bias": [4],
  "decoder.layer1.weight": [784, 4],
  "decoder.layer1.bias": [784],
  "quantizer.embeddings": [3, 2],
};

Deno.test("weights of another network are refused", () => {
  createModel(MLP, weights({ ...SHAPES, "quantizer.cluster_size": [3], "quantizer.cluster_sum": [3, 2] }), PLAIN);
  const { "decoder.layer1.bias": _, ...less } = SHAPES;
  throws(() => createModel(MLP, weights(less), PLAIN), /no tensor "decoder.layer1.bias"/);
  throws(
    () => createModel(MLP, weights({ ...SHAPES, "encoder.layer2.weight": [2, 5] }), PLAIN),
    /tensor "encoder.layer2.weight" is for 5 channels, but gets 4/,
  );
  throws(
    () => createModel(MLP, weights({ ...SHAPES, "encoder.layer3.bias": [2] }), PLAIN),
    /a tensor "encoder.layer3.bias" that the kernel does not know/,
  );
});

Deno.test("results are copies, and bad drawings and codes are refused", () => {
  const model = createModel(MLP, weights(SHAPES), PLAIN);
  const pixels = new Uint8Array(784).fill(255);
  const [first, second] = [model.trace(pixels), model.trace(pixels)];
  for (const stage of /** @type {const} */ (["features", "distances", "quantized", "reconstruction"])) {
    ok(first[stage].data.buffer !== second[stage].data.buffer, `${stage} is shared`);
  }
  close(first.reconstruction.data, new Float32Array(784).fill(0.5), 0);
  equal(first.losses, { reconstruction: 0.25, codebook: 0, commitment: 0, total: 0.25 });
  equal(first.indices, [[0]]); // the first of equal distances, as argmin
  throws(() => model.trace(new Uint8Array(783)), /784 bytes, got 783/);
  throws(() => model.decode({ indices: [[3]] }), /from 0 to 2/);
  throws(() => model.decode({ indices: [[-1]] }), /from 0 to 2/);
  throws(() => model.decode({ indices: [[0, 0]] }), /grid of 1×1/);
  throws(() => model.decode({ indices: [] }), /grid of 1×1/);
});
