"""Messages of the stream: from text to a checked message, and from a message to the frame that answers it."""

from typing import Any

import orjson
from pydantic import ValidationError

from ..explain.models import ExplainedModel
from ..explain.packing import pack
from .batcher import Task
from .operations import BACKWARD, DECODE, TRACE, to_grid
from .schemas import BackwardMessage, DecodeMessage, TraceMessage

MAX_MESSAGE = 65_536  # characters; a drawing takes about 1,200

StreamRequest = TraceMessage | DecodeMessage | BackwardMessage
MESSAGES: dict[str, type[StreamRequest]] = {
    "trace": TraceMessage,
    "decode": DecodeMessage,
    "backward": BackwardMessage,
}

Frame = dict[str, Any]


class BadMessageError(Exception):
    """A message that cannot be used, with what its sender is told."""

    def __init__(self, seq: int | None, code: str, message: str) -> None:
        super().__init__(message)
        self.frame: Frame = {"type": "error", "seq": seq, "code": code, "message": message}


def parse(text: str | None, models: dict[str, ExplainedModel]) -> StreamRequest:
    """Check a message; None stands for a binary one.

    Raises:
        BadMessageError: it cannot be used.
    """
    if text is None:
        raise BadMessageError(None, "not_text", "Messages are JSON text; this one is binary.")
    if len(text) > MAX_MESSAGE:
        raise BadMessageError(
            None, "too_large", f"A message has at most {MAX_MESSAGE} characters; this has {len(text)}."
        )
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadMessageError(None, "not_json", f"Messages are JSON; this one is not: {error}.") from error
    if not isinstance(content, dict):
        raise BadMessageError(None, "not_an_object", "Messages are JSON objects with a type.")
    seq = content.get("seq")
    if not isinstance(seq, int) or isinstance(seq, bool):
        seq = None
    kind = content.get("type")
    if not isinstance(kind, str) or kind not in MESSAGES:
        raise BadMessageError(seq, "unknown_type", f"Types of messages are: {', '.join(MESSAGES)}.")
    try:
        message = MESSAGES[kind].model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadMessageError(seq, "invalid", f"{where}: {first['msg'].removeprefix('Value error, ')}.") from error
    if message.model is not None and message.model not in models:
        known = ", ".join(models)
        raise BadMessageError(seq, "unknown_model", f"There is no model {message.model!r}; there are: {known}.")
    return message


def to_task(message: StreamRequest, models: dict[str, ExplainedModel]) -> Task:
    """What a message asks for, as work for the batcher.

    Raises:
        BadMessageError: it does not fit the model.
    """
    name = message.model or next(iter(models))
    match message:
        case TraceMessage():
            return Task(TRACE[message.variant], name, message.pixels)
        case BackwardMessage():
            return Task(BACKWARD[message.straight_through], name, message.pixels)
        case DecodeMessage():
            try:
                return Task(DECODE, name, to_grid(message.indices, models[name]))
            except ValueError as error:
                raise BadMessageError(message.seq, "invalid", f"indices: {error}.") from error


def to_frame(message: StreamRequest, model: str, result: Any) -> Frame:
    """The frame that answers a message with what the model of that name made of it."""
    frame: Frame = {"type": message.type, "seq": message.seq, "model": model}
    match message:
        case TraceMessage():
            frame |= {"variant": message.variant, "indices": result.indices.tolist(), "losses": result.losses}
            frame |= {stage: pack(getattr(result, stage)) for stage in message.stages}
        case DecodeMessage():
            frame["reconstruction"] = pack(result)
        case BackwardMessage():
            frame |= {"straight_through": message.straight_through, "quantized": pack(result.quantized)}
            frame["features"] = {loss: pack(gradient) for loss, gradient in result.features.items()}
            frame["embeddings"] = {loss: pack(gradient) for loss, gradient in result.embeddings.items()}
    return frame
