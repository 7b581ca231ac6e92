"""What all request types have in common."""

from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from ...explain.models import ExplainedModel
from ...explain.trace import PIXELS

PIXELS_BASE64 = 4 * -(-PIXELS // 3)  # characters, padding included


def decode_pixels(value: object) -> bytes:
    """Decode base64 of 784 bytes.

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
            # 784 = 3 · 261 + 1: the last byte takes two characters and two of padding.
            "pattern": rf"^[A-Za-z0-9+/]{{{PIXELS_BASE64 - 3}}}[AQgw]==$",
            "description": "Base64 of 784 bytes: the drawing row by row, 0 background, 255 ink.",
        }
    ),
]
Tensor2D = list[list[float]]
Tensor3D = list[list[list[float]]]


class ModelRequest(BaseModel):
    """A request to one model."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(None, max_length=64, description="Name of the model; the default model if left out.")


class DrawingRequest(ModelRequest):
    """A request with a drawing."""

    pixels: Pixels


class ModelResponse(BaseModel):
    """A response of one model."""

    model: str = Field(description="Name of the model that was used.")


class StreamMessage(BaseModel):
    """Fields of every message of the stream."""

    type: str
    seq: int = Field(strict=True, ge=0, lt=2**53, description="Returned with the answer.")


class MismatchError(Exception):
    """A valid request that does not fit its model."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field


class NoPriorError(Exception):
    """A request that needs a prior, to a model without one."""

    def __init__(self, model: str) -> None:
        super().__init__(f"The model {model!r} has no prior. Train one with `vqvae-explainer train-prior`.")


RequestT = TypeVar("RequestT", bound=ModelRequest)
MessageT = TypeVar("MessageT", bound=StreamMessage)
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, eq=False)
class Operation(Generic[RequestT, MessageT, ResultT]):
    """A request type: `POST /api/<name>` and messages of type `<name>` on the stream."""

    name: str
    endpoint: str  # name of the route in OpenAPI
    description: str  # of the route in OpenAPI
    request: type[RequestT]
    response: type[ModelResponse]
    message: type[MessageT]  # the request as a message of the stream; a subclass of `request` too
    run: Callable[[ExplainedModel, list[RequestT]], list[ResultT]]  # runs a batch
    to_response: Callable[[RequestT, str, ResultT], dict[str, Any]]  # fields of `response`; gets the model's name
    to_fields: Callable[[MessageT, ResultT], dict[str, Any]]  # fields of the stream's answer, tensors packed
    check: Callable[[RequestT, ExplainedModel], None] = lambda *_: None  # raises MismatchError or NoPriorError
    batch_key: Callable[[RequestT], Hashable] = lambda _: None  # requests with the same key share a batch
    is_long: bool = False  # whether it runs in the background thread
    max_batch: int = 8  # sixteen take 5% less time each, but every one of them waits twice as long
