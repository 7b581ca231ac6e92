// @ts-check

/** @typedef {import("./types.d.ts").Store} Store */

/** What the address calls the chosen model. */
export const MODEL = "model";

/**
 * The one table of what is remembered and what is shared: it drives the defaults, the storage, the address and the
 * controls. `parse` returns undefined for what it does not understand; `name` is what storage and address call it, if
 * not by its key.
 * @type {{
 *   key: "modelName" | "centre" | "brush" | "theme" | "difference" | "channel" | "details" | "scaling" | "zoo"
 *     | "health" | "playback" | "meter",
 *   name?: string,
 *   initial: any,
 *   shared: boolean,
 *   parse: (text: string) => any,
 * }[]}
 */
export const SETTINGS = [
  // Empty is the server's default.
  { key: "modelName", name: MODEL, initial: "", shared: true, parse: matching(/^([a-z0-9][a-z0-9-]{0,63})?$/) },
  { key: "centre", initial: true, shared: true, parse: truth },
  { key: "brush", initial: 1.25, shared: false, parse: between(0.75, 2.5) },
  { key: "theme", initial: "system", shared: false, parse: oneOf("dark", "light", "system") },
  { key: "difference", initial: false, shared: true, parse: truth },
  { key: "channel", initial: 0, shared: true, parse: whole },
  { key: "details", initial: false, shared: true, parse: truth },
  { key: "scaling", initial: "row", shared: true, parse: oneOf("row", "shared") },
  { key: "zoo", initial: false, shared: true, parse: truth },
  { key: "health", initial: false, shared: true, parse: truth },
  { key: "playback", initial: false, shared: true, parse: truth },
  { key: "meter", initial: false, shared: true, parse: truth },
];

/** Prefix of the keys in localStorage. The head script `boot.js` reads the theme before the first paint. */
const PREFIX = "vqvae-explainer.";

/** @param {string} text */
function truth(text) {
  return text === "true" ? true : text === "false" ? false : undefined;
}

/** @param {string} text */
function whole(text) {
  return /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}

/**
 * @param {RegExp} pattern
 * @returns {(text: string) => string | undefined}
 */
function matching(pattern) {
  return (text) => pattern.test(text) ? text : undefined;
}

/**
 * @param {number} low
 * @param {number} high
 * @returns {(text: string) => number | undefined}
 */
function between(low, high) {
  return (text) => {
    const value = Number(text);
    return text.trim() && value >= low && value <= high ? value : undefined;
  };
}

/**
 * @param {...string} words
 * @returns {(text: string) => string | undefined}
 */
function oneOf(...words) {
  return (text) => words.includes(text) ? text : undefined;
}

/**
 * @param {string} key
 * @returns {string | null} null as well where storage is forbidden
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
    // Private windows may forbid storage; the page then simply forgets.
  }
}

/** @returns {Record<string, any>} */
export function defaults() {
  return Object.fromEntries(SETTINGS.map(({ key, initial }) => [key, initial]));
}

/**
 * @param {(key: string) => string | null} read
 * @returns {{ values: Record<string, any>, refused: string[] }} settings that were understood, and those that were not
 */
export function readSettings(read) {
  /** @type {Record<string, any>} */
  const values = {};
  const refused = [];
  for (const { key, name = key, parse } of SETTINGS) {
    const text = read(name);
    if (text === null) continue;
    const value = parse(text);
    if (value === undefined) refused.push(name);
    else values[key] = value;
  }
  return { values, refused };
}

/**
 * Keeps what changed for the next visit.
 * @param {Store} store
 * @param {Set<import("./types.d.ts").Key>} changed
 */
export function rememberSettings(store, changed) {
  for (const { key, name = key } of SETTINGS) if (changed.has(key)) remember(name, String(store.get(key)));
}
