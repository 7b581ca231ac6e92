// @ts-check

import { DERIVED } from "./derived.js";
import { initialState } from "./state.js";

/** @typedef {import("./types.d.ts").DerivedKey} DerivedKey */
/** @typedef {import("./types.d.ts").Derivation<unknown>} Derivation */
/** @typedef {import("./types.d.ts").Key} Key */
/** @typedef {import("./types.d.ts").State} State */

const RULES = /** @type {[DerivedKey, Derivation][]} */ (Object.entries(DERIVED));

/**
 * Computes derived values and caches each until one of its inputs changes.
 * @param {(key: keyof State) => unknown} state
 * @param {Map<Derivation, () => unknown>} [given] derived values that another store computes
 * @returns {(source: keyof State | Derivation) => unknown}
 */
export function createReader(state, given = new Map()) {
  /** @type {Map<Derivation, { inputs: unknown[], value: unknown }>} */
  const computed = new Map();
  return function read(source) {
    if (typeof source === "string") return state(source);
    const elsewhere = given.get(source);
    if (elsewhere) return elsewhere();
    const inputs = source.from.map(read);
    const known = computed.get(source);
    if (known && inputs.every((input, n) => Object.is(input, known.inputs[n]))) return known.value;
    const value = source.compute(.../** @type {never[]} */ (inputs));
    computed.set(source, { inputs, value });
    return value;
  };
}

/**
 * The page's state and what is derived from it. Changes are collected, and subscribers are notified once a frame: ten
 * pointer events between two frames cost one drawing, and a page where nothing happens requests no frame at all.
 * @param {Partial<State>} [initial] what differs from the defaults
 * @param {(callback: () => void) => void} [schedule]
 * @returns {import("./types.d.ts").Store}
 */
export function createStore(initial = {}, schedule = (callback) => requestAnimationFrame(callback)) {
  const state = { ...initialState(), ...initial };
  const read = createReader((key) => state[key]);
  /** @type {Set<(changed: Set<Key>) => void>} */
  const listeners = new Set();
  /** @type {Set<Key>} */
  let changed = new Set();
  let scheduled = false;
  /** Whether subscribers have been notified early since the last frame. */
  let early = false;

  /** The derived values that subscribers know. */
  const notified = new Map(RULES.map(([key, rule]) => [key, read(rule)]));

  function notify() {
    if (!changed.size) return;
    for (const [key, rule] of RULES) {
      const value = read(rule);
      if (Object.is(value, notified.get(key))) continue;
      notified.set(key, value);
      changed.add(key);
    }
    const reported = changed;
    changed = new Set();
    for (const listener of listeners) listener(reported);
  }

  function nextFrame() {
    scheduled = false;
    early = false;
    notify();
  }

  /** @type {import("./types.d.ts").Store["set"]} */
  function set(key, value) {
    if (Object.is(state[key], value)) return;
    state[key] = value;
    changed.add(key);
    if (scheduled) return;
    scheduled = true;
    schedule(nextFrame);
  }

  return {
    get: (key) => /** @type {import("./types.d.ts").Values[typeof key]} */ (
      read(key in DERIVED ? DERIVED[/** @type {DerivedKey} */ (key)] : /** @type {keyof State} */ (key))
    ),
    set,
    assign(values) {
      for (const [key, value] of Object.entries(values)) set(/** @type {keyof State} */ (key), value);
    },
    flush() {
      if (early || !changed.size) return;
      early = true;
      notify();
    },
    refresh() {
      for (const key of [...Object.keys(state), ...Object.keys(DERIVED)]) changed.add(/** @type {Key} */ (key));
      notify();
    },
    isIdle: () => !changed.size,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/**
 * @param {Set<Key>} changed
 * @param {Key[]} keys
 * @returns {boolean} whether any of the keys changed
 */
export function anyChanged(changed, keys) {
  return keys.some((key) => changed.has(key));
}
