// @ts-check

import { createPalette } from "../core/colors.js";

/**
 * Where the page reads about its models. Each promise is rejected if there is no answer.
 * @typedef {object} Documents
 * @property {() => Promise<{ default: string, models: import("../core/types.d.ts").ModelSummary[] }>} listModels
 * @property {(name: string) => Promise<import("../core/types.d.ts").ModelDetail>} describeModel
 * @property {(name: string) => Promise<import("../core/types.d.ts").Playback>} loadPlayback
 * @property {(name: string) => Promise<import("../core/types.d.ts").Prior>} loadPrior
 * @property {(name: string) => Promise<{ by_cell: string, levels?: Record<string, string> }>} loadUsage
 */

/**
 * @param {string} path
 * @returns {Promise<any>} what the server is known to answer there
 */
async function getJson(path) {
  const response = await fetch(path, { headers: { accept: "application/json" } });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return await response.json();
}

/** @type {Documents} */
export const api = {
  listModels: () => getJson("/api/models"),
  describeModel: (name) => getJson(`/api/models/${encodeURIComponent(name)}`),
  loadPlayback: (name) => getJson(`/api/models/${encodeURIComponent(name)}/playback`),
  loadPrior: (name) => getJson(`/api/models/${encodeURIComponent(name)}/prior`),
  loadUsage: (name) => getJson(`/api/models/${encodeURIComponent(name)}/usage`),
};

/**
 * @param {import("../core/types.d.ts").ModelDetail} model
 * @returns {import("../core/types.d.ts").Model}
 */
export function toModel({ levels = {}, ...main }) {
  const shapes = Object.entries(main.stages).filter(([stage]) => stage.split(".")[0] === "indices");
  const picks = shapes.reduce((sum, [, [height, width]]) => sum + height * width, 0);
  const others = Object.keys(levels).map((level) => [level, { ...toLevel({ levels, ...main }, level), picks }]);
  return { ...complete(main), picks, levels: Object.fromEntries(others) };
}

/**
 * @param {import("../core/types.d.ts").ModelDetail} model
 * @param {string} id of a level that is not the main one
 * @returns {Omit<import("../core/types.d.ts").Model, "picks">} the model as its other level has it
 */
function toLevel({ levels, ...model }, id) {
  const { listings, ...level } = /** @type {Record<string, import("../core/types.d.ts").LevelDetail>} */ (levels)[id];
  const own = Object.entries(model.stages).filter(([stage]) => stage.endsWith(`.${id}`));
  const stages = { ...model.stages, ...Object.fromEntries(own.map(([stage, shape]) => [stage.slice(0, -id.length - 1), shape])) };
  const [height, width] = stages.indices;
  return complete({
    ...model,
    ...level,
    grid: [height, width],
    stages,
    metrics: { ...model.metrics, ...model.metrics.levels?.[id] },
    listings: model.listings.map((listing) => listings.find((other) => other.id === listing.id) ?? listing),
  });
}

/**
 * @param {Omit<import("../core/types.d.ts").ModelDetail, "levels">} model
 * @returns {Omit<import("../core/types.d.ts").Model, "picks">}
 */
function complete(model) {
  const [height, width] = model.grid;
  return {
    ...model,
    grid: { height, width, numEmbeddings: model.embeddings.length },
    palette: createPalette(model.code_order),
    scale: valueScale(model.embeddings),
    levels: {},
  };
}

/**
 * @param {import("../core/types.d.ts").Model} a
 * @param {import("../core/types.d.ts").Model} b
 * @returns {boolean} whether both are described alike
 */
export function sameModel(a, b) {
  // The palette follows from the rest and is long.
  /** @param {import("../core/types.d.ts").Model} model */
  const toText = ({ palette: _palette, ...rest }) => JSON.stringify(rest);
  return a.name === b.name && toText(a) === toText(b);
}

/**
 * One scale for features, embeddings and quantized vectors: symmetric, so that zero is middle grey everywhere, and fixed
 * by the codebook, so that greys do not flicker while the visitor draws.
 * @param {number[][]} embeddings
 * @returns {{ low: number, high: number }}
 */
function valueScale(embeddings) {
  const most = embeddings.reduce((peak, vector) => vector.reduce((p, value) => Math.max(p, Math.abs(value)), peak), 0);
  return { low: -most, high: most };
}
