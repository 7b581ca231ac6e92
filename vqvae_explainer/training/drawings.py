"""Rasterizes strokes with the same pen as the page, for the example digits.

Same algorithms as static/drawing/ink.js (the pen) and static/drawing/replay.js (the curve through given points).
"""

import json
import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ..model.config import IMAGE_SIZE
from ..resources import resource

Point = Sequence[float]  # (x, y) in pixels: (0.5, 0.5) is the middle of the first pixel

PEN = 1.3  # pen radius of the example digits, in pixels
FINENESS = 8  # points of the curve between two given ones


def render(strokes: Sequence[Sequence[Point]], radius: float) -> Tensor:
    """Draw strokes with a round pen. Its edge is antialiased over one pixel, as in MNIST.

    Args:
        strokes: each a polyline; a single point is a dot.
        radius: of the pen, in pixels.

    Returns:
        (28, 28) bytes: 0 background, 255 ink.
    """
    pieces = [piece for stroke in strokes for piece in zip(stroke, list(stroke[1:]) or stroke, strict=False)]
    if not pieces:
        return torch.zeros(IMAGE_SIZE, IMAGE_SIZE, dtype=torch.uint8)
    start, end = torch.tensor(pieces, dtype=torch.float64).unbind(1)  # (S, 2) each
    pixels = torch.arange(IMAGE_SIZE, dtype=torch.float64) + 0.5
    centers = torch.cartesian_prod(pixels, pixels).flip(1)  # (784, 2), row by row as (x, y)
    segment = (end - start)[:, None]  # (S, 1, 2)
    offsets = centers - start[:, None]  # (S, 784, 2)
    length2 = segment.square().sum(dim=2)  # (S, 1)
    along = ((offsets * segment).sum(dim=2) / length2.where(length2 > 0, 1.0)).clamp(0, 1)  # (S, 784)
    distances = (offsets - along[..., None] * segment).square().sum(dim=2).sqrt()  # (S, 784)
    ink = (radius + 0.5 - distances).clamp(0, 1).amax(dim=0).float().double()  # (784,), in the page's precision
    return (255 * ink + 0.5).floor().to(torch.uint8).reshape(IMAGE_SIZE, IMAGE_SIZE)


def smooth(knots: Sequence[Point]) -> list[tuple[float, float]]:
    """A smooth curve through points (Catmull–Rom: Catmull and Rom 1974, in its uniform form)."""
    curve = [(float(knots[0][0]), float(knots[0][1]))]
    for n in range(len(knots) - 1):
        a, b, c, d = knots[max(0, n - 1)], knots[n], knots[n + 1], knots[min(len(knots) - 1, n + 2)]
        for part in range(1, FINENESS + 1):
            x, y = (between(a[axis], b[axis], c[axis], d[axis], part / FINENESS) for axis in (0, 1))
            curve.append((x, y))
    return curve


def between(a: float, b: float, c: float, d: float, t: float) -> float:
    """A coordinate of the curve from b (t = 0) to c (t = 1); a and d are the points before and after."""
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))


def authored_digits() -> Tensor:
    """The ten example digits of the page, drawn by the authors: (10, 1, 28, 28) bytes, digit n at index n."""
    strokes = json.loads((resource("static") / "drawing" / "examples.json").read_bytes())
    return torch.stack([render([smooth(stroke) for stroke in strokes[str(n)]], PEN) for n in range(10)])[:, None]


def transform(points: Sequence[Point], angle: float, scale: float, shear: float) -> list[tuple[float, float]]:
    """Map points in [0, 1]² to the picture: shear, rotate and scale around its center."""
    middle = IMAGE_SIZE / 2
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    moved = ((x - 0.5 + shear * (0.5 - y), y - 0.5) for x, y in points)
    return [(middle + cos * x - sin * y, middle + sin * x + cos * y) for x, y in moved]
