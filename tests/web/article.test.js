// @ts-check
/// <reference lib="deno.ns" />

/** What the article's figures compute. */

import { usageInBatches } from "../../static/article/batch.js";
import { addBatch, codeOf, totalsOf } from "../../static/article/moving-average.js";
import { walkedByCode } from "../../static/article/pull.js";
import { examplePictures, manyPictures } from "../../static/drawing/samples.js";
import { close, equal, holds, ok } from "./assert.js";

Deno.test("code and feature meet where gradient descent on both losses takes them", () => {
  for (const beta of [0, 0.25, 0.75, 1, 2]) {
    let [code, feature] = [3, 7];
    for (let step = 0; step < 5000; step++) {
      const apart = feature - code;
      code += 0.01 * 2 * apart; // of (sg[f] − e)²
      feature -= 0.01 * 2 * beta * apart; // of β (f − sg[e])²
    }
    close((code - 3) / (7 - 3), walkedByCode(beta), 1e-9);
  }
});

Deno.test("a code comes closer to the mean of its features by γ with each batch", () => {
  holds(30, (random) => {
    const vectors = Array.from({ length: 1 + Math.floor(5 * random()) }, () => [random(), random(), random()]);
    const mean = [0, 1, 2].map((d) => vectors.reduce((sum, vector) => sum + vector[d], 0) / vectors.length);
    const start = [random(), random(), random()];
    const decay = 0.5 + 0.49 * random();
    let totals = totalsOf(start, vectors.length);
    for (let step = 1; step <= 20; step++) {
      totals = addBatch(totals, vectors, decay);
      codeOf(totals).forEach((value, d) => close(value - mean[d], decay ** step * (start[d] - mean[d]), 1e-9));
    }
  });
});

Deno.test("a code that nobody chooses keeps its place", () => {
  let totals = totalsOf([1, -2], 8);
  for (let step = 0; step < 50; step++) totals = addBatch(totals, [], 0.9);
  codeOf(totals).forEach((value, d) => close(value, [1, -2][d], 1e-9));
  ok(totals.count < 0.1, "its count fades");
});

Deno.test("perplexity and codes used are means over batches", () => {
  const codes = [[0, 0, 0, 0], [1, 1, 2, 2], [3, 3, 3, 3], [0, 1, 2, 3]];
  const close2 = (/** @type {number} */ size, /** @type {[number, number]} */ [used, perplexity]) => {
    const found = usageInBatches(codes, size, 5);
    close(found.used, used, 1e-9);
    close(found.perplexity, perplexity, 1e-9);
  };
  close2(1, [(1 + 2 + 1 + 4) / 4, (1 + 2 + 1 + 4) / 4]);
  // Shares of ½, ¼, ¼; and of ⅝ and three times ⅛.
  close2(2, [3.5, (2 ** 1.5 + (8 / 5) ** (5 / 8) * 8 ** (3 / 8)) / 2]);
  // What fills no batch is left out.
  equal(usageInBatches(codes.slice(0, 3), 2, 5).used, 3);
});

Deno.test("perplexity of one picture is lower than that of many", () => {
  holds(20, (random) => {
    const codes = Array.from({ length: 64 }, () => {
      const favourite = Math.floor(20 * random());
      return Array.from({ length: 49 }, () => random() < 0.5 ? favourite : Math.floor(20 * random()));
    });
    const [one, four, all] = [1, 4, 64].map((size) => usageInBatches(codes, size, 20).perplexity);
    ok(one < four && four < all, `${one} ${four} ${all}`);
  });
});

Deno.test("128 pictures are the examples and the visitor's, all different, neighbours of different digits", () => {
  const examples = examplePictures(true);
  const pictures = manyPictures(true, []);
  ok(pictures.length >= 128, String(pictures.length));
  equal(pictures.slice(0, 10), examples);
  equal(new Set(pictures.map(String)).size, pictures.length);
  // The eleventh is the first, one pixel to the right.
  for (let y = 0; y < 28; y++) equal(pictures[10].slice(28 * y + 1, 28 * y + 28), examples[0].slice(28 * y, 28 * y + 27));
  const own = new Uint8Array(784).fill(9);
  equal(manyPictures(true, [own])[0], own);
});
