// @ts-check

/** @typedef {import("./types.d.ts").Key} Key */
/** @typedef {import("./types.d.ts").View} View */

/** What changes with every movement of the pen. */
const MOVING = new Set(/** @type {Key[]} */ (["drawing", "pixels", "placement", "trace", "reference", "gradients"]));

/** Nobody reads faster. In milliseconds. */
const PAUSE = 100;

/**
 * Views of words and numbers, which are read rather than watched: while the pen moves they follow it ten times a second,
 * since a new text costs the page a layout, and at every move that would be the better part of a frame. The first move
 * after a rest, the last one, and whatever else the visitor does show at once.
 */
export function createThrottle() {
  /** Views that have still to be told something. */
  const behind = new Set();

  return {
    /**
     * @param {View} view
     * @returns {View}
     */
    wrap(view) {
      /** @type {Set<Key>} */
      let missed = new Set();
      let last = -Infinity;
      /** @type {number | undefined} */
      let timer;

      function tell() {
        clearTimeout(timer);
        timer = undefined;
        behind.delete(view);
        const told = missed;
        missed = new Set();
        view.update(told);
      }

      function follow() {
        last = performance.now();
        tell();
      }

      return {
        read: view.read,
        update(changed) {
          for (const key of changed) missed.add(key);
          if ([...changed].some((key) => !MOVING.has(key))) return tell();
          const wait = last + PAUSE - performance.now();
          if (wait <= 0) {
            follow();
          } else if (timer === undefined) {
            behind.add(view);
            timer = setTimeout(follow, wait);
          }
        },
        destroy() {
          clearTimeout(timer);
          view.destroy();
        },
      };
    },

    /** @returns {boolean} whether all words are true of the drawing on the pad */
    isIdle: () => !behind.size,
  };
}

/** @typedef {ReturnType<typeof createThrottle>} Unhurried */
