// @ts-check

import { createDeferred } from "../core/deferred.js";

/**
 * The section about levels, which comes with the first model that has several.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("./mixtures.js").Question} question asks the backend
 * @param {() => Promise<(digit: number) => Uint8Array>} loadExamples
 * @returns {import("../core/types.d.ts").View}
 */
export function createLevels(element, store, question, loadExamples) {
  const view = createDeferred(store, "layered", async () => {
    const [{ create }, pixelsOf] = await Promise.all([import("./levels.js"), loadExamples()]);
    return create(element, store, question, pixelsOf);
  });

  return {
    update(changed) {
      if (changed.has("layered")) element.hidden = !store.get("layered");
      view.update(changed);
    },
  };
}
