"""Codes of the levels of a model. Fields of a level's grid are named after it: `codes`, `codes.top`, ….

A prior takes the codes of all levels in one list, coarse levels first.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...explain.backend import Indices
from ...explain.packing import pack
from ...explain.sampling import FREE
from ...model.grid import Grid
from .base import MismatchError
from .decode import check_grid

Rows = Sequence[Sequence[int | None]]


def level_field(field: str, level: str) -> str:
    """The name of a level's field; the main level has no name."""
    return f"{field}.{level}" if level else field


def check_levels(field: str, given: Mapping[str, Rows | None], grids: Mapping[str, Grid]) -> None:
    """Compare the codes of each level with the model's grids.

    Raises:
        MismatchError: a grid is missing or has another size, or a code is not in the codebook.
    """
    for level, rows in given.items():
        name = level_field(field, level)
        if rows is not None and level not in grids:
            raise MismatchError(name, f"this model has no {name}")
        if rows is None and level in grids:
            raise MismatchError(name, f"this model also needs {name}")
        if rows is not None:
            check_grid(name, rows, grids[level])


def join_levels(given: Mapping[str, Rows | None], grids: Mapping[str, Grid]) -> Indices:
    """Codes (T,) in the prior's order, from those of each level; FREE where they are missing."""
    rows = [row for level, grid in grids.items() for row in given.get(level) or [[None] * grid.width] * grid.height]
    return np.array([FREE if code is None else code for row in rows for code in row])


def split_levels(field: str, values: NDArray[Any], grids: Mapping[str, Grid]) -> dict[str, NDArray[Any]]:
    """The part of each level by the name of its field, from values in the prior's order.

    Numbers (T,) become grids (H, W), and vectors (T, K) matrices (H·W, K).
    """
    ends = np.cumsum([grid.cells for grid in grids.values()])
    parts = zip(grids.items(), np.split(values, ends[:-1]), strict=True)
    return {
        level_field(field, level): part.reshape(grid.shape) if part.ndim == 1 else part for (level, grid), part in parts
    }


def pack_all(tensors: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
    return {name: pack(tensor.astype(np.float32)) for name, tensor in tensors.items()}
