"""Sample a grid of codes from a model's prior."""

from typing import Any, Literal

import numpy as np
from pydantic import Field

from ...explain.models import ExplainedModel
from ...explain.packing import pack
from ...explain.sampling import FREE, Sample, Settings, sample
from ...model.config import IMAGE_SIZE
from .base import ModelRequest, ModelResponse, Operation, StreamMessage, Tensor2D
from .decode import Code, check_grid
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


class SampleMessage(StreamMessage, SampleRequest):
    """What to sample, sent over the stream."""

    type: Literal["sample"]


class SampleResponse(ModelResponse):
    """A sampled grid of codes."""

    digit: int = Field(description="The class that it was sampled for.")
    codes: list[list[int]] = Field(description="(H, W): the codes, kept ones included.")
    probabilities: Tensor2D = Field(
        description="(H·W, K): what the code of cell i·W + j is sampled from, after temperature and top_k."
    )
    bits: Tensor2D = Field(description="(H, W): −log2 p(code | codes before it, class), at temperature 1.")


def check(request: SampleRequest, explained: ExplainedModel) -> None:
    """Compare the given codes with the model's grid.

    Raises:
        MismatchError: the grid has another size, or a code is not in the codebook.
        NoPriorError: the model has no prior.
    """
    prior_of(explained)
    if request.given is not None:
        check_grid("given", request.given, explained.grid)


def run(explained: ExplainedModel, requests: list[SampleRequest]) -> list[Sample]:
    prior = prior_of(explained)
    return sample(prior, [to_settings(request, prior.config.grid.cells) for request in requests])


def to_settings(request: SampleRequest, cells: int) -> Settings:
    rows = request.given or [[None] * cells]
    given = np.array([FREE if code is None else code for row in rows for code in row])
    return Settings(request.digit, request.temperature, request.top_k, request.seed, given)


def to_response(_: SampleRequest, model: str, found: Sample) -> dict[str, Any]:
    return {"model": model, **found._asdict()}


def to_fields(_: SampleMessage, found: Sample) -> dict[str, Any]:
    return {
        "digit": found.digit,
        "codes": found.codes.tolist(),
        "probabilities": pack(found.probabilities.astype(np.float32)),
        "bits": pack(found.bits.astype(np.float32)),
    }


SAMPLE = Operation(
    name="sample",
    endpoint="sample_codes",
    description="Sample a grid of codes from the model's prior, code by code.",
    request=SampleRequest,
    response=SampleResponse,
    message=SampleMessage,
    run=run,
    to_response=to_response,
    to_fields=to_fields,
    check=check,
    is_long=True,  # takes as long as several traces
)
