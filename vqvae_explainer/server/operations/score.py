"""How surprising a grid of codes is to the model's prior."""

from typing import Any, Literal

import numpy as np
from pydantic import Field

from ...explain.models import ExplainedModel
from ...explain.packing import pack
from ...explain.prior import NumpyPrior
from ...explain.scoring import Score, score
from ...model.config import IMAGE_SIZE
from .base import ModelRequest, ModelResponse, NoPriorError, Operation, StreamMessage, Tensor2D
from .decode import Code, check_grid


class ScoreRequest(ModelRequest):
    """A grid of codes to score."""

    codes: list[list[Code]] = Field(
        min_length=1, max_length=IMAGE_SIZE, description="(H, W): a code for each cell of the model's grid."
    )


class ScoreMessage(StreamMessage, ScoreRequest):
    """A grid of codes to score, sent over the stream."""

    type: Literal["score"]


class ScoreResponse(ModelResponse):
    """Bits of a grid of codes. The class is not given: p is the mean over the ten classes."""

    bits: Tensor2D = Field(description="(H, W): −log2 p(code | codes before it); their sum is −log2 p(codes).")
    class_bits: list[float] = Field(description="(10,): −log2 p(codes | class) for each class.")
    total: float = Field(description="−log2 p(codes).")
    unigram_bits: float = Field(
        description="Bits of the codes if each had its mean frequency in the training digits. `total` minus these "
        "is the score for out-of-distribution detection."
    )


def prior_of(explained: ExplainedModel) -> NumpyPrior:
    """The model's prior.

    Raises:
        NoPriorError: there is none.
    """
    if explained.prior is None:
        raise NoPriorError(explained.card.config.name)
    return explained.prior.network


def check(request: ScoreRequest, explained: ExplainedModel) -> None:
    """Compare a grid with the model's.

    Raises:
        MismatchError: the grid has another size, or a code is not in the codebook.
        NoPriorError: the model has no prior.
    """
    prior_of(explained)
    check_grid("codes", request.codes, explained.grid)


def run(explained: ExplainedModel, requests: list[ScoreRequest]) -> list[Score]:
    return score(prior_of(explained), [np.array(request.codes) for request in requests])


def to_response(_: ScoreRequest, model: str, found: Score) -> dict[str, Any]:
    return {"model": model, **found._asdict(), "total": found.bits.sum()}


def to_fields(_: ScoreMessage, found: Score) -> dict[str, Any]:
    return {
        "bits": pack(found.bits.astype(np.float32)),
        "class_bits": found.class_bits.tolist(),
        "total": float(found.bits.sum()),
        "unigram_bits": found.unigram_bits,
    }


SCORE = Operation(
    name="score",
    endpoint="score_codes",
    description="Compute the bits of a grid of codes by the model's prior, cell by cell and class by class.",
    request=ScoreRequest,
    response=ScoreResponse,
    message=ScoreMessage,
    run=run,
    to_response=to_response,
    to_fields=to_fields,
    check=check,
    is_long=True,  # takes as long as several traces
)
