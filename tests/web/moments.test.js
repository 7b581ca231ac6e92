import { equal } from "./assert.js";
import { extentAt, extentsOf, momentsOf } from "../../static/models/moments.js";

/**
 * @param {number} step
 * @param {number} used
 * @param {number} error
 * @param {[number, number][]} positions
 */
const snapshot = (step, used, error, positions = [[0, 0]]) => ({
  step,
  epoch: 0,
  losses: { reconstruction: error, codebook: 0, commitment: 0 },
  perplexity: 1,
  codes_used: used,
  usage: Array(10).fill(0.1),
  positions,
  features: [],
  reconstructions: "",
});

Deno.test("a map begins at the extent of its data and only grows", () => {
  const extents = extentsOf([
    snapshot(0, 10, 1, [[-1, 0], [1, 1]]),
    snapshot(1, 10, 1, [[0, 0], [5, 0]]),
    snapshot(2, 10, 1, [[0, -7]]),
  ]);
  equal(extents[0], { left: -1, right: 1, bottom: 0, top: 1 });
  equal(extents[2], { left: -1, right: 5, bottom: -7, top: 1 });
  equal(extentAt(extents, 0), extents[0]);
  equal(extentAt(extents, 0.5), { left: -1, right: 3, bottom: 0, top: 1 });
  equal(extentAt(extents, 2), extents[2]);
});

Deno.test("the moments of a run are its largest drops, in their order", () => {
  const run = [snapshot(0, 10, 1), snapshot(3, 9, 0.9), snapshot(9, 4, 0.8), snapshot(20, 4, 0.2), snapshot(50, 5, 0.19)];
  equal(momentsOf(run), [
    { kind: "died", at: 2, step: 9, before: 9, after: 4 },
    { kind: "learned", at: 3, step: 20, before: 0.8, after: 0.2 },
  ]);
});

Deno.test("a run without a large drop has no moments", () => {
  equal(momentsOf([snapshot(0, 10, 1), snapshot(1, 10, 0.9), snapshot(2, 10, 0.8)]), []);
  equal(momentsOf([snapshot(0, 10, 1)]), []);
  equal(momentsOf([]), []);
  equal(momentsOf([snapshot(0, 10, NaN), snapshot(1, 10, NaN)]), [], "a run that diverged");
});
