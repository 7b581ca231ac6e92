// @ts-check

import { SETTINGS } from "./state.js";

/** @typedef {import("./state.js").Settings} Settings */
/** @typedef {import("./types.d.ts").Store} Store */

/** Prefix of the keys in localStorage. `boot.js` reads the theme before the first paint. */
const PREFIX = "vqvae-explainer.";

/**
 * @typedef {object} NamedSetting
 * @property {keyof Settings} key
 * @property {string} name in storage and address
 * @property {import("./state.js").Setting<Settings[keyof Settings]>} setting
 */

/** @type {NamedSetting[]} */
export const NAMED_SETTINGS = Object.entries(SETTINGS).map(([key, setting]) => ({
  key: /** @type {keyof Settings} */ (key),
  name: setting.name ?? key,
  setting: /** @type {NamedSetting["setting"]} */ (setting),
}));

/**
 * @param {string} key
 * @returns {string | null} null without such a value, and where storage is forbidden
 */
export function recall(key) {
  try {
    return localStorage.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @param {string} value
 */
export function remember(key, value) {
  try {
    localStorage.setItem(PREFIX + key, value);
  } catch {
    // Private windows may forbid storage; the next visit then starts from the defaults.
  }
}

/**
 * @param {"shared" | "stored"} kind of settings that may be there
 * @param {(name: string) => string | null} read
 * @returns {{ values: Partial<Settings>, refused: string[] }} the settings that were understood, and the names of those
 *   that were not
 */
export function readSettings(kind, read) {
  /** @type {Record<string, unknown>} */
  const values = {};
  const refused = [];
  for (const { key, name, setting } of NAMED_SETTINGS) {
    const text = setting[kind] ? read(name) : null;
    if (text === null) continue;
    const value = setting.parse(text);
    if (value === undefined) refused.push(name);
    else values[key] = value;
  }
  return { values, refused };
}

/**
 * Stores the settings that changed for the next visit.
 * @param {Store} store
 * @param {Set<import("./types.d.ts").Key>} changed
 */
export function rememberSettings(store, changed) {
  for (const { key, name, setting } of NAMED_SETTINGS) {
    if (setting.stored && changed.has(key)) remember(name, setting.format(store.get(key)));
  }
}
