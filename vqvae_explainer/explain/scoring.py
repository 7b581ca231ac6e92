"""How surprising codes are to a prior."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..model.prior_config import CLASSES
from .backend import Indices
from .prior import NumpyPrior, log_probabilities

Doubles = NDArray[np.float64]


class Score(NamedTuple):
    """Bits of the codes of a picture. The class is not given: p is the mean over the ten classes."""

    bits: Doubles  # (T,): −log2 p(code | codes before it); their sum is −log2 p(codes)
    class_bits: Doubles  # (10,): −log2 p(codes | class)
    unigram_bits: float  # bits of the codes if each had its mean frequency in the training digits


def score(prior: NumpyPrior, batch: list[Indices]) -> list[Score]:
    """Score the codes (T,) of several pictures together."""
    codes = np.stack(batch)  # (B, T)
    repeated = codes.repeat(CLASSES, axis=0)  # (B · 10, T)
    logits = prior.read(repeated, np.tile(np.arange(CLASSES), len(codes)))  # (B · 10, T, K)
    logarithms = log_probabilities(logits, repeated)  # (B · 10, T)
    sums = logarithms.reshape(len(codes), CLASSES, -1).cumsum(axis=2) / np.log(2)  # (B, 10, T): log2 p(codes up to t)
    mixture = np.logaddexp2.reduce(sums, axis=1) - np.log2(CLASSES)  # (B, T)
    bits = -np.diff(mixture, axis=1, prepend=0)  # (B, T)
    unigram_bits = -np.log2(prior.usage_of(codes)).sum(axis=1)  # (B,)
    return [Score(*found) for found in zip(bits, -sums[:, :, -1], unigram_bits.tolist(), strict=True)]
