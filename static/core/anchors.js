// @ts-check

/**
 * Where things stand on the page. A view says how to find its items; the path between them asks here, so that no
 * view reads another's elements and no position is written down in code.
 */
export function createAnchors() {
  /** @type {Map<import("./types.d.ts").Stage, (index: number) => Element | undefined>} */
  const finders = new Map();
  return {
    /**
     * @param {import("./types.d.ts").Stage} stage
     * @param {(index: number) => Element | undefined} find the element of an item
     */
    offer(stage, find) {
      finders.set(stage, find);
    },
    /**
     * @param {import("./types.d.ts").Stage} stage
     * @param {number} index a row for grids, a code for the codebook
     * @returns {DOMRect | null}
     */
    rect(stage, index) {
      const element = finders.get(stage)?.(index);
      const rect = element?.getBoundingClientRect();
      if (!element || !rect?.width) return null;
      // A code scrolled out of a long codebook is pointed at where it went.
      const box = element.closest(".cells")?.getBoundingClientRect() ?? rect;
      return new DOMRect(rect.x, Math.max(box.top, Math.min(rect.y, box.bottom - rect.height)), rect.width, rect.height);
    },
  };
}

/** @typedef {ReturnType<typeof createAnchors>} Anchors */
