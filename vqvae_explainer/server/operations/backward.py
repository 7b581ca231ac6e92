"""Run the backward pass on a drawing: the gradients of its losses."""

from operator import attrgetter
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, Field

from ...explain.backend import Gradients
from ...explain.models import ExplainedModel
from ...explain.packing import pack
from ...model.grid import at_level
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
    """Gradients of the losses of a drawing.

    A model with two levels has those at the tensors of the coarse one too, each through the decoder only: the backward
    pass ends at the features of both levels.
    """

    straight_through: bool = Field(description="Whether the straight-through step was used.")
    quantized: Tensor3D = Field(description="(H, W, D): of the reconstruction loss, for the decoder's input.")
    features: LossGradients[Tensor3D] = Field(description="(H, W, D): for the encoder's output.")
    embeddings: LossGradients[Tensor2D] = Field(description="(K, D): for the codebook.")
    computed_by: Literal["pytorch", "numpy"] = Field(description="PyTorch's autograd, or the chain rule in NumPy.")
    quantized_top: Tensor3D | None = Field(None, alias="quantized.top", description="As `quantized`, coarse level.")
    features_top: LossGradients[Tensor3D] | None = Field(None, alias="features.top", description="As `features`.")
    embeddings_top: LossGradients[Tensor2D] | None = Field(None, alias="embeddings.top", description="As `embeddings`.")


def run(explained: ExplainedModel, requests: list[BackwardRequest]) -> list[Gradients]:
    straight_through = requests[0].straight_through  # the batch key
    return explained.gradients([request.pixels for request in requests], straight_through)


def to_response(request: BackwardRequest, model: str, found: Gradients) -> dict[str, Any]:
    gradients = {
        at_level(stage, level): gradient
        for level, of in found.levels.items()
        for stage, gradient in of._asdict().items()
    }
    return {
        "model": model,
        "straight_through": request.straight_through,
        **gradients,
        "computed_by": found.computed_by,
    }


def to_fields(message: BackwardMessage, found: Gradients) -> dict[str, Any]:
    fields: dict[str, Any] = {"straight_through": message.straight_through}
    for level, of in found.levels.items():
        fields[at_level("quantized", level)] = pack(of.quantized)
        for stage, gradients in (("features", of.features), ("embeddings", of.embeddings)):
            fields[at_level(stage, level)] = {loss: pack(gradient) for loss, gradient in gradients.items()}
    return fields | {"computed_by": found.computed_by}


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
