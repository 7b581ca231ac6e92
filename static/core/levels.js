// @ts-check

/**
 * The levels of a model's quantization. The main one has the id "" and its stages have their plain names; those of others
 * end in their id: `features.top`. No DOM.
 */

/** @typedef {import("./types.d.ts").Model} Model */

/**
 * @param {string} stage
 * @param {string} level
 * @returns {string} what messages call the stage of that level
 */
export function stageAt(stage, level) {
  return level ? `${stage}.${level}` : stage;
}

/**
 * @param {Pick<Model, "levels">} model
 * @returns {string[]} ids of its levels in the order in which they are computed
 */
export function levelsOf({ levels }) {
  return [...Object.keys(levels), ""];
}

/**
 * A model, a trace or gradients at a level, with the names that the main level's parts have.
 * @template {{ levels: Record<string, T> }} T
 * @param {T} whole
 * @param {string} level
 * @returns {T | null} null without such a level
 */
export function at(whole, level) {
  return level === "" ? whole : Object.hasOwn(whole.levels, level) ? whole.levels[level] : null;
}

/**
 * @template T
 * @template {object} M
 * @param {M} message whose fields of a level are named as `stageAt` names them
 * @param {string} field that every level has
 * @param {(read: (stage: string) => any) => T} make
 * @returns {Record<string, T>} what is made of the fields of each level but the main one
 */
export function eachLevel(message, field, make) {
  const levels = Object.keys(message).flatMap((key) => key.startsWith(`${field}.`) ? [key.slice(field.length + 1)] : []);
  return Object.fromEntries(levels.map((level) => [level, make((stage) => Reflect.get(message, stageAt(stage, level)))]));
}
