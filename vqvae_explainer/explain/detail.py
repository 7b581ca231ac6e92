"""What the page shows of a model without a drawing."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..model.card import Metrics, Summary, is_empty
from ..model.config import Config
from .packing import Packed

WhatIf = Literal["bypass", "wrong-reshape", "no-straight-through"]  # of a trace, or of a backward pass
BoxField = Annotated[
    list[list[tuple[int, int, int, int]]], Field(description="(H, W) boxes: top, left, bottom, right.")
]
CodeOrder = Annotated[list[int], Field(description="Codes along the codebook's first principal component.")]


class Line(BaseModel):
    """A line of source."""

    number: int = Field(description="Line number in the file, from 1.")
    tokens: list[tuple[str, str]] = Field(description="Pygments' short token class (empty for plain text) and text.")
    stages: list[str] = Field(description="Stage ids and loss names that the statement on this line assigns.")
    shape: list[int] | None = Field(
        description="Shape of the tensor that the statement ending here assigns, without the batch; [] is a scalar."
    )
    file: str | None = Field(
        None,
        exclude_if=lambda value: value is None,
        description="Path of the source, from the package's folder, if it is not that of the listing.",
    )
    skipped_in: list[WhatIf] = Field(
        [],
        description="What-ifs in which the statement does not run. The statement that does not run in "
        '"no-straight-through" is the straight-through line.',
    )


class Substitute(BaseModel):
    """Statements of the explainer that run in a what-if, in place of a skipped statement or after one."""

    what_if: WhatIf = Field(description="The what-if.")
    after: int = Field(description="Number of the line of the listing below which they belong.")
    file: str = Field(description="Path of their source, from the package's folder.")
    lines: list[Line] = Field(description="The statements.")


class Listing(BaseModel):
    """A function of the running model, and the functions it calls."""

    id: str = Field(
        description='"quantizer", "encoder", "decoder" or "loss"; "encoder.top" is that of the coarse level of two.'
    )
    title: str = Field(description="Name shown on the page.")
    file: str = Field(description="Path of the source, from the package's folder.")
    lines: list[Line] = Field(description="The source without docstrings.")
    substitutes: list[Substitute] = Field(description="What runs instead of some lines in a what-if.")


class LevelSummary(BaseModel):
    """A level of a model other than its main one."""

    grid: tuple[int, int] = Field(description="Rows and columns of its grid of codes.")
    codes_used: int = Field(description="As in the metrics of the main level.")
    perplexity: float = Field(description="As in the metrics of the main level.")


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
    other_levels: dict[str, LevelSummary] = Field(
        {}, exclude_if=is_empty, description="Levels other than the main one, by their id."
    )


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


class PriorSummary(BaseModel):
    """What tells how unusual a drawing is to a prior: the excess bits of its codes, bits minus unigram bits."""

    auroc_excess: float = Field(description="How well they separate other drawings from digits: 0.5 is chance.")
    excess_percentiles: list[float] = Field(description="Their percentiles 0 to 100 among the test digits.")


ProjectionField = Annotated[Projection, Field(description="For a picture of the codebook in two dimensions.")]
FieldsField = Annotated[Fields, Field(description="Which pixels each cell depends on and influences.")]
CodePictures = Annotated[
    Packed,
    Field(
        description="(K, h, w): the decoder's picture of 3×3 cells of each code on a blank page, without other levels."
    ),
]


class LevelDetail(BaseModel):
    """What `Detail` says of the main level, of another one."""

    code_order: CodeOrder
    projection: ProjectionField
    fields: FieldsField
    code_pictures: CodePictures
    listings: list[Listing] = Field(description="The quantizer, linked to what it computes in this level.")


class Detail(ModelSummary):
    """Everything about a model that does not depend on a drawing, but for its codebook."""

    metrics: Metrics = Field(description="Metrics on the 10,000 test digits, including those of each code.")
    config: Config = Field(description="The configuration of the network and its training.")
    stages: dict[str, list[int]] = Field(
        description='Shape of each stage; "features.top" and others are stages of the coarse level of two.'
    )
    convolutional: bool = Field(description="Whether each cell sees its own part of the picture.")
    code_order: CodeOrder
    projection: ProjectionField
    fields: FieldsField
    code_pictures: CodePictures
    listings: list[Listing] = Field(description="The source of the running model, linked to what it computes.")
    prior_metrics: PriorSummary | None = Field(None, description="Metrics of its prior, if there is one.")
    levels: dict[str, LevelDetail] = Field(
        {}, exclude_if=is_empty, description='The other levels by their id: "top" is the coarse one of two.'
    )


class Check(BaseModel):
    """What the model computes for one drawing."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    pixels: str = Field(description="Base64 of 784 bytes: the drawing.")
    indices: list[list[int]] = Field(description="(H, W): its codes.")
    commitment: float = Field(description="Its commitment loss: how far its features are from their codes.")
    reconstruction: Packed = Field(description="(28, 28): its reconstruction.")
    indices_top: list[list[int]] | None = Field(
        None,
        alias="indices.top",
        exclude_if=lambda value: value is None,
        description="Its codes in the coarse level of a model with two.",
    )


class CodeUsage(BaseModel):
    """Where the test digits have each code."""

    by_cell: str = Field(
        description="Base64 of (K, H, W) 16-bit integers, little-endian: the number of test digits that have code k in "
        "cell (i, j). Empty if the model was measured by an older version."
    )
    levels: dict[str, str] = Field({}, exclude_if=is_empty, description="The same of the other levels, by their id.")

    @classmethod
    def of(cls, metrics: Metrics) -> "CodeUsage":
        levels = {id: level.code_usage_by_cell for id, level in metrics.levels.items()}
        return cls(by_cell=metrics.code_usage_by_cell, levels=levels)
