// @ts-check

/**
 * Puts something in the place of a global, such as `localStorage`, until the end of the `using` block.
 * @param {string} name
 * @param {PropertyDescriptor | { value: unknown }} descriptor
 */
export function replaceGlobal(name, descriptor) {
  const own = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { configurable: true, ...descriptor });
  return {
    [Symbol.dispose]() {
      if (own) Object.defineProperty(globalThis, name, own);
      else Reflect.deleteProperty(globalThis, name);
    },
  };
}

/** @param {Record<string, string>} [content] */
export function fakeStorage(content = {}) {
  const items = new Map(Object.entries(content));
  const value = {
    getItem: (/** @type {string} */ key) => items.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {unknown} */ text) => void items.set(key, String(text)),
  };
  return { items, ...replaceGlobal("localStorage", { value }) };
}

/** Storage of a private window. */
export function forbiddenStorage() {
  return replaceGlobal("localStorage", {
    get() {
      throw new DOMException("forbidden", "SecurityError");
    },
  });
}

/**
 * An address bar and its history.
 * @param {string} address
 */
export function fakeAddress(address) {
  const entries = [new URL(address)];
  const location = replaceGlobal("location", { get: () => entries[entries.length - 1] });
  const history = replaceGlobal("history", {
    value: {
      replaceState: (/** @type {unknown} */ _state, /** @type {string} */ _title, /** @type {string | URL} */ to) => {
        entries.push(new URL(to, entries.pop()));
      },
      pushState: (/** @type {unknown} */ _state, /** @type {string} */ _title, /** @type {string | URL} */ to) => {
        entries.push(new URL(to, entries[entries.length - 1]));
      },
    },
  });
  return {
    entries,
    [Symbol.dispose]() {
      location[Symbol.dispose]();
      history[Symbol.dispose]();
    },
  };
}
