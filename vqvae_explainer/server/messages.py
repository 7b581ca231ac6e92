"""Messages of the stream, from JSON text to checked requests."""

from functools import partial
from typing import Any

import orjson
from pydantic import ValidationError

from ..explain.models import ExplainedModel
from .lane import Task
from .operations import OPERATIONS
from .operations.base import MismatchError, NoPriorError

MAX_MESSAGE = 65_536  # characters; a drawing takes about 1,200


class BadMessageError(Exception):
    """A message that cannot be used, and the answer to it."""

    def __init__(self, seq: int | None, code: str, message: str) -> None:
        super().__init__(message)
        self.answer: dict[str, Any] = {"type": "error", "seq": seq, "code": code, "message": message}


def parse(text: str | None, models: dict[str, ExplainedModel]) -> Task:
    """Check a message; None stands for a binary one.

    Returns:
        The task for the batcher; its request is the message, its result the fields of the answer.

    Raises:
        BadMessageError: the message cannot be used.
    """
    content = load(text)
    seq = content.get("seq")
    if not isinstance(seq, int) or isinstance(seq, bool):
        seq = None
    kind = content.get("type")
    if not isinstance(kind, str) or kind not in OPERATIONS:
        raise BadMessageError(seq, "unknown_type", f"The types of messages are: {', '.join(OPERATIONS)}.")
    operation = OPERATIONS[kind]
    try:
        message = operation.message.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadMessageError(seq, "invalid", f"{where}: {first['msg'].removeprefix('Value error, ')}.") from error
    name = next(iter(models)) if message.model is None else message.model
    if name not in models:
        known = ", ".join(models)
        raise BadMessageError(seq, "unknown_model", f"There is no model {name!r}; there are: {known}.")
    try:
        operation.check(message, models[name])
    except MismatchError as error:
        raise BadMessageError(seq, "invalid", f"{error.field}: {error}.") from error
    except NoPriorError as error:
        raise BadMessageError(seq, "no_prior", str(error)) from error
    return Task(operation, name, message, partial(operation.to_fields, message), operation.is_long)


def load(text: str | None) -> dict[str, Any]:
    """The JSON object in a message.

    Raises:
        BadMessageError: there is none.
    """
    if text is None:
        raise BadMessageError(None, "not_text", "Messages must be JSON text; this one is binary.")
    if len(text) > MAX_MESSAGE:
        raise BadMessageError(
            None, "too_large", f"Messages must have at most {MAX_MESSAGE} characters; this one has {len(text)}."
        )
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadMessageError(None, "not_json", f"Messages must be JSON: {error}.") from error
    if not isinstance(content, dict):
        raise BadMessageError(None, "not_an_object", "Messages must be JSON objects with a type.")
    return content
