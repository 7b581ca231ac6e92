// @ts-check

/** @typedef {import("./types.d.ts").Stage} Stage */

/**
 * Where the matrices' rows and columns stand on the page. A matrix says what it is drawn in; the lines between matrices
 * ask here, so that no view reads another's elements.
 */
export function createPlaces() {
  /** @type {Map<Stage, { plot: HTMLElement, size: () => [rows: number, columns: number] }>} */
  const plots = new Map();
  return {
    /**
     * @param {Stage} stage
     * @param {HTMLElement} plot
     * @param {() => [rows: number, columns: number]} size
     */
    offer(stage, plot, size) {
      plots.set(stage, { plot, size });
    },

    /**
     * @param {Stage} stage
     * @param {number | null} row null for all
     * @param {number | null} column null for all
     * @returns {DOMRect | null} null while the matrix is not shown
     */
    rect(stage, row, column) {
      const found = plots.get(stage);
      if (!found) return null;
      const { left, top, width, height } = found.plot.getBoundingClientRect();
      if (!width) return null;
      const [rows, columns] = found.size();
      const across = width / columns;
      const down = height / rows;
      return new DOMRect(
        left + (column ?? 0) * across,
        top + (row ?? 0) * down,
        column === null ? width : across,
        row === null ? height : down,
      );
    },
  };
}

/** @typedef {ReturnType<typeof createPlaces>} Places */
