"""Decode a grid of codes into a picture."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ...explain.backend import Floats
from ...explain.models import ExplainedModel
from ...explain.packing import pack
from ...explain.trace import decode
from ...model.config import IMAGE_SIZE
from ...model.grid import Grid
from .base import MismatchError, ModelRequest, ModelResponse, Operation, StreamMessage, Tensor2D

Code = Annotated[int, Field(ge=0, lt=4096)]


class DecodeRequest(ModelRequest):
    """A grid of codes to decode."""

    indices: list[list[Code]] = Field(
        min_length=1, max_length=IMAGE_SIZE, description="(H, W): a code for each cell of the model's grid."
    )


class DecodeMessage(StreamMessage, DecodeRequest):
    """A grid of codes to decode, sent over the stream."""

    type: Literal["decode"]


class DecodeResponse(ModelResponse):
    """The decoder's picture of a grid of codes."""

    reconstruction: Tensor2D = Field(description="(28, 28), in [0, 1].")


def check(request: DecodeRequest, explained: ExplainedModel) -> None:
    """Compare a grid with the model's.

    Raises:
        MismatchError: the grid has another size, or a code is not in the codebook.
    """
    check_grid("indices", request.indices, explained.grid)


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
    return decode(explained.backend, [np.array(request.indices, dtype=np.int64) for request in requests])


def to_response(_: DecodeRequest, model: str, picture: Floats) -> dict[str, Any]:
    return {"model": model, "reconstruction": picture}


def to_fields(_: DecodeMessage, picture: Floats) -> dict[str, Any]:
    return {"reconstruction": pack(picture)}


DECODE = Operation(
    name="decode",
    endpoint="decode_grid",
    description="Decode a grid of codes, such as those of a drawing with some of them changed.",
    request=DecodeRequest,
    response=DecodeResponse,
    message=DecodeMessage,
    run=run,
    to_response=to_response,
    to_fields=to_fields,
    check=check,
)
