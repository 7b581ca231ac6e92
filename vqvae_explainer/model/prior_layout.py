"""The cells of a prior in the order of its predictions, and which cells before each are inputs of its prediction.

Levels follow each other, coarse ones first; within a level, cells are in scan order.
"""

from collections.abc import Sequence
from typing import NamedTuple

from .grid import Grid

# Rows and columns from a cell: those of the 5×5 cells around it that come before it in scan order.
AROUND = tuple((down, right) for down in (-2, -1, 0) for right in (-2, -1, 0, 1, 2) if (down, right) < (0, 0))
# Rows and columns from the cell of the coarser level that lies over a cell.
OVER = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1))


class Layout(NamedTuple):
    """T cells of all levels; N = 12 neighbors each, or 21 where there is more than one level."""

    levels: list[int]  # (T,)
    rows: list[int]  # (T,), counted through all levels
    columns: list[int]  # (T,), counted through all levels
    neighbors: list[list[int]]  # (N, T): positions of the neighbors; T outside the grid


def layout_of(grids: Sequence[Grid]) -> Layout:
    total = sum(grid.cells for grid in grids)
    layout = Layout([], [], [], [[] for _ in range(len(AROUND) + (len(OVER) if len(grids) > 1 else 0))])
    first = first_row = first_column = 0  # of the level

    def position(level: int, start: int, row: int, column: int) -> int:
        grid = grids[level]
        inside = 0 <= row < grid.height and 0 <= column < grid.width
        return start + row * grid.width + column if inside else total

    for level, grid in enumerate(grids):
        for row in range(grid.height):
            for column in range(grid.width):
                cells = [position(level, first, row + down, column + right) for down, right in AROUND]
                if level > 0:
                    coarse = grids[level - 1]
                    above = (2 * row + 1) * coarse.height // (2 * grid.height)
                    left = (2 * column + 1) * coarse.width // (2 * grid.width)
                    start = first - coarse.cells
                    cells += [position(level - 1, start, above + down, left + right) for down, right in OVER]
                elif len(grids) > 1:
                    cells += [total] * len(OVER)
                layout.levels.append(level)
                layout.rows.append(first_row + row)
                layout.columns.append(first_column + column)
                for neighbor, cell in zip(layout.neighbors, cells, strict=True):
                    neighbor.append(cell)
        first, first_row, first_column = first + grid.cells, first_row + grid.height, first_column + grid.width
    return layout
