// @ts-check

/** @typedef {import("./types.d.ts").Stage} Stage */
/** @typedef {(row: number | null, column: number | null) => DOMRect | null} Locate */

/**
 * Positions of the views' items in the window. Each view registers a function that finds its own items, so that a line
 * from one view to another needs no access to their elements.
 */
export function createPositions() {
  /** @type {Map<Stage, Locate>} */
  const views = new Map();
  return {
    /**
     * @param {Stage} stage
     * @param {Locate} locate
     */
    offer(stage, locate) {
      views.set(stage, locate);
    },

    /**
     * @param {Stage} stage
     * @param {number | null} row in the figure: of the feature vectors, or a code; in a matrix null for all
     * @param {number | null} [column] of a matrix, null for all
     * @returns {DOMRect | null} null while it is not shown
     */
    rect: (stage, row, column = null) => views.get(stage)?.(row, column) ?? null,
  };
}

/** @typedef {ReturnType<typeof createPositions>} Positions */
