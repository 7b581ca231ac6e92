"""Trace a drawing: what every stage of the model computes."""

from operator import attrgetter
from typing import Any, Literal

from pydantic import BaseModel, Field

from ...explain.models import ExplainedModel
from ...explain.packing import pack
from ...explain.trace import LevelTrace, Trace, trace
from ...explain.variants import Variant
from .base import DrawingRequest, ModelResponse, Operation, StreamMessage, Tensor2D, Tensor3D

StreamStage = Literal["features", "distances", "quantized", "reconstruction"]
STREAM_STAGES: tuple[StreamStage, ...] = ("features", "distances", "quantized", "reconstruction")


class TraceRequest(DrawingRequest):
    """A drawing to trace."""

    variant: Variant = Field(
        "normal",
        description='"bypass" decodes the features themselves; "wrong-reshape" omits moving channels last.',
    )


class TraceMessage(StreamMessage, TraceRequest):
    """A drawing to trace, sent over the stream."""

    type: Literal["trace"]
    stages: tuple[StreamStage, ...] = Field(
        STREAM_STAGES, max_length=len(STREAM_STAGES), description="Tensors that the answer carries, of every level."
    )


class Losses(BaseModel):
    """Loss terms of this drawing, computed by the model."""

    reconstruction: float = Field(
        description="Mean squared error of a pixel, ink in [0, 1]; a linear output is not clipped."
    )
    codebook: float = Field(description="Mean of (sg[z_e] − e)².")
    commitment: float = Field(description="Mean of (z_e − sg[e])², not weighted by β.")
    total: float = Field(description="The weighted sum that training minimizes.")


class TraceResponse(ModelResponse):
    """What every stage computed for a drawing.

    A model with two levels has the tensors of the coarse one too; the others are those of the fine one.
    """

    variant: Variant = Field(description="The variant of the forward pass.")
    features: Tensor3D = Field(description="(H, W, D): the encoder's output.")
    distances: Tensor2D = Field(description="(H·W, K): squared distance of row i·W + j to each embedding.")
    indices: list[list[int]] = Field(description="(H, W): the nearest embedding of each cell.")
    quantized: Tensor3D = Field(description="(H, W, D): the embeddings at those indices.")
    reconstruction: Tensor2D = Field(description="(28, 28), in [0, 1]: the decoder's output.")
    losses: Losses = Field(description="The terms of the loss, and their total; sums over the levels.")
    features_top: Tensor3D | None = Field(None, alias="features.top", description="As `features`, of the coarse level.")
    distances_top: Tensor2D | None = Field(None, alias="distances.top", description="As `distances`.")
    indices_top: list[list[int]] | None = Field(None, alias="indices.top", description="As `indices`.")
    quantized_top: Tensor3D | None = Field(None, alias="quantized.top", description="As `quantized`.")


def run(explained: ExplainedModel, requests: list[TraceRequest]) -> list[Trace]:
    variant = requests[0].variant  # the batch key
    return trace(explained.backend, [request.pixels for request in requests], variant)


def to_response(request: TraceRequest, model: str, traced: Trace) -> dict[str, Any]:
    tensors = traced.tensors(*LevelTrace._fields, "reconstruction")
    return {"model": model, "variant": request.variant, **tensors, "losses": traced.losses}


def to_fields(message: TraceMessage, traced: Trace) -> dict[str, Any]:
    indices = {id: tensor.tolist() for id, tensor in traced.tensors("indices").items()}
    packed = {id: pack(tensor) for id, tensor in traced.tensors(*message.stages).items()}
    return {"variant": message.variant, **indices, "losses": traced.losses, **packed}


TRACE = Operation(
    name="trace",
    endpoint="trace_drawing",
    description="Run a drawing through a model and return what every stage computed.",
    request=TraceRequest,
    response=TraceResponse,
    message=TraceMessage,
    run=run,
    to_response=to_response,
    to_fields=to_fields,
    batch_key=attrgetter("variant"),
)
