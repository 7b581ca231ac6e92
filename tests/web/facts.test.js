// @ts-check

import { drawingFacts, modelFacts } from "../../static/figure/facts.js";
import { firstRuns } from "../../static/models/playback.js";
import { equal } from "./assert.js";

/** @param {number[]} grid @param {number} codes @param {number} depth @param {number} share */
function facts([height, width], codes, depth, share) {
  return modelFacts(
    /** @type {any} */ ({
      convolutional: true,
      grid: { height, width, numEmbeddings: codes },
      picks: height * width,
      embedding_dim: depth,
      metrics: { test_mse: 0.004, codes_used: codes, bits_per_image: height * width * Math.log2(codes) },
      fields: { share },
    }),
  );
}

Deno.test("how many bits a drawing is squeezed into", () => {
  // 49 picks of 20 are 49·log₂ 20 = 211.8 bits; the picture has 784 bytes.
  const { bits, ratio, pixels, codes, width, share, "bits-in": bitsIn } = facts([7, 7], 20, 16, 0.25);
  equal([bitsIn, bits, ratio, pixels, codes, width, share], ["6272", "212", "29.6×", "784", "20", "7", "25%"]);
  const one = facts([1, 1], 512, 64, 1);
  equal([one.bits, one.ratio, one.share], ["9", "696.9×", "100%"]);
  equal(facts([7, 7], 512, 64, 0.123).share, "12.3%");
  // 49·log₂ 30 is 240.4, which takes 241 bits; the ratio is that of the numbers shown.
  const uneven = facts([7, 7], 30, 256, 1);
  equal([uneven.bits, uneven.ratio], ["241", "26.0×"]);
});

Deno.test("what a drawing uses", () => {
  equal(drawingFacts([[3, 3], [5, 3]], 0.00314), { used: "2", error: "0.0031" });
});

Deno.test("a healthy run stands beside the one that left most codes idle", () => {
  /** @param {string} name @param {number} codes_used @param {number} num_embeddings */
  const model = (name, codes_used, num_embeddings) => /** @type {any} */ ({
    name,
    metrics: { codes_used },
    num_embeddings,
  });
  const models = [model("default", 20, 20), model("half", 10, 20), model("collapsed", 20, 512), model("few", 3, 20)];
  equal(firstRuns(models), ["default", "collapsed"]);
  equal(firstRuns(models.slice(0, 1)), ["default"]);
  equal(firstRuns([]), []);
  equal(models.map(({ name }) => name), ["default", "half", "collapsed", "few"], "the list keeps its order");
});
