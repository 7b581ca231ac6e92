// @ts-check
/// <reference lib="deno.ns" />

/**
 * `deno run kernel.js FOLDER BACKWARD WEIGHTS…`: runs models in the kernel, with SIMD and in plain JavaScript, for
 * test_kernel.py.
 *
 * FOLDER/drawings holds drawings of 784 bytes. FOLDER/<model>.simd and FOLDER/<model>.plain become the results as float32:
 * all traces, one decoded grid (of two levels, also each of them alone), and the gradients of the first BACKWARD drawings.
 * It fails if a model does not pass the check of its bundle.
 */

import { passes } from "../../static/backend/check.js";
import { createSimd, PLAIN } from "../../static/kernel/math.js";
import { createModel } from "../../static/kernel/model.js";
import { parseSafetensors } from "../../static/kernel/safetensors.js";

const [folder, backward, ...weights] = Deno.args;
const bytes = Deno.readFileSync(`${folder}/drawings`);
const drawings = Array.from({ length: bytes.length / 784 }, (_, n) => bytes.subarray(784 * n, 784 * (n + 1)));
const simd = await createSimd();
if (!simd) throw new Error("no SIMD");

/**
 * @param {string} weights
 * @returns {any} the check of the model's bundle, if it has one
 */
function readCheck(weights) {
  try {
    return JSON.parse(Deno.readTextFileSync(weights.replace(/safetensors$/, "detail.json"))).check;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

for (const path of weights) {
  const { metadata, tensors } = parseSafetensors(Deno.readFileSync(path).buffer);
  const config = JSON.parse(metadata.config);
  for (const math of [simd, PLAIN]) {
    const model = createModel(config, tensors, math);
    const check = readCheck(path);
    if (check && !passes(model, check)) throw new Error(`${config.name} fails the check of its bundle`);
    /** @type {ArrayLike<number>[]} */
    const results = [];
    for (const variant of /** @type {const} */ (["normal", "bypass", "wrong-reshape"])) {
      for (const pixels of drawings) results.push(...numbersOf(model.trace(pixels, variant)));
    }
    const size = tensors["quantizer.embeddings"].shape[0];
    /** @type {any} */
    const codes = {};
    for (const [name, indices] of Object.entries(model.trace(drawings[0]))) {
      if (!name.startsWith("indices")) continue;
      const rows = /** @type {number[][]} */ (indices);
      codes[name] = rows.map((row, i) => row.map((_, j) => (7 * (row.length * i + j) + 3) % size));
    }
    results.push(model.decode(codes).data);
    if (config.architecture === "hierarchical") {
      for (const name of Object.keys(codes)) results.push(model.decode({ ...codes, [name]: null }).data);
    }
    for (const straightThrough of [true, false]) {
      for (const pixels of drawings.slice(0, Number(backward))) {
        results.push(...numbersOf(model.gradients(pixels, straightThrough)));
      }
    }
    const numbers = new Float32Array(results.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const result of results) {
      numbers.set(result, at);
      at += result.length;
    }
    Deno.writeFileSync(`${folder}/${config.name}.${math.simd ? "simd" : "plain"}`, new Uint8Array(numbers.buffer));
  }
}

/**
 * @param {any} found a number, codes, a tensor, or fields of them
 * @returns {ArrayLike<number>[]}
 */
function numbersOf(found) {
  if (typeof found === "number") return [[found]];
  if (Array.isArray(found)) return [found.flat()];
  return found.data ? [found.data] : Object.values(found).flatMap(numbersOf);
}
