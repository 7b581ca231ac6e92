"""Schemas of the REST interface that belong to no single operation."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ..explain.listing import Listing
from ..explain.packing import Packed
from ..model.card import Metrics, Summary
from ..model.config import Config

BoxField = Annotated[
    list[list[tuple[int, int, int, int]]], Field(description="(H, W) boxes: top, left, bottom, right.")
]


class Health(BaseModel):
    """The server runs and its model has answered."""

    status: Literal["ok"] = Field(description="Always ok.")


class Problem(BaseModel):
    """Why a request failed."""

    code: str = Field(description="Stable identifier of the problem, such as unknown_model.")
    detail: str = Field(description="What was expected, in a sentence.")


class InvalidField(BaseModel):
    """A field of a request that is not valid."""

    type: str = Field(description="Pydantic's identifier of the problem.")
    loc: list[str | int] = Field(description="Path of the field in the request.")
    msg: str = Field(description="What was expected.")


class InvalidRequest(BaseModel):
    """Why a request does not match its schema or its model."""

    code: Literal["invalid"] = Field(description="Always invalid.")
    detail: list[InvalidField] = Field(description="The fields that are not valid.")


class ModelSummary(BaseModel):
    """A model that can be chosen."""

    name: str = Field(description="Its name in requests.")
    title: str = Field(description="Its name for people.")
    description: str = Field(description="What it shows, in a sentence or two.")
    reference: str = Field(description="The publication that describes such a model.")
    claim: str = Field(description="The result that the publication reports; empty if it reports none.")
    grid: tuple[int, int] = Field(description="Rows and columns of its grid of codes.")
    num_embeddings: int = Field(description="K, the number of codes.")
    embedding_dim: int = Field(description="D, the dimensions of each code.")
    playback: bool = Field(description="Whether its training was recorded.")
    prior: bool = Field(description="Whether it has a prior: whether codes can be sampled and scored.")
    metrics: Summary = Field(description="Metrics on the 10,000 test digits.")


class ModelList(BaseModel):
    """All models, and the default."""

    default: str = Field(description="Name of the model that is used when a request names none.")
    models: list[ModelSummary] = Field(description="All models, the default first.")


class Fields(BaseModel):
    """Receptive fields of the cells of the grid."""

    share: float = Field(description="The share of a cell's influence that lies in its box.")
    reads: BoxField
    writes: BoxField


class Projection(BaseModel):
    """The plane of a codebook's largest variance: its mean and first two principal axes."""

    mean: list[float] = Field(description="(D,): mean of the codes.")
    axes: list[list[float]] = Field(description="(2, D): unit vectors; a code e lies at axes · (e − mean).")
    shares: list[float] = Field(description="(2,): the share of the codes' variance along each axis.")


class ModelDetail(ModelSummary):
    """Everything about a model that does not depend on a drawing."""

    metrics: Metrics = Field(description="Metrics on the 10,000 test digits, including those of each code.")
    config: Config = Field(description="The configuration of the network and its training.")
    stages: dict[str, list[int]] = Field(description="Shape of each stage.")
    convolutional: bool = Field(description="Whether each cell sees its own part of the picture.")
    embeddings: list[list[float]] = Field(description="(K, D), the codebook.")
    code_order: list[int] = Field(description="Codes along the codebook's first principal component.")
    projection: Projection = Field(description="For a picture of the codebook in two dimensions.")
    fields: Fields = Field(description="Which pixels each cell depends on and influences.")
    code_pictures: Packed = Field(
        description="(K, h, w): the decoder's picture of 3×3 cells of each code on a blank page."
    )
    listings: list[Listing] = Field(description="The source of the running model, linked to what it computes.")
