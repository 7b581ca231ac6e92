"""Decode a grid of codes into a picture."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ...explain.backend import Floats, Indices
from ...explain.models import ExplainedModel
from ...explain.packing import pack
from ...explain.trace import NO_CODE, decode
from ...model.config import IMAGE_SIZE
from ...model.grid import MAIN, Grid, at_level
from .base import MismatchError, ModelRequest, ModelResponse, Operation, StreamMessage, Tensor2D

Code = Annotated[int, Field(ge=0, lt=4096)]
Rows = Annotated[list[list[Code]], Field(min_length=1, max_length=IMAGE_SIZE)]


class DecodeRequest(ModelRequest):
    """A grid of codes to decode."""

    indices: Rows | None = Field(
        description="(H, W): a code for each cell of the model's grid. Null leaves the fine level of a model with "
        "two out: its vectors are zero."
    )
    indices_top: Rows | None = Field(
        None, alias="indices.top", description="The codes of the coarse level of a model with two; null leaves it out."
    )

    @property
    def levels(self) -> dict[str, list[list[int]] | None]:
        """The codes of each level that there can be, by its id."""
        return {MAIN: self.indices, "top": self.indices_top}


class DecodeMessage(StreamMessage, DecodeRequest):
    """A grid of codes to decode, sent over the stream."""

    type: Literal["decode"]


class DecodeResponse(ModelResponse):
    """The decoder's picture of a grid of codes."""

    reconstruction: Tensor2D = Field(description="(28, 28), in [0, 1].")


def check(request: DecodeRequest, explained: ExplainedModel) -> None:
    """Compare grids with the model's.

    Raises:
        MismatchError: a grid has another size or is of a level that the model lacks, or a code is not in the codebook.
    """
    for level, rows in request.levels.items():
        grid, field = explained.grids.get(level), at_level("indices", level)
        if grid is None:
            if rows is not None:
                raise MismatchError(field, f"{field} is for models with two levels, and this one has one")
        elif rows is not None or len(explained.grids) == 1:
            check_grid(field, rows or [], grid)


def check_grid(field: str, rows: Sequence[Sequence[int | None]], grid: Grid) -> None:
    """Compare rows of codes with a grid; None stands for a code that is not known.

    Raises:
        MismatchError: the grid has another size, or a code is not in the codebook.
    """
    if len(rows) != grid.height or any(len(row) != grid.width for row in rows):
        raise MismatchError(field, f"{field} must be {grid.height} rows of {grid.width} codes")
    if any(code is not None and code >= grid.num_embeddings for row in rows for code in row):
        raise MismatchError(field, f"codes of this model are from 0 to {grid.num_embeddings - 1}")


def run(explained: ExplainedModel, requests: list[DecodeRequest]) -> list[Floats]:
    levels = ([codes_of(request, level, grid) for request in requests] for level, grid in explained.grids.items())
    return decode(explained.backend, *levels)


def codes_of(request: DecodeRequest, level: str, grid: Grid) -> Indices:
    """The codes (H, W) of a level of a request."""
    rows = request.levels[level]
    return np.full(grid.shape, NO_CODE) if rows is None else np.array(rows, dtype=np.int64)


def to_response(_: DecodeRequest, model: str, picture: Floats) -> dict[str, Any]:
    return {"model": model, "reconstruction": picture}


def to_fields(_: DecodeMessage, picture: Floats) -> dict[str, Any]:
    return {"reconstruction": pack(picture)}


DECODE = Operation(
    name="decode",
    endpoint="decode_grid",
    description="Decode a grid of codes, such as those of a drawing with some of them changed. A model with two levels "
    "has two grids, each of which can be left out.",
    request=DecodeRequest,
    response=DecodeResponse,
    message=DecodeMessage,
    run=run,
    to_response=to_response,
    to_fields=to_fields,
    check=check,
)
