// @ts-check

/** Milliseconds between two frames of the screen. */
export const FRAME = 16;

/**
 * Time that passes when the test says so. Replaces timers, frames and `performance.now` until the end of the `using`
 * block.
 */
export function fakeTime() {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, now: performance.now };
  /** @type {Map<number, { at: number, callback: () => void }>} */
  const timers = new Map();
  let now = 1000;
  let last = 0;

  globalThis.setTimeout = /** @type {any} */ ((/** @type {() => void} */ callback, delay = 0) => {
    timers.set(++last, { at: now + delay, callback });
    return last;
  });
  globalThis.clearTimeout = (id) => void timers.delete(Number(id));
  globalThis.requestAnimationFrame = (callback) => globalThis.setTimeout(() => callback(now), FRAME);
  globalThis.cancelAnimationFrame = globalThis.clearTimeout;
  performance.now = () => now;

  return {
    /** @param {number} ms */
    pass(ms) {
      const end = now + ms;
      for (;;) {
        const due = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
        if (!due) break;
        const [id, { at, callback }] = due;
        timers.delete(id);
        now = at;
        callback();
      }
      now = end;
    },

    /** @returns {number[]} in how many milliseconds the pending timers are due, soonest first */
    pending: () => [...timers.values()].map(({ at }) => at - now).sort((a, b) => a - b),

    [Symbol.dispose]() {
      globalThis.setTimeout = real.setTimeout;
      globalThis.clearTimeout = real.clearTimeout;
      performance.now = real.now;
      Reflect.deleteProperty(globalThis, "requestAnimationFrame");
      Reflect.deleteProperty(globalThis, "cancelAnimationFrame");
    },
  };
}
