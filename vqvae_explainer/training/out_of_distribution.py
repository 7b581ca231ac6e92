"""Drawings that are not digits, for out-of-distribution detection: seeded, varied, with MNIST's size and amount of ink.

Nothing here comes from MNIST. MNIST's digits fill a box of 20 pixels with strokes 2 to 3 pixels wide.
"""

import math
from collections.abc import Callable
from random import Random

import torch
from torch import Tensor

from ..model.config import IMAGE_SIZE
from .drawings import Point, render, smooth, transform

BOX = 20  # pixels; size of MNIST's digits
LOW, HIGH = (IMAGE_SIZE - BOX) / 2, (IMAGE_SIZE + BOX) / 2

# Letters and symbols that do not look like digits, as lines in [0, 1]², y down.
SIGNS: dict[str, list[list[Point]]] = {
    "A": [[(0, 1), (0.5, 0), (1, 1)], [(0.2, 0.6), (0.8, 0.6)]],
    "E": [[(1, 0), (0.1, 0), (0.1, 1), (1, 1)], [(0.1, 0.5), (0.8, 0.5)]],
    "F": [[(0.9, 0), (0.1, 0), (0.1, 1)], [(0.1, 0.5), (0.7, 0.5)]],
    "H": [[(0.1, 0), (0.1, 1)], [(0.9, 0), (0.9, 1)], [(0.1, 0.5), (0.9, 0.5)]],
    "K": [[(0.1, 0), (0.1, 1)], [(0.9, 0), (0.1, 0.5), (0.9, 1)]],
    "M": [[(0, 1), (0.1, 0), (0.5, 0.6), (0.9, 0), (1, 1)]],
    "N": [[(0.1, 1), (0.1, 0), (0.9, 1), (0.9, 0)]],
    "T": [[(0, 0), (1, 0)], [(0.5, 0), (0.5, 1)]],
    "W": [[(0, 0), (0.25, 1), (0.5, 0.3), (0.75, 1), (1, 0)]],
    "X": [[(0, 0), (1, 1)], [(1, 0), (0, 1)]],
    "Ж": [[(0.5, 0), (0.5, 1)], [(0, 0), (1, 1)], [(1, 0), (0, 1)]],
    "П": [[(0.1, 1), (0.1, 0), (0.9, 0), (0.9, 1)]],
    "plus": [[(0.5, 0), (0.5, 1)], [(0, 0.5), (1, 0.5)]],
    "hash": [[(0.3, 0), (0.3, 1)], [(0.7, 0), (0.7, 1)], [(0, 0.3), (1, 0.3)], [(0, 0.7), (1, 0.7)]],
    "equals": [[(0, 0.3), (1, 0.3)], [(0, 0.7), (1, 0.7)]],
    "arrow": [[(0, 0.5), (1, 0.5)], [(0.6, 0.1), (1, 0.5), (0.6, 0.9)]],
    "house": [[(0.1, 1), (0.1, 0.4), (0.5, 0), (0.9, 0.4), (0.9, 1), (0.1, 1)], [(0.1, 0.4), (0.9, 0.4)]],
    "star": [[(0.5, 0), (0.8, 1), (0, 0.4), (1, 0.4), (0.2, 1), (0.5, 0)]],
    "square": [[(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], [(0, 0), (1, 1)]],
    "triangle": [[(0.5, 0), (1, 1), (0, 1), (0.5, 0)]],
    "zigzag": [[(0, 0.2), (0.2, 0.8), (0.4, 0.2), (0.6, 0.8), (0.8, 0.2), (1, 0.8)]],
    "face": [[(0.2, 0.2)], [(0.8, 0.2)], [(0, 0.6), (0.3, 0.95), (0.7, 0.95), (1, 0.6)], [(0.5, 0.4), (0.5, 0.6)]],
}


def scribble(random: Random) -> Tensor:
    knots = [(random.uniform(LOW, HIGH), random.uniform(LOW, HIGH)) for _ in range(random.randint(6, 14))]
    return render([smooth(knots)], random.uniform(0.9, 1.5))


def sign(random: Random) -> Tensor:
    strokes = SIGNS[random.choice(list(SIGNS))]
    angle, scale, shear = random.uniform(-0.3, 0.3), random.uniform(14, 20), random.uniform(-0.2, 0.2)
    return render([transform(stroke, angle, scale, shear) for stroke in strokes], random.uniform(1, 1.5))


def filled_shape(random: Random) -> Tensor:
    corners = random.choice(([], [(0, 0), (1, 0), (1, 1), (0, 1)], [(0.5, 0), (1, 1), (0, 1)]))
    scale = random.uniform(8, 18)
    if not corners:
        return render([[(random.uniform(12, 16), random.uniform(12, 16))]], scale / 2)
    shape = transform(corners, random.uniform(0, math.tau), scale, 0)
    middle = (sum(x for x, _ in shape) / len(shape), sum(y for _, y in shape) / len(shape))
    # Smaller and smaller copies inside each other fill the shape.
    shares = [n / 8 for n in range(9)]
    rings = [[tuple(m + share * (p - m) for p, m in zip(at, middle, strict=True)) for at in shape] for share in shares]
    return render([[*ring, ring[0]] for ring in rings], 1.3)


def checkerboard(random: Random) -> Tensor:
    side, phase, low = random.randint(2, 5), random.randint(0, 1), round(LOW)
    places = torch.arange(IMAGE_SIZE)
    inside = (places >= low) & (places < low + BOX)
    squares = ((places - low).div(side, rounding_mode="floor") + phase) % 2
    board = (squares[:, None] ^ squares) * (inside[:, None] & inside)
    return (board * random.randint(160, 255)).to(torch.uint8)


def marks(random: Random) -> Tensor:
    strokes = []
    for _ in range(random.randint(5, 10)):
        x, y, angle, length = (random.uniform(*bounds) for bounds in ((5, 23), (5, 23), (0, math.tau), (0, 4)))
        strokes.append([(x, y), (x + length * math.cos(angle), y + length * math.sin(angle))])
    return render(strokes, random.uniform(0.9, 1.4))


def hatching(random: Random) -> Tensor:
    number, angle = random.randint(4, 7), random.uniform(0, math.pi)
    places = [n / (number - 1) for n in range(number)]
    return render([transform([(place, 0), (place, 1)], angle, BOX - 3, 0) for place in places], random.uniform(0.7, 1))


def noise(random: Random) -> Tensor:
    share, side = random.uniform(0.2, 0.8), random.randint(12, BOX)
    start = (IMAGE_SIZE - side) // 2
    values = [random.randint(1, 255) if random.random() < share else 0 for _ in range(side * side)]
    picture = torch.zeros(IMAGE_SIZE, IMAGE_SIZE, dtype=torch.uint8)
    picture[start : start + side, start : start + side] = torch.tensor(values, dtype=torch.uint8).reshape(side, side)
    return picture


KINDS: tuple[Callable[[Random], Tensor], ...] = (scribble, sign, filled_shape, checkerboard, marks, hatching, noise)


def non_digits(count: int, seed: int) -> Tensor:
    """Generate drawings that are not digits, the same number of each kind.

    Returns:
        (count, 1, 28, 28) bytes: 0 background, 255 ink.
    """
    random = Random(seed)
    return torch.stack([KINDS[n % len(KINDS)](random) for n in range(count)])[:, None]
