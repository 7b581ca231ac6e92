"""How surprising a grid of codes is to the model's prior."""

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ...explain.models import ExplainedModel
from ...explain.prior import NumpyPrior
from ...explain.scoring import Score, score
from ...model.config import IMAGE_SIZE
from ...model.grid import MAIN
from .base import ModelRequest, ModelResponse, NoPriorError, Operation, StreamMessage, Tensor2D
from .decode import Code
from .level_codes import Rows, check_levels, join_levels, pack_all, split_levels


class ScoreRequest(ModelRequest):
    """A grid of codes to score."""

    codes: list[list[Code]] = Field(
        min_length=1, max_length=IMAGE_SIZE, description="(H, W): a code for each cell of the model's grid."
    )
    codes_top: list[list[Code]] | None = Field(
        None,
        alias="codes.top",
        min_length=1,
        max_length=IMAGE_SIZE,
        description="The same of the coarse grid of a hierarchical model.",
    )

    @property
    def levels(self) -> dict[str, Rows | None]:
        return {"top": self.codes_top, MAIN: self.codes}


class ScoreMessage(StreamMessage, ScoreRequest):
    """A grid of codes to score, sent over the stream."""

    type: Literal["score"]


class ScoreResponse(ModelResponse):
    """Bits of codes. The class is not given: p is the mean over the ten classes.

    A hierarchical model has also `bits.top`.
    """

    bits: Tensor2D = Field(description="(H, W): −log2 p(code | codes before it); the sum of all is −log2 p(codes).")
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
    """Compare the codes with the model's grids.

    Raises:
        MismatchError: a grid is missing or has another size, or a code is not in the codebook.
        NoPriorError: the model has no prior.
    """
    check_levels("codes", request.levels, prior_of(explained).config.grids)


class ScoredLevels(NamedTuple):
    """A score, and its bits by the names of their fields."""

    score: Score
    bits: dict[str, NDArray[np.float64]]


def run(explained: ExplainedModel, requests: list[ScoreRequest]) -> list[ScoredLevels]:
    prior = prior_of(explained)
    grids = prior.config.grids
    scores = score(prior, [join_levels(request.levels, grids) for request in requests])
    return [ScoredLevels(found, split_levels("bits", found.bits, grids)) for found in scores]


def to_numbers(found: Score) -> dict[str, Any]:
    return {
        "class_bits": found.class_bits.tolist(),
        "total": float(found.bits.sum()),
        "unigram_bits": found.unigram_bits,
    }


def to_response(_: ScoreRequest, model: str, found: ScoredLevels) -> dict[str, Any]:
    return {"model": model} | found.bits | to_numbers(found.score)


def to_fields(_: ScoreMessage, found: ScoredLevels) -> dict[str, Any]:
    return pack_all(found.bits) | to_numbers(found.score)


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
