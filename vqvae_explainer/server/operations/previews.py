"""Decode a grid with each code of the codebook in one of its cells."""

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ...explain.backend import Floats
from ...explain.models import ExplainedModel
from ...explain.packing import pack
from ...explain.trace import decode
from ...model.config import IMAGE_SIZE
from ...model.grid import at_level
from .base import MismatchError, ModelResponse, Operation, StreamMessage, Tensor3D
from .decode import DecodeRequest, codes_of
from .decode import check as check_grid

MARGIN = 1  # cells around the cell whose patches are in the pictures
DECODING_BATCH = 64
Position = Annotated[int, Field(ge=0, lt=IMAGE_SIZE)]


class PreviewsRequest(DecodeRequest):
    """A grid of codes, and the cell that gets each code in turn."""

    cell: tuple[Position, Position] = Field(description="Row and column of the cell.")
    level: Literal["", "top"] = Field(
        "", description='The level of the cell: "top" is the coarse one of a model with two.'
    )


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
        MismatchError: a grid has another size or is left out, a code is not in the codebook, there is no such level, or
            the cell is not in its grid.
    """
    check_grid(request, explained)
    if request.level not in explained.grids:
        raise MismatchError("level", "this model has one level")
    if request.levels[request.level] is None:
        field = at_level("indices", request.level)
        raise MismatchError(field, f"{field} must be given: the cell is in that level")
    height, width = explained.grids[request.level].shape
    row, column = request.cell
    if row >= height or column >= width:
        raise MismatchError("cell", f"cells of this model are from (0, 0) to ({height - 1}, {width - 1})")


def run(explained: ExplainedModel, requests: list[PreviewsRequest]) -> list[Floats]:
    return [previews(explained, request) for request in requests]


def previews(explained: ExplainedModel, request: PreviewsRequest) -> Floats:
    """(K, h, w) pictures in [0, 1]."""
    grid, (row, column) = explained.grids[request.level], request.cell
    levels = {
        level: np.repeat(codes_of(request, level, of)[None], grid.num_embeddings, axis=0)
        for level, of in explained.grids.items()
    }
    levels[request.level][:, row, column] = np.arange(grid.num_embeddings)
    height, width = grid.patch
    rows = slice(max(row - MARGIN, 0) * height, (row + MARGIN + 1) * height)
    columns = slice(max(column - MARGIN, 0) * width, (column + MARGIN + 1) * width)
    parts = []
    for start in range(0, grid.num_embeddings, DECODING_BATCH):
        batch = (list(variants[start : start + DECODING_BATCH]) for variants in levels.values())
        parts.append(np.stack(decode(explained.backend, *batch))[:, rows, columns])
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
