// @ts-check

/** Stores, models and traces for tests. */

import { createPalette } from "../../static/core/colors.js";
import { createStore } from "../../static/core/store.js";

/** @typedef {import("../../static/core/types.d.ts").Model} Model */
/** @typedef {import("../../static/core/types.d.ts").State} State */
/** @typedef {import("../../static/core/types.d.ts").Trace} Trace */

/**
 * A store whose frames a test draws.
 * @param {Partial<State>} [initial]
 */
export function makeStore(initial) {
  /** @type {(() => void)[]} */
  const frames = [];
  const store = createStore(initial, (callback) => frames.push(callback));
  return {
    store,
    /** @returns {number} how many callbacks the store had requested */
    frame() {
      const due = frames.splice(0);
      for (const callback of due) callback();
      return due.length;
    },
  };
}

/**
 * @param {{ name?: string, height?: number, width?: number, codes?: number, depth?: number }} [sizes]
 * @returns {Model}
 */
export function makeModel({ name = "a", height = 2, width = 3, codes = 4, depth = 2 } = {}) {
  const order = Array.from({ length: codes }, (_, code) => code);
  return /** @type {any} */ ({
    name,
    title: `Model ${name}`,
    grid: { height, width, numEmbeddings: codes },
    num_embeddings: codes,
    embedding_dim: depth,
    metrics: { test_mse: 0.01, codes_used: codes, perplexity: codes },
    stages: {
      input: [28, 28],
      features: [height, width, depth],
      embeddings: [codes, depth],
      distances: [height * width, codes],
      indices: [height, width],
    },
    embeddings: order.map((code) => Array.from({ length: depth }, (_, d) => code + d)),
    code_order: order,
    palette: createPalette(order),
    scale: { low: -codes - depth, high: codes + depth },
    picks: height * width,
    levels: {},
  });
}

/**
 * A model with a coarse level above its own.
 * @param {{ name?: string, codes?: number }} [sizes]
 * @returns {Model}
 */
export function makeTwoLevels({ name = "h", codes = 4 } = {}) {
  return { ...makeModel({ name, height: 2, width: 3, codes }), levels: { top: makeModel({ name, height: 1, width: 2, codes }) } };
}

/**
 * @param {Model} model
 * @param {number[][] | null} grid
 * @returns {import("../../static/core/types.d.ts").Step} an edit of codes
 */
export function codes({ name }, grid) {
  return { kind: "codes", codes: grid, model: name };
}

/**
 * @param {Model} model
 * @param {Partial<Trace>} [fields]
 * @returns {Trace}
 */
export function makeTrace({ name, grid: { height, width, numEmbeddings }, levels }, fields = {}) {
  return {
    seq: 1,
    model: name,
    variant: "normal",
    indices: Array.from(
      { length: height },
      (_, i) => Array.from({ length: width }, (_, j) => (i * width + j) % numEmbeddings),
    ),
    losses: { reconstruction: 0.1, codebook: 0.2, commitment: 0.2, total: 0.25 },
    serverMs: 1,
    roundTripMs: 2,
    pixels: new Uint8Array(784),
    levels: Object.fromEntries(Object.entries(levels).map(([level, model]) => [level, makeTrace(model, fields)])),
    ...fields,
  };
}
