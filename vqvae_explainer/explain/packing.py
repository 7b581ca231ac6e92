"""Tensors in a compact JSON form: 16-bit fixed-point integers in base64, a quarter of plain lists and exact to 1e-5."""

from base64 import b64decode, b64encode

import numpy as np
from typing_extensions import TypedDict  # Pydantic asks for this one below Python 3.12

from .trace import Floats

LEVELS = 2**16 - 1


class Packed(TypedDict):
    """`value = offset + scale · integer`; a value is off by at most scale / 2, which is 1 / 131070 of the range."""

    shape: list[int]
    offset: float
    scale: float
    data: str  # base64 of little-endian unsigned 16-bit integers, row-major


def pack(values: Floats) -> Packed:
    """Pack an array of any shape."""
    low, high = float(values.min()), float(values.max())
    scale = (high - low) / LEVELS or 1.0  # a constant array has no range: all its integers are 0
    integers = np.rint((values - np.float32(low)) / np.float32(scale)).clip(0, LEVELS).astype("<u2")
    return {
        "shape": list(values.shape),
        "offset": low,
        "scale": scale,
        "data": b64encode(integers.tobytes()).decode("ascii"),
    }


def unpack(packed: Packed) -> Floats:
    """The array that was packed, to within scale / 2."""
    integers = np.frombuffer(b64decode(packed["data"]), dtype="<u2").reshape(packed["shape"])
    return (packed["offset"] + packed["scale"] * integers).astype(np.float32)
