// @ts-check
/// <reference lib="deno.ns" />

/** Assertions and a seeded generator. Not `node:assert`: its types would change those of `setTimeout` for the page. */

/**
 * @param {unknown} a
 * @param {unknown} b
 * @returns {boolean} whether both have the same structure; NaN equals itself, and −0 equals 0
 */
function same(a, b) {
  if (a === b || Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Set || a instanceof Map) return same([...a], [.../** @type {Set<unknown>} */ (b)]);
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && same(Reflect.get(a, key), Reflect.get(b, key)));
}

/**
 * @param {unknown} condition
 * @param {string} message
 * @returns {asserts condition}
 */
export function ok(condition, message) {
  if (!condition) throw new Error(message);
}

/**
 * @param {unknown} actual
 * @param {unknown} expected
 * @param {string} [context]
 */
export function equal(actual, expected, context = "") {
  ok(same(actual, expected), `${context}\n  actual   ${Deno.inspect(actual)}\n  expected ${Deno.inspect(expected)}`);
}

/**
 * @param {ArrayLike<number> | number} actual
 * @param {ArrayLike<number> | number} expected
 * @param {number} tolerance largest absolute difference
 * @param {string} [context]
 */
export function close(actual, expected, tolerance, context = "") {
  const [a, b] = [actual, expected].map((value) => typeof value === "number" ? [value] : Array.from(value));
  equal(a.length, b.length, `${context} length`);
  const far = a.findIndex((value, n) => !(Math.abs(value - b[n]) <= tolerance) && !Object.is(value, b[n]));
  ok(far < 0, `${context}\n  at ${far}: actual ${a[far]}, expected ${b[far]} ± ${tolerance}`);
}

/**
 * @param {() => unknown} action
 * @param {RegExp} pattern of the error's message
 * @param {string} [context]
 */
export function throws(action, pattern, context = "") {
  let result;
  try {
    result = action();
  } catch (error) {
    ok(error instanceof Error && pattern.test(error.message), `${context}: ${error} does not match ${pattern}`);
    return;
  }
  throw new Error(`${context}: no error, but ${Deno.inspect(result)}`);
}

/**
 * @param {number} seed
 * @returns {() => number} from 0 to 1, 1 excluded; mulberry32
 */
export function seeded(seed) {
  return () => {
    seed = (seed + 0x6D2B79F5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Runs a property many times, and names the seed of the run that failed.
 * @param {number} times
 * @param {(random: () => number) => void} property
 */
export function holds(times, property) {
  for (let seed = 0; seed < times; seed++) {
    try {
      property(seeded(seed));
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`);
    }
  }
}
