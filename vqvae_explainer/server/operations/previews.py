"""Decode a grid with each code of the codebook in one of its cells."""

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ...explain.backend import Floats
from ...explain.models import ExplainedModel
from ...explain.packing import pack
from ...explain.trace import decode
from ...model.config import IMAGE_SIZE
from .base import MismatchError, ModelResponse, Operation, StreamMessage, Tensor3D
from .decode import DecodeRequest
from .decode import check as check_grid

MARGIN = 1  # cells around the cell whose patches are in the pictures
DECODING_BATCH = 64
Position = Annotated[int, Field(ge=0, lt=IMAGE_SIZE)]


class PreviewsRequest(DecodeRequest):
    """A grid of codes, and the cell that gets each code in turn."""

    cell: tuple[Position, Position] = Field(description="Row and column of the cell.")


class PreviewsMessage(StreamMessage, PreviewsRequest):
    """A grid of codes and a cell, sent over the stream."""

    type: Literal["previews"]


class PreviewsResponse(ModelResponse):
    """What the decoder draws around a cell for each code in it."""

    pictures: Tensor3D = Field(
        description="(K, h, w), in [0, 1]: for each code the patches of the cell and of those around it."
    )


def check(request: PreviewsRequest, explained: ExplainedModel) -> None:
    """Compare grid and cell with the model's.

    Raises:
        MismatchError: the grid has another size, a code is not in the codebook, or the cell is not in the grid.
    """
    check_grid(request, explained)
    height, width = explained.grid.shape
    row, column = request.cell
    if row >= height or column >= width:
        raise MismatchError("cell", f"cells of this model are from (0, 0) to ({height - 1}, {width - 1})")


def run(explained: ExplainedModel, requests: list[PreviewsRequest]) -> list[Floats]:
    return [previews(explained, request) for request in requests]


def previews(explained: ExplainedModel, request: PreviewsRequest) -> Floats:
    """(K, h, w) pictures in [0, 1]."""
    grid, (row, column) = explained.grid, request.cell
    variants = np.repeat(np.array(request.indices, dtype=np.int64)[None], grid.num_embeddings, axis=0)
    variants[:, row, column] = np.arange(grid.num_embeddings)
    height, width = grid.patch
    rows = slice(max(row - MARGIN, 0) * height, (row + MARGIN + 1) * height)
    columns = slice(max(column - MARGIN, 0) * width, (column + MARGIN + 1) * width)
    parts = [
        np.stack(decode(explained.backend, list(variants[start : start + DECODING_BATCH])))[:, rows, columns]
        for start in range(0, len(variants), DECODING_BATCH)
    ]
    return np.concatenate(parts)


def to_response(_: PreviewsRequest, model: str, pictures: Floats) -> dict[str, Any]:
    return {"model": model, "pictures": pictures}


def to_fields(_: PreviewsMessage, pictures: Floats) -> dict[str, Any]:
    return {"pictures": pack(np.ascontiguousarray(pictures))}


PREVIEWS = Operation(
    name="previews",
    endpoint="preview_codes",
    description="Decode a grid with each code of the codebook in one of its cells, and return the pictures around it.",
    request=PreviewsRequest,
    response=PreviewsResponse,
    message=PreviewsMessage,
    run=run,
    to_response=to_response,
    to_fields=to_fields,
    check=check,
    is_long=True,  # decodes as many grids as there are codes
    max_batch=1,
)
