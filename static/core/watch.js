// @ts-check

/**
 * Tells whether something is new since it was asked last: a picture is painted again only when what it shows has
 * changed, not whenever a trace arrives.
 * @returns {(...values: unknown[]) => boolean}
 */
export function createWatch() {
  /** @type {unknown[]} */
  let last = [];
  return (...values) => {
    const moved = values.length !== last.length || values.some((value, n) => !Object.is(value, last[n]));
    last = values;
    return moved;
  };
}
