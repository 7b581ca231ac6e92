// @ts-check

import { createPalette } from "../core/colors.js";

/**
 * @template T
 * @param {string} path
 * @returns {Promise<T>} what the server is known to answer there
 */
async function getJson(path) {
  const response = await fetch(path, { headers: { accept: "application/json" } });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return await response.json();
}

/**
 * @returns {Promise<{ default: string, models: import("../core/types.d.ts").ModelSummary[] }>}
 * @throws {Error} when the server does not answer
 */
export function listModels() {
  return getJson("/api/models");
}

/**
 * @param {string} name
 * @returns {Promise<import("../core/types.d.ts").Model>}
 * @throws {Error} when the server does not answer, or has no such model
 */
export async function loadModel(name) {
  /** @type {import("../core/types.d.ts").ModelDetail} */
  const model = await getJson(`/api/models/${encodeURIComponent(name)}`);
  const [height, width] = model.grid;
  return {
    ...model,
    grid: { height, width, numEmbeddings: model.num_embeddings },
    palette: createPalette(model.code_order),
    scale: valueScale(model.embeddings),
  };
}

/**
 * @param {string} name of a model that has one
 * @returns {Promise<import("../core/types.d.ts").Playback>}
 * @throws {Error} when the server does not answer
 */
export function loadPlayback(name) {
  return getJson(`/api/models/${encodeURIComponent(name)}/playback`);
}

/**
 * @param {import("../core/types.d.ts").Model} a
 * @param {import("../core/types.d.ts").Model} b
 * @returns {boolean} whether the server described both alike
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
