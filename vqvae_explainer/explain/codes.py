"""A picture of each code, and an order in which similar codes are neighbors."""

import numpy as np
from torch import Tensor

from ..model.grid import Grid
from ..model.projection import principal_plane
from .backend import Backend, Floats, Indices
from .trace import NO_CODE, decode


def code_pictures(backend: Backend, grids: dict[str, Grid], background: Indices, level: str) -> Floats:
    """Decode each code of a level in 3×3 cells at the center of the codes (H, W) of a blank drawing.

    A single cell is not enough: it is so unlike any digit that the decoder draws almost nothing. The other levels are
    left out: their codes of a blank drawing say that there is no ink.

    Returns:
        (K, h, w) pixels in [0, 1]: the patches of these cells and one more patch on every side.
    """
    grid = grids[level]
    rows, inner_rows = middle(grid.height, reach=2), middle(grid.height, reach=1)
    columns, inner_columns = middle(grid.width, reach=2), middle(grid.width, reach=1)
    levels = {id: np.full((grid.num_embeddings, *of.shape), NO_CODE) for id, of in grids.items()}
    levels[level][:] = background
    levels[level][:, inner_rows, inner_columns] = np.arange(grid.num_embeddings)[:, None, None]
    pictures = np.stack(decode(backend, *map(list, levels.values())))
    patch_rows, patch_columns = grid.patch
    shown_rows = slice(rows.start * patch_rows, rows.stop * patch_rows)
    shown_columns = slice(columns.start * patch_columns, columns.stop * patch_columns)
    return np.ascontiguousarray(pictures[:, shown_rows, shown_columns])


def middle(cells_across: int, reach: int) -> slice:
    center = cells_across // 2
    return slice(max(center - reach, 0), min(center + reach + 1, cells_across))


def principal_order(embeddings: Tensor) -> list[int]:
    """Indices of embeddings (K, D), sorted by their first principal component: similar codes are neighbors."""
    along = principal_plane(embeddings).project(embeddings.double())[:, 0]
    return [int(code) for code in along.argsort(stable=True)]
