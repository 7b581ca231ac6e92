// @ts-check

/**
 * The page's state. Changes are gathered and told to subscribers once a frame, so ten pointer events between two
 * frames cost one drawing, and a page where nothing happens asks for no frame at all.
 * @param {import("./types.d.ts").State} initial
 * @param {(callback: () => void) => void} [schedule]
 * @returns {import("./types.d.ts").Store}
 */
export function createStore(initial, schedule = (callback) => requestAnimationFrame(callback)) {
  const state = { ...initial };
  /** @type {Set<(changed: Set<import("./types.d.ts").Key>) => void>} */
  const listeners = new Set();
  /** @type {Set<import("./types.d.ts").Key>} */
  let changed = new Set();
  let scheduled = false;
  /** Whether changes have been told early since the last frame. */
  let early = false;

  function tell() {
    if (!changed.size) return;
    const told = changed;
    changed = new Set();
    for (const listener of listeners) listener(told);
  }

  function frame() {
    scheduled = false;
    early = false;
    tell();
  }

  return {
    get: (key) => state[key],
    set(key, value) {
      if (Object.is(state[key], value)) return;
      state[key] = value;
      changed.add(key);
      if (scheduled) return;
      scheduled = true;
      schedule(frame);
    },
    flush() {
      if (early || !changed.size) return;
      early = true;
      tell();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/**
 * @param {Set<import("./types.d.ts").Key>} changed
 * @param {import("./types.d.ts").Key[]} keys
 * @returns {boolean} whether any of the keys changed
 */
export function anyChanged(changed, keys) {
  return keys.some((key) => changed.has(key));
}
