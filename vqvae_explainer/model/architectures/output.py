"""How a decoder's last numbers become a picture."""

from typing import Literal

from torch import Tensor


def to_picture(numbers: Tensor, output: Literal["sigmoid", "tanh", "linear"]) -> Tensor:
    """Numbers (B, 1, 28, 28) of any size → ink in [0, 1]; "linear" leaves them, so that a pixel may overshoot."""
    if output == "sigmoid":
        return numbers.sigmoid()
    if output == "tanh":
        return (numbers.tanh() + 1) / 2  # such a model works on pictures in [−1, 1]
    return numbers
