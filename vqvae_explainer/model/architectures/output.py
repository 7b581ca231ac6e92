"""The last layer of a decoder."""

from typing import Literal

from torch import Tensor


def to_picture(numbers: Tensor, output: Literal["sigmoid", "tanh", "linear"]) -> Tensor:
    """Map numbers (B, 1, 28, 28) to ink in [0, 1]; "linear" returns them unchanged, so they may overshoot."""
    if output == "sigmoid":
        return numbers.sigmoid()
    if output == "tanh":
        return (numbers.tanh() + 1) / 2  # (B, 1, 28, 28), from [−1, 1] to [0, 1]
    return numbers
