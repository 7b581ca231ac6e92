// @ts-check

/** The cells of a prior in the order of its predictions, and their neighbors, as model/prior_layout.py has them. */

/** @typedef {import("../core/level-codes.js").Level} Level */

/** Rows and columns from a cell: those of the 5×5 cells around it that come before it in scan order. */
const AROUND = [-2, -1, 0].flatMap((down) => [-2, -1, 0, 1, 2].map((right) => [down, right]))
  .filter(([down, right]) => down < 0 || (down === 0 && right < 0));

/** Rows and columns from the cell of the coarser level that lies over a cell. */
const OVER = [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((right) => [down, right]));

/**
 * @param {Pick<import("./types.d.ts").PriorConfig, "coarse" | "height" | "width">} config
 * @returns {Level[]} coarse ones first
 */
export function levelsOf({ coarse = {}, height, width }) {
  return [...Object.entries(coarse).map(([id, [height, width]]) => ({ id, height, width })), { id: "", height, width }];
}

/**
 * @typedef {object} Cell
 * @property {number} level
 * @property {number} row counted through all levels
 * @property {number} column counted through all levels
 * @property {number[]} neighbors their positions; T outside the grid
 */

/**
 * @param {Level[]} levels
 * @returns {Cell[]} T cells
 */
export function layoutOf(levels) {
  /** @type {Cell[]} */
  const cells = [];
  const starts = [0], rows = [0], columns = [0];
  levels.forEach(({ height, width }, n) => {
    starts.push(starts[n] + height * width);
    rows.push(rows[n] + height);
    columns.push(columns[n] + width);
  });
  const total = starts[levels.length];

  /** @type {(n: number, row: number, column: number) => number} */
  const position = (n, row, column) => {
    const { height, width } = levels[n];
    return row >= 0 && row < height && column >= 0 && column < width ? starts[n] + row * width + column : total;
  };

  levels.forEach(({ height, width }, level) => {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const neighbors = AROUND.map(([down, right]) => position(level, row + down, column + right));
        if (level > 0) {
          const coarse = levels[level - 1];
          const above = Math.floor((2 * row + 1) * coarse.height / (2 * height));
          const left = Math.floor((2 * column + 1) * coarse.width / (2 * width));
          neighbors.push(...OVER.map(([down, right]) => position(level - 1, above + down, left + right)));
        } else if (levels.length > 1) {
          neighbors.push(...OVER.map(() => total));
        }
        cells.push({ level, row: rows[level] + row, column: columns[level] + column, neighbors });
      }
    }
  });
  return cells;
}
