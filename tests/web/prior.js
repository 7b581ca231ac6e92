// @ts-check
/// <reference lib="deno.ns" />

/**
 * `deno run prior.js`: runs a prior in the kernel, with SIMD and in plain JavaScript, for test_prior.py.
 *
 * Standard input is JSON: path of the weights, code usage, codes to score and to pack, and what to sample. Standard output
 * is the list of results for both forms.
 */

import { compress, decompress } from "../../static/kernel/compression.js";
import { createSimd, PLAIN } from "../../static/kernel/math.js";
import { createPrior } from "../../static/kernel/prior.js";
import { parseSafetensors } from "../../static/kernel/safetensors.js";
import { sample } from "../../static/kernel/sampling.js";
import { score } from "../../static/kernel/scoring.js";

const { weights, usage, batch, samples } = JSON.parse(await new Response(Deno.stdin.readable).text());
const { metadata, tensors } = parseSafetensors(Deno.readFileSync(weights).buffer);
const simd = await createSimd();
if (!simd) throw new Error("no SIMD");
const results = [simd, PLAIN].map((math) => {
  const prior = createPrior(JSON.parse(metadata.config), tensors, math);
  const scores = batch.map((/** @type {number[]} */ codes) => score(prior, usage, codes));
  return {
    scores,
    packed: batch.map((/** @type {number[]} */ codes, /** @type {number} */ n) => {
      const { digit, bits } = compress(prior, codes, scores[n].class_bits);
      return { digit, bits, codes: decompress(prior, bits) };
    }),
    samples: samples.map((/** @type {import("../../static/kernel/types.d.ts").SampleSettings} */ settings) =>
      sample(prior, settings)
    ),
  };
});
console.log(JSON.stringify(results, (_, value) => value instanceof Float32Array ? [...value] : value));
