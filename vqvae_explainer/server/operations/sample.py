"""Sample codes from a model's prior."""

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ...explain.backend import Indices
from ...explain.models import ExplainedModel
from ...explain.sampling import Sample, Settings, sample
from ...model.config import IMAGE_SIZE
from ...model.grid import MAIN, Grid
from .base import ModelRequest, ModelResponse, Operation, StreamMessage, Tensor2D
from .decode import Code
from .level_codes import Rows, check_levels, join_levels, pack_all, split_levels
from .score import prior_of


class SampleRequest(ModelRequest):
    """What to sample."""

    digit: int | None = Field(
        None,
        ge=0,
        le=9,
        description="The class. Without it a class is drawn: each with its probability given the codes before the "
        "first free cell, so all equally if there are none.",
    )
    temperature: float = Field(
        1, ge=0.1, le=5, allow_inf_nan=False, description="Logits are divided by it: below 1, samples are more typical."
    )
    top_k: int | None = Field(None, ge=1, le=4096, description="Each code is one of so many, the most probable ones.")
    seed: int = Field(0, ge=0, lt=2**32, description="The same seed gives the same sample.")
    given: list[list[Code | None]] | None = Field(
        None,
        min_length=1,
        max_length=IMAGE_SIZE,
        description="(H, W): codes to keep; null marks the cells that are sampled. Cells are sampled in scan order, "
        "row by row: a kept code influences only the cells after it, not those before.",
    )
    given_top: list[list[Code | None]] | None = Field(
        None,
        alias="given.top",
        min_length=1,
        max_length=IMAGE_SIZE,
        description="The same of the coarse grid of a hierarchical model, which is sampled first.",
    )

    @property
    def given_levels(self) -> dict[str, Rows | None]:
        return {"top": self.given_top, MAIN: self.given}


class SampleMessage(StreamMessage, SampleRequest):
    """What to sample, sent over the stream."""

    type: Literal["sample"]


class SampleResponse(ModelResponse):
    """Sampled codes. A hierarchical model has also `codes.top`, `probabilities.top` and `bits.top`."""

    digit: int = Field(description="The class that they were sampled for.")
    codes: list[list[int]] = Field(description="(H, W): the codes, kept ones included.")
    probabilities: Tensor2D = Field(
        description="(H·W, K): what the code of cell i·W + j is sampled from, after temperature and top_k."
    )
    bits: Tensor2D = Field(description="(H, W): −log2 p(code | codes before it, class), at temperature 1.")


def check(request: SampleRequest, explained: ExplainedModel) -> None:
    """Compare the given codes with the model's grids.

    Raises:
        MismatchError: a grid has another size, or a code is not in the codebook.
        NoPriorError: the model has no prior.
    """
    grids = prior_of(explained).config.grids
    given = {level: rows for level, rows in request.given_levels.items() if rows is not None}
    check_levels("given", given, grids)


class SampledLevels(NamedTuple):
    """A sample, by the names of its fields."""

    digit: int
    codes: dict[str, Indices]
    tensors: dict[str, NDArray[np.float64]]


def run(explained: ExplainedModel, requests: list[SampleRequest]) -> list[SampledLevels]:
    prior = prior_of(explained)
    grids = prior.config.grids
    return [split(found, grids) for found in sample(prior, [to_settings(request, grids) for request in requests])]


def to_settings(request: SampleRequest, grids: dict[str, Grid]) -> Settings:
    given = join_levels(request.given_levels, grids)
    return Settings(request.digit, request.temperature, request.top_k, request.seed, given)


def split(found: Sample, grids: dict[str, Grid]) -> SampledLevels:
    probabilities = split_levels("probabilities", found.probabilities, grids)
    bits = split_levels("bits", found.bits, grids)
    return SampledLevels(found.digit, split_levels("codes", found.codes, grids), probabilities | bits)


def to_response(_: SampleRequest, model: str, found: SampledLevels) -> dict[str, Any]:
    return {"model": model, "digit": found.digit} | found.codes | found.tensors


def to_fields(_: SampleMessage, found: SampledLevels) -> dict[str, Any]:
    codes = {name: codes.tolist() for name, codes in found.codes.items()}
    return {"digit": found.digit} | codes | pack_all(found.tensors)


SAMPLE = Operation(
    name="sample",
    endpoint="sample_codes",
    description="Sample codes from the model's prior, code by code.",
    request=SampleRequest,
    response=SampleResponse,
    message=SampleMessage,
    run=run,
    to_response=to_response,
    to_fields=to_fields,
    check=check,
    is_long=True,  # takes as long as several traces
)
