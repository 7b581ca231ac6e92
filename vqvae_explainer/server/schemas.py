"""Requests and answers, as the OpenAPI document describes them."""

from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from ..explain.listing import Listing
from ..explain.packing import Packed
from ..explain.trace import PIXELS, Variant
from ..model.card import Metrics, Summary
from ..model.config import IMAGE_SIZE, Config

PIXELS_BASE64 = 4 * -(-PIXELS // 3)  # characters, padding included


def decode_pixels(value: object) -> bytes:
    """Base64 of 784 bytes → the bytes.

    Raises:
        ValueError: the value is anything else.
    """
    if not isinstance(value, str):
        raise ValueError(f"pixels must be base64 text of {PIXELS} bytes")
    try:
        pixels = a2b_base64(value, strict_mode=True)
    except (Base64Error, ValueError) as error:
        raise ValueError(f"pixels must be base64 of {PIXELS} bytes, and this is not base64") from error
    if len(pixels) != PIXELS:
        raise ValueError(f"pixels must be base64 of {PIXELS} bytes, and this holds {len(pixels)}")
    return pixels


Pixels = Annotated[
    bytes,
    BeforeValidator(decode_pixels),
    WithJsonSchema(
        {
            "type": "string",
            "contentEncoding": "base64",
            "minLength": PIXELS_BASE64,
            "maxLength": PIXELS_BASE64,
            # The last 784th byte leaves 4 characters: two that carry it and two of padding.
            "pattern": rf"^[A-Za-z0-9+/]{{{PIXELS_BASE64 - 3}}}[AQgw]==$",
            "description": "Base64 of 784 bytes: the drawing row by row, 0 background, 255 ink.",
        }
    ),
]
Values = TypeVar("Values")

ModelName = Annotated[str | None, Field(max_length=64, description="Which model; the default one if left out.")]
Tensor2D = list[list[float]]
Tensor3D = list[list[list[float]]]
BoxField = Annotated[
    list[list[tuple[int, int, int, int]]], Field(description="(H, W) boxes: top, left, bottom, right.")
]


class Health(BaseModel):
    """The server is up and its model has answered."""

    status: Literal["ok"] = Field(description="Always ok: a server that is not does not answer.")


class Problem(BaseModel):
    """Why a request was refused."""

    detail: str = Field(description="What was expected, in a sentence.")


class ModelSummary(BaseModel):
    """A model that can be chosen."""

    name: str = Field(description="What requests call it.")
    title: str = Field(description="What people call it.")
    description: str = Field(description="What it shows, in a sentence or two.")
    reference: str = Field(description="The text that describes such a model.")
    claim: str = Field(description="What that text says came out; empty if it says nothing.")
    grid: tuple[int, int] = Field(description="Rows and columns of its grid of codes.")
    num_embeddings: int = Field(description="K, the number of codes.")
    embedding_dim: int = Field(description="D, numbers in each code.")
    playback: bool = Field(description="Whether its training can be played back.")
    metrics: Summary = Field(description="What was measured on the 10,000 test digits.")


class ModelList(BaseModel):
    """All models, and the one that is used when none is named."""

    default: str = Field(description="Name of the model that is used when none is named.")
    models: list[ModelSummary] = Field(description="All models, the default first.")


class Fields(BaseModel):
    """Which pixels matter to a cell of the grid."""

    share: float = Field(description="The share of a cell's influence that lies in its box.")
    reads: BoxField
    writes: BoxField


class Projection(BaseModel):
    """The plane in which a codebook is widest: its mean and its first two principal axes."""

    mean: list[float] = Field(description="(D,): mean of the codes.")
    axes: list[list[float]] = Field(description="(2, D): unit vectors; a code e lies at axes · (e − mean).")
    shares: list[float] = Field(description="(2,): the share of the codes' variance that each axis shows.")


class ModelDetail(ModelSummary):
    """Everything about a model that does not depend on a drawing."""

    metrics: Metrics = Field(description="What was measured on the 10,000 test digits, code by code as well.")
    config: Config = Field(description="Everything that decides what the model computes, and how it was trained.")
    stages: dict[str, list[int]] = Field(description="Shape of each stage.")
    convolutional: bool = Field(description="Whether each cell sees its own part of the picture.")
    embeddings: Tensor2D = Field(description="(K, D), the codebook.")
    code_order: list[int] = Field(description="Codes along the codebook's first principal component.")
    projection: Projection = Field(description="For a picture of the codebook in two dimensions.")
    fields: Fields = Field(description="Which pixels matter to each cell.")
    code_pictures: Packed = Field(
        description="(K, h, w): what the decoder makes of 3×3 cells of each code on a blank page."
    )
    listings: list[Listing] = Field(description="The source of the running model, linked to what it computes.")


class DrawingRequest(BaseModel):
    """A drawing, and the model that shall have it."""

    model_config = ConfigDict(extra="forbid")

    model: ModelName = None
    pixels: Pixels


class TraceRequest(DrawingRequest):
    """A drawing to trace."""

    variant: Variant = Field(
        "normal",
        description='"bypass" decodes the features themselves; "wrong-reshape" leaves out moving channels last.',
    )


class DecodeRequest(BaseModel):
    """A grid of codes to decode."""

    model_config = ConfigDict(extra="forbid")

    model: ModelName = None
    indices: list[list[Annotated[int, Field(ge=0, lt=4096)]]] = Field(
        min_length=1, max_length=IMAGE_SIZE, description="(H, W): a code for each cell of the model's grid."
    )


class BackwardRequest(DrawingRequest):
    """A drawing to run backwards."""

    straight_through: bool = Field(True, description="False leaves the straight-through step out.")


class Losses(BaseModel):
    """Terms of the loss for this drawing."""

    reconstruction: float = Field(description="Mean squared error of a pixel, ink in [0, 1].")
    codebook: float = Field(description="Mean of (sg[z_e] − e)².")
    commitment: float = Field(description="Mean of (z_e − sg[e])², not weighted by β.")


class TraceResponse(BaseModel):
    """What every stage computed for a drawing."""

    model: str = Field(description="Name of the model that was used.")
    variant: Variant = Field(description="How the drawing went through the model.")
    features: Tensor3D = Field(description="(H, W, D): the encoder's output.")
    distances: Tensor2D = Field(description="(H·W, K): squared distance of row i·W + j to each embedding.")
    indices: list[list[int]] = Field(description="(H, W): the nearest embedding of each cell.")
    quantized: Tensor3D = Field(description="(H, W, D): the embeddings at those indices.")
    reconstruction: Tensor2D = Field(description="(28, 28), in [0, 1]: the decoder's output.")
    losses: Losses = Field(description="What training would minimize, term by term.")


class DecodeResponse(BaseModel):
    """What the decoder makes of a grid of codes."""

    model: str = Field(description="Name of the model that was used.")
    reconstruction: Tensor2D = Field(description="(28, 28), in [0, 1].")


class LossGradients(BaseModel, Generic[Values]):
    """Derivatives of each loss term by one tensor; the commitment loss is not weighted by β."""

    reconstruction: Values = Field(description="Of the mean squared error of pixels.")
    codebook: Values = Field(description="Of the mean of (sg[z_e] − e)².")
    commitment: Values = Field(description="Of the mean of (z_e − sg[e])².")


class BackwardResponse(BaseModel):
    """Derivatives of the losses of a drawing."""

    model: str = Field(description="Name of the model that was used.")
    straight_through: bool = Field(description="Whether the straight-through step was in place.")
    quantized: Tensor3D = Field(description="(H, W, D): of the reconstruction loss, by the decoder's input.")
    features: LossGradients[Tensor3D] = Field(description="(H, W, D): by the encoder's output.")
    embeddings: LossGradients[Tensor2D] = Field(description="(K, D): by the codebook.")


StreamStage = Literal["features", "distances", "quantized", "reconstruction"]
ALL_STREAM_STAGES: tuple[StreamStage, ...] = ("features", "distances", "quantized", "reconstruction")


class StreamMessage(BaseModel):
    """What all messages of the stream have in common."""

    seq: int = Field(strict=True, ge=0, lt=2**53, description="Returned with the answer.")


class TraceMessage(StreamMessage, TraceRequest):
    """A drawing sent over the stream."""

    type: Literal["trace"]
    stages: tuple[StreamStage, ...] = Field(
        ALL_STREAM_STAGES, max_length=len(ALL_STREAM_STAGES), description="Tensors that the answer shall carry."
    )


class DecodeMessage(StreamMessage, DecodeRequest):
    """A grid of codes sent over the stream."""

    type: Literal["decode"]


class BackwardMessage(StreamMessage, BackwardRequest):
    """A drawing to run backwards, sent over the stream."""

    type: Literal["backward"]
