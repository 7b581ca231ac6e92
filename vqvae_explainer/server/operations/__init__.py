"""The request types. Routes, messages of the stream and OpenAPI follow from this list."""

from typing import Any

from .backward import BACKWARD
from .base import Operation
from .compress import COMPRESS
from .decode import DECODE
from .previews import PREVIEWS
from .sample import SAMPLE
from .score import SCORE
from .trace import TRACE

__all__ = ["BACKWARD", "COMPRESS", "DECODE", "OPERATIONS", "PREVIEWS", "SAMPLE", "SCORE", "TRACE"]

OPERATIONS: dict[str, Operation[Any, Any, Any]] = {
    operation.name: operation for operation in (TRACE, DECODE, PREVIEWS, BACKWARD, SAMPLE, SCORE, COMPRESS)
}
