"""Messages of the stream: from text to a checked message, and from a message to the frame that answers it."""

import time
from typing import Any

import orjson
from pydantic import ValidationError

from ..explain.models import ExplainedModel
from ..explain.packing import pack
from .batcher import Batcher
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


async def answer(message: StreamRequest, batcher: Batcher, models: dict[str, ExplainedModel]) -> Frame:
    """Do what a message asks for.

    Raises:
        BadMessageError: it does not fit the model.
    """
    start = time.perf_counter()
    name = message.model or next(iter(models))
    frame: Frame = {"type": message.type, "seq": message.seq, "model": name}
    match message:
        case TraceMessage():
            trace = await batcher.run(TRACE[message.variant], name, message.pixels)
            frame |= {"variant": message.variant, "indices": trace.indices.tolist(), "losses": trace.losses}
            frame |= {stage: pack(getattr(trace, stage)) for stage in message.stages}
        case DecodeMessage():
            try:
                grid = to_grid(message.indices, models[name])
            except ValueError as error:
                raise BadMessageError(message.seq, "invalid", f"indices: {error}.") from error
            frame["reconstruction"] = pack(await batcher.run(DECODE, name, grid))
        case BackwardMessage():
            found = await batcher.run(BACKWARD[message.straight_through], name, message.pixels)
            frame |= {"straight_through": message.straight_through, "quantized": pack(found.quantized)}
            frame["features"] = {loss: pack(gradient) for loss, gradient in found.features.items()}
            frame["embeddings"] = {loss: pack(gradient) for loss, gradient in found.embeddings.items()}
    frame["server_ms"] = round((time.perf_counter() - start) * 1000, 3)
    return frame
