"""Packs the codes of a picture with its prior: first the class that gives them the fewest bits, then code by code."""

from typing import NamedTuple

import numpy as np

from ..model.prior_config import CLASSES
from .arithmetic_coding import Decoder, Encoder, frequencies
from .backend import Indices
from .prior import NumpyPrior

EQUAL = [1] * CLASSES  # frequencies of the classes


class Compressed(NamedTuple):
    """Packed codes."""

    digit: int  # the class that they are packed for
    bits: str  # of "0" and "1"


def compress(prior: NumpyPrior, codes: Indices, class_bits: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Compressed:
    """Pack codes (T,), given their bits (10,) for each class."""
    digit = int(np.argmin(class_bits))
    encoder = Encoder()
    encoder.encode(digit, EQUAL)
    state = prior.start(np.array([digit]))
    # Cell by cell as in `decompress`: the logits of all cells at once are rounded differently.
    for cell, code in enumerate(codes.tolist()):
        encoder.encode(code, frequencies(prior.predict(state, cell + 1)[0, 0]))
        state.codes[0, cell] = code
    return Compressed(digit, encoder.bits())


def decompress(prior: NumpyPrior, bits: str) -> Indices:
    """The codes (T,) that were packed."""
    decoder = Decoder(bits)
    state = prior.start(np.array([decoder.decode(EQUAL)]))
    for cell in range(prior.config.cells):
        state.codes[0, cell] = decoder.decode(frequencies(prior.predict(state, cell + 1)[0, 0]))
    return state.codes[0, :-1]
