// @ts-check

import { DERIVED } from "./derived.js";
import { at } from "./levels.js";
import { createReader } from "./store.js";

/** @typedef {import("./types.d.ts").Derivation<unknown>} Derivation */
/** @typedef {import("./types.d.ts").DerivedKey} DerivedKey */
/** @typedef {import("./types.d.ts").Key} Key */
/** @typedef {import("./types.d.ts").State} State */
/** @typedef {import("./types.d.ts").Store} Store */
/** @typedef {import("./types.d.ts").View} View */

/**
 * What the page's store holds of a level.
 * @type {Partial<Record<keyof State, (store: Store, level: string) => unknown>>}
 */
const OF_LEVEL = {
  readAt: (_, level) => level,
  model: (store, level) => atLevelOf(store.get("model"), level),
  trace: (store, level) => atLevelOf(store.get("trace"), level),
  reference: (store, level) => atLevelOf(store.get("reference"), level),
  gradients: (store, level) => atLevelOf(store.get("gradients"), level),
  selection: (store, level) => isLookedAt(store, level) ? store.get("selection") : null,
  brushCode: (store, level) => isLookedAt(store, level) ? store.get("brushCode") : null,
};

/** What is derived from all levels. @type {DerivedKey[]} */
const OF_ALL = ["edits", "grids", "shownCodes", "outdated", "shownLevel", "layered"];

/** What may change when another level is looked at. */
const KEYS = /** @type {Key[]} */ ([...Object.keys(OF_LEVEL), ...Object.keys(DERIVED)]);

/** @type {<T extends { levels: Record<string, T> }>(whole: T | null, level: string) => T | null} */
const atLevelOf = (whole, level) => whole && at(whole, level);

/** @param {Store} store @param {string} level */
const isLookedAt = (store, level) => store.get("shownLevel") === level;

/**
 * The page's store as one level of the model has it: `model`, `trace`, `edited`, `focus` and what follows from them are
 * those of the level, so a view need not know of levels. Pointing at something of a level looks at that level.
 * @param {Store} store
 * @param {string} [fixed] id of the level; the one that is looked at if left out
 */
export function atLevel(store, fixed) {
  const level = () => fixed ?? store.get("shownLevel");

  const read = createReader(
    (key) => OF_LEVEL[key] ? OF_LEVEL[key](store, level()) : store.get(key),
    new Map(OF_ALL.map((key) => [/** @type {Derivation} */ (DERIVED[key]), () => store.get(key)])),
  );
  /** @type {Store} */
  const own = {
    ...store,
    get: (key) => /** @type {any} */ (
      read(key in DERIVED ? DERIVED[/** @type {DerivedKey} */ (key)] : /** @type {keyof State} */ (key))
    ),
    set(key, value) {
      if (key !== "selection" || isLookedAt(store, level())) return store.set(key, value);
      // With a code on the brush, the pointer may cross another level on its way.
      if (value && store.get("brushCode") === null) store.assign({ level: level(), selection: /** @type {State["selection"]} */ (value) });
    },
  };

  return {
    store: own,

    /**
     * @param {View} view of this level's store
     * @returns {View} for the page
     */
    see(view) {
      /** What the view knows. @type {Map<Key, unknown>} */
      const known = new Map();
      /** @type {Key[]} */
      let other = [];
      return {
        isIdle: view.isIdle,
        read(changed) {
          other = KEYS.filter((key) => !Object.is(own.get(key), known.get(key)));
          for (const key of other) known.set(key, own.get(key));
          view.read?.(new Set([...changed, ...other]));
        },
        update: (changed) => view.update(new Set([...changed, ...other])),
      };
    },
  };
}

/** @typedef {ReturnType<typeof atLevel>} LevelStore */

/**
 * Looks at another level; what was selected is of the one before.
 * @param {Store} store
 * @param {string} level
 */
export function lookAt(store, level) {
  if (level !== store.get("shownLevel")) store.assign({ level, selection: null, pinned: false, entry: null, brushCode: null });
}
