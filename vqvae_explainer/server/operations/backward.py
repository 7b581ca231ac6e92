"""Run the backward pass on a drawing: the gradients of its losses."""

from operator import attrgetter
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, Field

from ...explain.backend import Gradients
from ...explain.models import ExplainedModel
from ...explain.packing import pack
from .base import DrawingRequest, ModelResponse, Operation, StreamMessage, Tensor2D, Tensor3D

Values = TypeVar("Values")


class BackwardRequest(DrawingRequest):
    """A drawing for the backward pass."""

    straight_through: bool = Field(True, description="False omits the straight-through step.")


class BackwardMessage(StreamMessage, BackwardRequest):
    """A drawing for the backward pass, sent over the stream."""

    type: Literal["backward"]


class LossGradients(BaseModel, Generic[Values]):
    """Gradient of each loss term with respect to one tensor; the commitment loss is not weighted by β."""

    reconstruction: Values = Field(description="Of the mean squared error of pixels.")
    codebook: Values = Field(description="Of the mean of (sg[z_e] − e)².")
    commitment: Values = Field(description="Of the mean of (z_e − sg[e])².")


class BackwardResponse(ModelResponse):
    """Gradients of the losses of a drawing."""

    straight_through: bool = Field(description="Whether the straight-through step was used.")
    quantized: Tensor3D = Field(description="(H, W, D): of the reconstruction loss, for the decoder's input.")
    features: LossGradients[Tensor3D] = Field(description="(H, W, D): for the encoder's output.")
    embeddings: LossGradients[Tensor2D] = Field(description="(K, D): for the codebook.")
    computed_by: Literal["pytorch", "numpy"] = Field(description="PyTorch's autograd, or the chain rule in NumPy.")


def run(explained: ExplainedModel, requests: list[BackwardRequest]) -> list[Gradients]:
    straight_through = requests[0].straight_through  # the batch key
    return explained.gradients([request.pixels for request in requests], straight_through)


def to_response(request: BackwardRequest, model: str, found: Gradients) -> dict[str, Any]:
    return {"model": model, "straight_through": request.straight_through, **found._asdict()}


def to_fields(message: BackwardMessage, found: Gradients) -> dict[str, Any]:
    return {
        "straight_through": message.straight_through,
        "quantized": pack(found.quantized),
        "features": {loss: pack(gradient) for loss, gradient in found.features.items()},
        "embeddings": {loss: pack(gradient) for loss, gradient in found.embeddings.items()},
        "computed_by": found.computed_by,
    }


BACKWARD = Operation(
    name="backward",
    endpoint="run_backwards",
    description="Compute the gradients of a drawing's losses.",
    request=BackwardRequest,
    response=BackwardResponse,
    message=BackwardMessage,
    run=run,
    to_response=to_response,
    to_fields=to_fields,
    batch_key=attrgetter("straight_through"),
    is_long=True,  # takes as long as several traces
    max_batch=1,
)
