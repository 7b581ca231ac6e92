"""What a client can ask a model for, as work for the batcher."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from ..explain.backend import Floats
from ..explain.gradients import Gradients, gradients
from ..explain.models import ExplainedModel
from ..explain.trace import Trace, Variant, decode, trace


class Operation(NamedTuple):
    """A function from a list of inputs to a list of as many results, and how many inputs it may get at a time."""

    run: Callable[[ExplainedModel, list[Any]], list[Any]]
    max_batch: int = 8  # sixteen take 5% less time for each, and twice as long together: everybody waits for them


def run_trace(explained: ExplainedModel, drawings: list[bytes], variant: Variant) -> list[Trace]:
    """Trace drawings of 784 bytes."""
    return trace(explained.backend, drawings, variant)


def run_decode(explained: ExplainedModel, grids: list[NDArray[np.int64]]) -> list[Floats]:
    """Decode grids (H, W) of codes."""
    return decode(explained.backend, grids)


def run_backward(explained: ExplainedModel, drawings: list[bytes], straight_through: bool) -> list[Gradients]:
    """Take the derivatives of drawings of 784 bytes."""
    return gradients(explained.model, drawings, straight_through)


TRACE: dict[Variant, Operation] = {
    variant: Operation(partial(run_trace, variant=variant)) for variant in get_args(Variant)
}
DECODE = Operation(run_decode)
BACKWARD = {
    # Each takes the time of several traces, and is not batched.
    straight_through: Operation(partial(run_backward, straight_through=straight_through), max_batch=1)
    for straight_through in (True, False)
}


def to_grid(indices: list[list[int]], explained: ExplainedModel) -> NDArray[np.int64]:
    """The codes of a request as an array (H, W).

    Raises:
        ValueError: the grid is not the model's, or a code is not in its codebook.
    """
    grid = explained.grid
    if len(indices) != grid.height or any(len(row) != grid.width for row in indices):
        raise ValueError(f"indices must be {grid.height} rows of {grid.width} codes")
    if any(code >= grid.num_embeddings for row in indices for code in row):
        raise ValueError(f"codes of this model are from 0 to {grid.num_embeddings - 1}")
    return np.array(indices, dtype=np.int64)
