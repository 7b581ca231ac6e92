// @ts-check
/// <reference lib="deno.ns" />

/**
 * `deno run kernel.js FOLDER BACKWARD WEIGHTS…`: runs models in the kernel, with SIMD and in plain JavaScript, for
 * test_kernel.py.
 *
 * FOLDER/drawings holds drawings of 784 bytes. FOLDER/<model>.simd and FOLDER/<model>.plain become the results as float32:
 * all traces, one decoded grid, and the gradients of the first BACKWARD drawings.
 */

import { createSimd, PLAIN } from "../../static/kernel/math.js";
import { createModel } from "../../static/kernel/model.js";
import { parseSafetensors } from "../../static/kernel/safetensors.js";

const [folder, backward, ...weights] = Deno.args;
const bytes = Deno.readFileSync(`${folder}/drawings`);
const drawings = Array.from({ length: bytes.length / 784 }, (_, n) => bytes.subarray(784 * n, 784 * (n + 1)));
const simd = await createSimd();
if (!simd) throw new Error("no SIMD");

for (const path of weights) {
  const { metadata, tensors } = parseSafetensors(Deno.readFileSync(path).buffer);
  const config = JSON.parse(metadata.config);
  for (const math of [simd, PLAIN]) {
    const model = createModel(config, tensors, math);
    /** @type {ArrayLike<number>[]} */
    const results = [];
    for (const variant of /** @type {const} */ (["normal", "bypass", "wrong-reshape"])) {
      for (const pixels of drawings) {
        const { features, distances, indices, quantized, reconstruction, losses } = model.trace(pixels, variant);
        results.push(features.data, distances.data, indices.flat(), quantized.data, reconstruction.data);
        results.push([losses.reconstruction, losses.codebook, losses.commitment, losses.total]);
      }
    }
    const { indices } = model.trace(drawings[0]);
    const [width, size] = [indices[0].length, tensors["quantizer.embeddings"].shape[0]];
    results.push(model.decode(indices.map((row, i) => row.map((_, j) => (7 * (width * i + j) + 3) % size))).data);
    for (const straightThrough of [true, false]) {
      for (const pixels of drawings.slice(0, Number(backward))) {
        const { quantized, features, embeddings } = model.gradients(pixels, straightThrough);
        results.push(quantized.data);
        for (const by of [features, embeddings]) {
          results.push(by.reconstruction.data, by.codebook.data, by.commitment.data);
        }
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
