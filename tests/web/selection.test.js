// @ts-check

import { clear, hover, move, same, togglePin } from "../../static/core/selection.js";
import { equal, holds, ok } from "./assert.js";
import { makeStore } from "./state.js";

/** @typedef {import("../../static/core/types.d.ts").Selection} Selection */

/** @type {(Selection | null)[]} */
const SELECTIONS = [
  null,
  { cell: [0, 1], code: null, stage: "features" },
  { cell: [0, 1], code: null, stage: "indices" },
  { cell: [1, 0], code: null, stage: "features" },
  { cell: [0, 1], code: 2, stage: "distances" },
  { cell: null, code: 2, stage: "embeddings" },
  { cell: null, code: 2, stage: "distances" },
  { cell: null, code: 3, stage: "embeddings" },
  { cell: null, code: null, stage: "features" },
  { cell: null, code: null, stage: "codebook_loss" },
  { cell: [1, 1], code: null, stage: "features" },
];

/** The same thing is the same cell and code, in whatever view; a stage as a whole is only itself. */
const KINDS = [0, 1, 1, 2, 3, 4, 4, 5, 6, 7, 8];

Deno.test("whether two selections are the same thing", () => {
  SELECTIONS.forEach((a, m) =>
    SELECTIONS.forEach((b, n) => equal(same(a, structuredClone(b)), KINDS[m] === KINDS[n], `${m} and ${n}`))
  );
});

Deno.test("pointing selects, unless something is pinned", () => {
  const { store } = makeStore();
  for (const selection of SELECTIONS) {
    hover(store, selection);
    equal(store.get("selection"), selection);
  }
  const pinned = /** @type {Selection} */ (SELECTIONS[1]);
  ok(togglePin(store, pinned), "pinned");
  for (const selection of SELECTIONS) hover(store, selection);
  equal([store.get("selection"), store.get("pinned")], [pinned, true]);
});

Deno.test("pointing at the same thing again changes nothing", () => {
  const { store, frame } = makeStore();
  hover(store, { cell: [0, 1], code: null, stage: "features" });
  frame();
  const before = store.get("selection");
  hover(store, { cell: [0, 1], code: null, stage: "features" });
  ok(store.get("selection") === before && frame() === 0, "no view has to do anything");
  hover(store, { cell: [0, 1], code: null, stage: "indices" });
  equal(store.get("selection")?.stage, "indices", "another view shows where it was pointed at");
});

Deno.test("a click pins, a second one lets go, one elsewhere moves the pin", () => {
  const { store } = makeStore();
  const [a, b] = [SELECTIONS[1], SELECTIONS[3]].map((selection) => /** @type {Selection} */ (selection));
  equal([togglePin(store, a), togglePin(store, b), togglePin(store, b)], [true, true, false]);
  equal([store.get("selection"), store.get("pinned")], [b, false]);
  togglePin(store, a);
  // The same cell in another view.
  equal(togglePin(store, { ...a, stage: "indices" }), false);
});

Deno.test("the keyboard moves a pin with it", () => {
  const { store } = makeStore();
  togglePin(store, /** @type {Selection} */ (SELECTIONS[1]));
  const next = /** @type {Selection} */ (SELECTIONS[3]);
  move(store, next);
  equal([store.get("selection"), store.get("pinned")], [next, true]);
  clear(store);
  equal([store.get("selection"), store.get("pinned")], [null, false]);
});

Deno.test("what is pinned is selected", () => {
  holds(50, (random) => {
    const { store } = makeStore();
    for (let n = 0; n < 40; n++) {
      const selection = SELECTIONS[Math.floor(SELECTIONS.length * random())];
      const dice = random();
      if (dice < 0.5 || !selection) hover(store, selection);
      else if (dice < 0.8) togglePin(store, selection);
      else if (dice < 0.95) move(store, selection);
      else clear(store);
      ok(!store.get("pinned") || store.get("selection"), "nothing is pinned");
    }
  });
});
