// @ts-check

/**
 * Reports whether any value differs from the last call: a picture is painted again only when what it shows has changed,
 * not with every trace.
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
