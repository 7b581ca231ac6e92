"""Tensors in a compact JSON form: 16-bit fixed-point integers in base64, a quarter of plain lists and exact to 1e-5."""

from base64 import b64decode, b64encode
from typing import Annotated

import numpy as np
from pydantic import Field
from typing_extensions import TypedDict  # Pydantic asks for this one below Python 3.12

from .backend import Floats

LEVELS = 2**16 - 1


class Packed(TypedDict):
    """`value = offset + scale · integer`; a value is off by at most scale / 2, which is 1 / 131070 of the range."""

    shape: Annotated[list[int], Field(description="Of the tensor.")]
    offset: Annotated[float, Field(description="The least value.")]
    scale: Annotated[float, Field(description="The step between two integers.")]
    data: Annotated[str, Field(description="Base64 of little-endian unsigned 16-bit integers, row-major.")]


def pack(values: Floats) -> Packed:
    """Pack an array of any shape."""
    low, high = float(values.min()), float(values.max())
    scale = (high - low) / LEVELS or 1.0  # a constant array has no range: all its integers are 0
    # In double precision, where the range cannot overflow and steps cannot vanish; row by row.
    integers = np.subtract(values, low, dtype=np.float64, order="C")
    integers /= scale
    integers += 0.5  # so that cutting off rounds; the largest becomes LEVELS + 0.5
    return {
        "shape": list(values.shape),
        "offset": low,
        "scale": scale,
        "data": b64encode(integers.astype("<u2").data).decode("ascii"),
    }


def unpack(packed: Packed) -> Floats:
    """The array that was packed, to within scale / 2."""
    integers = np.frombuffer(b64decode(packed["data"]), dtype="<u2").reshape(packed["shape"])
    return (packed["offset"] + packed["scale"] * integers).astype(np.float32)
