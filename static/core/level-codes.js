// @ts-check

/**
 * Codes of the levels of a model. In messages the fields of a level's grid are named after it: `codes`, `codes.top`, ….
 * A prior takes the codes of all levels in one list, coarse levels first. No DOM.
 */

/** @typedef {import("./types.d.ts").Tensor} Tensor */
/** @typedef {{ id: string, height: number, width: number }} Level of a model, in the prior's order */

/**
 * @param {string} field
 * @param {{ id: string }} level the main one's id is empty
 */
export const levelField = (field, { id }) => id ? `${field}.${id}` : field;

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
  return levels.flatMap((level) => fields[levelField(field, level)]?.flat() ?? Array(level.height * level.width).fill(null));
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
    return [levelField(field, level), toRows(part, level)];
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
    const { height, width } = level;
    const data = values.slice(end, end += height * width * (size ?? 1));
    return [levelField(field, level), { shape: size ? [height * width, size] : [height, width], data }];
  }));
}
