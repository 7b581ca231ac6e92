// @ts-check

/**
 * Codes of the levels of a model. In messages the fields of a level's grid are named after it: `codes`, `codes.top`, ….
 * A prior takes the codes of all levels in one list, coarse levels first. No DOM.
 */

import { at, levelsOf, stageAt } from "./levels.js";
import { unpack } from "./tensor.js";

/** @typedef {import("./types.d.ts").Tensor} Tensor */
/** @typedef {{ id: string, height: number, width: number }} Level of a model, in the prior's order */

/**
 * @param {import("./types.d.ts").Model} model
 * @returns {(Level & import("./grid.js").Grid)[]} the grids of its levels in the prior's order
 */
export function gridsOf(model) {
  return levelsOf(model).map((id) => ({ id, .../** @type {import("./types.d.ts").Model} */ (at(model, id)).grid }));
}

/** @param {Level[]} levels */
export const cellsOf = (levels) => levels.reduce((sum, { height, width }) => sum + height * width, 0);

/**
 * @template T
 * @param {T[]} values in scan order
 * @param {{ width: number }} grid
 * @returns {T[][]}
 */
export function toRows(values, { width }) {
  return Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));
}

/**
 * @param {Level[]} levels
 * @param {string} field
 * @param {Record<string, any>} fields of a message
 * @returns {(number | null)[]} the codes of all levels; null where they are missing
 */
export function joinCodes(levels, field, fields) {
  return levels.flatMap((level) => fields[stageAt(field, level.id)]?.flat() ?? Array(level.height * level.width).fill(null));
}

/**
 * @template T
 * @param {Level[]} levels
 * @param {string} field
 * @param {T[]} codes of all levels
 * @returns {Record<string, T[][]>} fields of a message
 */
export function splitCodes(levels, field, codes) {
  let end = 0;
  return Object.fromEntries(levels.map((level) => {
    const part = codes.slice(end, end += level.height * level.width);
    return [stageAt(field, level.id), toRows(part, level)];
  }));
}

/**
 * @param {Level[]} levels
 * @param {string} field
 * @param {Float32Array} values of all levels
 * @param {number} [size] of a cell's vector; a cell has one number without it
 * @returns {Record<string, Tensor>} fields of a message: (H·W, size), or (H, W)
 */
export function splitTensor(levels, field, values, size) {
  let end = 0;
  return Object.fromEntries(levels.map((level) => {
    const { id, height, width } = level;
    const data = values.slice(end, end += height * width * (size ?? 1));
    return [stageAt(field, id), { shape: size ? [height * width, size] : [height, width], data }];
  }));
}

/**
 * @param {Level[]} levels
 * @param {string} field
 * @param {Record<string, any>} fields of a message
 * @returns {Float32Array} the numbers of the cells of all levels
 */
export function joinTensor(levels, field, fields) {
  return Float32Array.from(levels.flatMap(({ id }) => [...unpack(fields[stageAt(field, id)]).data]));
}

/**
 * @template {Level} Grid
 * @param {Grid[]} levels
 * @param {number} position of a cell among those of all levels
 * @returns {{ level: Grid, row: number }} its level, and its place in the scan order there
 */
export function placeOf(levels, position) {
  let row = position;
  const level = levels.find(({ height, width }) => row < height * width || (row -= height * width, false)) ?? levels[levels.length - 1];
  return { level, row };
}

/**
 * @param {Level[]} levels
 * @param {string} id of one of them
 * @returns {number} the position of its first cell among those of all levels
 */
export function startOf(levels, id) {
  return cellsOf(levels.slice(0, levels.findIndex((level) => level.id === id)));
}
