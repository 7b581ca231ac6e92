"""An arithmetic coder with exact integers: a message is an interval in [0, 1), and its code is a number inside.

Each symbol shrinks the interval to the symbol's share of it (Rissanen 1976; Witten, Neal and Cleary 1987). Numbers of
any length replace their rounding and carries: a picture's codes take some hundred bits. The code has less than two bits
more than −log2 of the product of the shares, and ends by itself: no code is the beginning of another.

Own code because both ends may be Python or JavaScript; `constriction`, the maintained package, has no JavaScript form.
"""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from .backend import Floats

# floor(2^14 · 2^(−n/16)): integers that Python and JavaScript agree on, which they need not do on powers.
ROOTS = (16384, 15689, 15024, 14387, 13777, 13193, 12633, 12098, 11585, 11094, 10623, 10173, 9741, 9328, 8933, 8554)
STEPS = 23.083120654223414  # 16 / ln 2


def frequencies(logits: Floats) -> list[int]:
    """Integers in proportion to the probabilities (K,), up to a factor of 2^(1/32); at least 1 each.

    Only operations that IEEE 754 defines exactly are used, so equal logits give equal integers everywhere.
    """
    doubles = logits.astype(np.float64)
    steps = np.floor((doubles.max() - doubles) * STEPS + 0.5).astype(np.int64).tolist()
    return [(ROOTS[step % 16] >> min(step // 16, 15)) + 1 for step in steps]


class Encoder:
    def __init__(self) -> None:
        # The interval is [low, low + width) / scale.
        self._low, self._width, self._scale = 0, 1, 1

    def encode(self, symbol: int, frequencies: Sequence[int]) -> None:
        """Append a symbol; the decoder needs the same frequencies."""
        total = sum(frequencies)
        self._low = self._low * total + self._width * sum(frequencies[:symbol])
        self._width *= frequencies[symbol]
        self._scale *= total

    def bits(self) -> str:
        """The shortest binary fraction (its digits after the point) that is inside the interval whatever follows it."""
        length = 0
        while True:
            number = -(-(self._low << length) // self._scale)  # the smallest in the interval or above it
            if (number + 1) * self._scale <= (self._low + self._width) << length:
                return format(number, f"0{length}b") if length else ""
            length += 1


class Decoder:
    """Decodes what `Encoder` wrote, whatever follows it."""

    def __init__(self, bits: str) -> None:
        # The fraction's place in the interval that is decoded so far is number / scale.
        self._number, self._scale = int(bits or "0", 2), 1 << len(bits)

    def decode(self, frequencies: Sequence[int]) -> int:
        """The next symbol."""
        ends = list(accumulate(frequencies))
        target = self._number * ends[-1]
        symbol = next(n for n, end in enumerate(ends) if target < end * self._scale)
        self._number = target - (ends[symbol] - frequencies[symbol]) * self._scale
        self._scale *= frequencies[symbol]
        return symbol
