// @ts-check
/// <reference lib="deno.ns" />

/** Every sentence that the modules say, with counts of 0, 1 and 2. */

import { equal, ok } from "./assert.js";
import { ARGUMENTS, leaves } from "./sentences.js";
import { NAMED_SETTINGS } from "../../static/core/settings.js";
import { BLACK_MSE } from "../../static/core/usage.js";
import { found } from "../../static/models/compare.js";
import * as texts from "../../static/texts/en.js";
import { drawings } from "../../static/texts/en-drawings.js";
import { generate } from "../../static/texts/en-generate.js";
import { quantizer } from "../../static/texts/en-quantizer.js";
import { backward } from "../../static/texts/en-backward.js";
import { sections } from "../../static/texts/en-sections.js";
import templates from "../../static/texts/en.json" with { type: "json" };

const { page: shared, ...folders } = texts;
const page = { ...templates, ...shared };
const LEAVES = leaves({ ...folders, drawings, generate, quantizer, sections, backward }, "");

/** @param {string} sentence */
function isSound(sentence) {
  return sentence.length > 0 && !/undefined|NaN|null|\[object|\{\w*\}| {2}/.test(sentence);
}

Deno.test("every function is tried here", () => {
  const functions = LEAVES.filter(([, leaf]) => typeof leaf === "function").map(([path]) => path);
  equal(functions.sort(), Object.keys(ARGUMENTS).sort());
});

Deno.test("no sentence has a hole or a count with the wrong plural", () => {
  for (const [path, leaf] of LEAVES) {
    for (const n of [0, 1, 2]) {
      const said = typeof leaf === "function" ? leaf(...ARGUMENTS[path](n)) : leaf;
      const sentence = Array.isArray(said) ? said.join("") : said;
      ok(typeof sentence === "string" && isSound(sentence), `${path}: ${sentence}`);
      const plural = /\b(?<!\.)1 (?:cells|codes|rows|picks|numbers|bits)\b|\b[02] (?:cell|code|row|pick|number|bit)\b/;
      ok(!plural.test(sentence), `${path} for ${n}: ${sentence}`);
    }
  }
});

Deno.test("texts of the page are sentences or labels", () => {
  for (const [name, text] of Object.entries(page)) {
    ok(text === text.trim() && isSound(text.replace(/\{\w+\}/g, "1")), `${name}: ${text}`);
  }
});

Deno.test("the outcome of training is worded from the figures", () => {
  /** @type {(codes_used: number, num_embeddings: number, perplexity: number, test_mse: number) => string} */
  const worded = (codes_used, num_embeddings, perplexity, test_mse) =>
    found(/** @type {any} */ ({ num_embeddings, metrics: { codes_used, perplexity, test_mse } }));
  equal([worded(40, 40, 31.26, 0.004), worded(12, 20, 1.04, BLACK_MSE), worded(1, 512, 1, 0.2 * BLACK_MSE)], [
    "All 40 codes are used. Perplexity: 31.3. The error is 3.5% of a black picture’s.",
    "12 of 20 codes (60.0%) are used. Perplexity: 1.0. The error is 100% of a black picture’s.",
    "1 of 512 codes (0.2%) is used. Perplexity: 1.0. The error is 20% of a black picture’s.",
  ]);
});

Deno.test("the first screen uses no term that is not explained on it", () => {
  const isFirst = (/** @type {string} */ name) =>
    /^(shell|drawing|figure)\./.test(name) && !/^shell\.(help|copy|meter)/.test(name);
  const fixed = Object.entries(page).filter(([name]) => isFirst(name)).map(([, text]) => text);
  const functions = ["figure.model", "models.separation", "models.emptyPad", "models.familiarity.usual"];
  const made = LEAVES.filter(([path]) => functions.includes(path))
    .map(([path, leaf]) => typeof leaf === "function" ? leaf(...ARGUMENTS[path](2)) : leaf);
  const screen = [...fixed, ...made].join("\n");
  const explained = {
    "VQ-VAE": /A neural network, a VQ-VAE, describes it/,
    "feature": /into a feature: a vector of/,
    "channel": /numbers}, one per channel/,
    "code": /learned vectors, the codes/,
    "Index": /Index: the nearest code’s number/,
    "decoder": /The decoder, .*, draws this/,
    "error": /Error: squared difference per pixel, averaged/,
    "test digits": /Test digits are/,
    "AUROC": /This share is called the AUROC/,
  };
  for (const [term, explanation] of Object.entries(explained)) {
    ok(screen.includes(term), `${term} is not used any more`);
    ok(explanation.test(screen), `${term} is not explained`);
  }
  const unexplained = /perplexity|\bMSE\b|mean squared|argmin|embedding|convolution|latent|entropy|gradient|tensor/i;
  equal(screen.split("\n").filter((sentence) => unexplained.test(sentence)), []);
});

Deno.test("everything that an address can hold has a name", () => {
  for (const { name, setting } of NAMED_SETTINGS) {
    if (setting.shared) ok(!texts.drawing.copied([name]).endsWith(`with ${name}.`), name);
  }
});
