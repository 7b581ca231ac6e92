"""Which codes around a cell are inputs of a prior's prediction for it."""

# Rows and columns from the cell: those of the 5×5 cells around it that come before it in scan order.
NEIGHBORS = tuple((down, right) for down in (-2, -1, 0) for right in (-2, -1, 0, 1, 2) if (down, right) < (0, 0))


def neighbor_cells(height: int, width: int) -> list[list[int]]:
    """(N, T): for each neighbor and each cell, the neighbor's position in scan order, or T outside the grid."""

    def position(row: int, column: int) -> int:
        return row * width + column if row >= 0 and 0 <= column < width else height * width

    cells = [(row, column) for row in range(height) for column in range(width)]
    return [[position(row + down, column + right) for row, column in cells] for down, right in NEIGHBORS]
