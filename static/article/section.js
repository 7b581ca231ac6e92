// @ts-check

import { createDeferred } from "../core/deferred.js";

/** @typedef {import("../core/types.d.ts").View} View */

/**
 * The article, which is loaded when its heading comes into sight.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {() => Promise<View>} load
 * @returns {View}
 */
export function createSection(element, store, load) {
  // Not while it only touches the window's edge.
  new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && store.set("article", true), { rootMargin: "-1px" })
    .observe(element);
  return createDeferred(store, "article", load);
}
