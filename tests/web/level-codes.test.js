// @ts-check

import {
  cellsOf,
  gridsOf,
  joinCodes,
  joinTensor,
  placeOf,
  splitCodes,
  splitTensor,
  startOf,
} from "../../static/core/level-codes.js";
import { mixCodes } from "../../static/experiments/mixtures.js";
import { equal } from "./assert.js";
import { pack } from "./packing.js";
import { makeModel, makeTwoLevels } from "./state.js";

const LEVELS = gridsOf(makeTwoLevels());

Deno.test("levels follow each other, coarse ones first", () => {
  equal(LEVELS, [{ id: "top", height: 1, width: 2, numEmbeddings: 4 }, { id: "", height: 2, width: 3, numEmbeddings: 4 }]);
  equal([cellsOf(LEVELS), cellsOf(gridsOf(makeModel()))], [8, 6]);
  equal([startOf(LEVELS, "top"), startOf(LEVELS, "")], [0, 2]);
  equal([0, 1, 2, 7].map((position) => [placeOf(LEVELS, position).level.id, placeOf(LEVELS, position).row]), [
    ["top", 0],
    ["top", 1],
    ["", 0],
    ["", 5],
  ]);
});

Deno.test("codes and tensors of all levels are split into the fields of a message, and joined again", () => {
  const codes = [3, 2, 0, 1, 2, 0, 1, 2];
  const fields = { "codes.top": [[3, 2]], codes: [[0, 1, 2], [0, 1, 2]] };
  equal(splitCodes(LEVELS, "codes", codes), fields);
  equal(joinCodes(LEVELS, "codes", fields), codes);
  equal(joinCodes(LEVELS, "given", { "given.top": [[1, null]] }), [1, null, ...Array(6).fill(null)]);
  const values = Float32Array.from({ length: 16 }, (_, n) => n);
  const tensors = splitTensor(LEVELS, "x", values, 2);
  equal([tensors["x.top"].shape, tensors.x.shape, [...tensors.x.data]], [[2, 2], [6, 2], [...values.subarray(4)]]);
  equal(joinTensor(LEVELS, "x", tensors), values);
  equal(splitTensor(LEVELS, "bits", values.subarray(0, 8)).bits.shape, [2, 3]);
  equal(joinTensor(LEVELS, "bits", { bits: pack([0, 1, 2, 3, 4, 5], [2, 3]), "bits.top": pack([0, 1], [1, 2]) }).length, 8);
});

Deno.test("of a mixture the first cells are those of the other drawing, coarse levels first", () => {
  const [from, to] = [[1, 2, 3, 4, 5, 6, 7, 8], [0, 0, 0, 0, 0, 0, 0, 0]];
  equal([mixCodes(from, to, 0), mixCodes(from, to, 8)], [from, to]);
  equal(splitCodes(LEVELS, "indices", mixCodes(from, to, 4)), { "indices.top": [[0, 0]], indices: [[0, 0, 5], [6, 7, 8]] });
});
