// @ts-check

import { createPalette } from "./colors.js";

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
async function getJson(path) {
  const response = await fetch(path, { headers: { accept: "application/json" } });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return await response.json();
}

/**
 * @param {string} [name] the server's default model if left out
 * @returns {Promise<import("./types.d.ts").Model>}
 * @throws {Error} when the server does not answer
 */
export async function loadModel(name) {
  const chosen = name ?? (await getJson("/api/models")).default;
  const model = await getJson(`/api/models/${encodeURIComponent(chosen)}`);
  return { ...model, palette: createPalette(model.code_order), scale: valueScale(model.embeddings) };
}

/**
 * @param {import("./types.d.ts").Model} a
 * @param {import("./types.d.ts").Model} b
 * @returns {boolean} whether the server told the same of both
 */
export function sameModel(a, b) {
  /** @param {import("./types.d.ts").Model} model */
  const told = ({ palette: _palette, scale: _scale, ...rest }) => JSON.stringify(rest);
  return told(a) === told(b);
}

/**
 * One scale for features, embeddings and quantized vectors: symmetric, so that middle grey is zero everywhere, and
 * fixed by the codebook, so that greys do not flicker while somebody draws.
 * @param {number[][]} embeddings
 * @returns {{ low: number, high: number }}
 */
function valueScale(embeddings) {
  const most = embeddings.flat().reduce((peak, value) => Math.max(peak, Math.abs(value)), 0);
  return { low: -most, high: most };
}
