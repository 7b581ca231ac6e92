// @ts-check

/** @typedef {import("./types.d.ts").Key} Key */
/** @typedef {import("./types.d.ts").View} View */

/** What changes with every movement of the pen. */
const MOVING = new Set(/** @type {Key[]} */ ([
  "drawing", "pixels", "placement", "trace", "reference", "gradients",
  "shownIndices", "grids", "shownCodes", "shownReconstruction", "shownError", "normalTrace", "matrixSource", "focus",
]));

/** Between two texts while the pen moves, in milliseconds: nobody reads faster. */
const PAUSE = 100;

/**
 * Updates views in two phases: all of them measure (`read`), then all of them write (`update`), so that a frame lays out
 * the page once. Within a phase the order of views means nothing. A view whose `throttled` is true waits while the pen
 * moves; the first move after a pause, the last one, and everything else that the visitor does show at once.
 * @param {View[]} views
 */
export function createViews(views) {
  const entries = views.map((view) =>
    view.throttled ? createThrottle(view) : { view, update: view.update, isIdle: view.isIdle ?? (() => true) }
  );

  return {
    /** @param {Set<Key>} changed */
    read(changed) {
      for (const { view } of entries) view.read?.(changed);
    },

    /** @param {Set<Key>} changed */
    update(changed) {
      for (const { update } of entries) update(changed);
    },

    /** @returns {boolean} whether no text has still to catch up */
    isIdle: () => entries.every(({ isIdle }) => isIdle()),
  };
}

/** @param {View} view */
function createThrottle(view) {
  /** @type {Set<Key>} */
  let missed = new Set();
  let last = -Infinity;
  /** @type {number | undefined} */
  let timer;

  function update() {
    clearTimeout(timer);
    timer = undefined;
    const changed = missed;
    missed = new Set();
    view.update(changed);
  }

  function follow() {
    last = performance.now();
    update();
  }

  return {
    view,
    /** @param {Set<Key>} changed */
    update(changed) {
      for (const key of changed) missed.add(key);
      if ([...changed].some((key) => !MOVING.has(key))) return update();
      const wait = last + PAUSE - performance.now();
      if (wait <= 0) follow();
      else timer ??= setTimeout(follow, wait);
    },
    isIdle: () => timer === undefined,
  };
}
