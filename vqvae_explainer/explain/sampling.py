"""Samples codes from a prior, code by code. Those of all levels follow each other, as in the prior's layout.

docs/protocol.md describes the random numbers, so that other implementations give the same answer.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..model.prior_config import CLASSES
from .backend import Indices
from .prior import NumpyPrior, log_probabilities, log_softmax

FREE = -1  # in `Settings.given`: a cell whose code is sampled


class Settings(NamedTuple):
    """What to sample."""

    digit: int | None  # the class; None draws it too
    temperature: float  # logits are divided by it
    top_k: int | None  # only so many codes can be sampled, the most probable ones
    seed: int
    given: Indices  # (T,): codes that are not sampled, or FREE


class Sample(NamedTuple):
    """Sampled codes."""

    digit: int  # the class that they were sampled for
    codes: Indices  # (T,)
    probabilities: NDArray[np.float64]  # (T, K): the distribution that each cell's code was sampled from
    bits: NDArray[np.float64]  # (T,): −log2 p(code | codes before it, class), at temperature 1


def sample(prior: NumpyPrior, batch: list[Settings]) -> list[Sample]:
    """Sample several pictures' codes together.

    A given code is put in its place when its cell is reached: cells before it do not know of it.
    """
    config = prior.config
    given = np.stack([settings.given for settings in batch])  # (B, T)
    digits = [draw_class(prior, settings) if settings.digit is None else settings.digit for settings in batch]
    state = prior.start(np.array(digits))
    start = min(leading(codes) for codes in given)
    state.codes[:, :start] = given[:, :start]
    logits = np.empty((*given.shape, config.num_embeddings), dtype=np.float32)  # (B, T, K)
    for cell in range(min(start, config.cells - 1), config.cells):
        done = state.done
        logits[:, done : cell + 1] = prior.predict(state, cell + 1)
        for row, settings in enumerate(batch):
            code = given[row, cell]
            if code == FREE:
                distribution = probabilities(logits[row, cell], settings.temperature, settings.top_k)
                code = pick(distribution, uniform(settings.seed, 1 + cell))
            state.codes[row, cell] = code
    codes = state.codes[:, :-1]  # (B, T)
    bits = -log_probabilities(logits, codes) / np.log(2)  # (B, T)
    return [
        Sample(
            digits[row],
            codes[row],
            probabilities(logits[row], settings.temperature, settings.top_k),
            bits[row],
        )
        for row, settings in enumerate(batch)
    ]


def leading(given: Indices) -> int:
    """The number of given codes before the first free cell."""
    free = np.flatnonzero(given == FREE)
    return int(free[0]) if len(free) else len(given)


def draw_class(prior: NumpyPrior, settings: Settings) -> int:
    """Draw a class with p(class | the codes before the first free cell); all are equally probable if there are none."""
    known = settings.given[: leading(settings.given)]
    logarithms = np.zeros(CLASSES)
    if len(known):
        state = prior.start(np.arange(CLASSES))
        state.codes[:, : len(known)] = known
        logits = prior.predict(state, len(known))  # (10, S, K)
        logarithms = log_probabilities(logits, np.tile(known, (CLASSES, 1))).sum(axis=1)  # (10,)
    return pick(np.exp(log_softmax(logarithms)), uniform(settings.seed, 0))


def probabilities(logits: NDArray[np.floating], temperature: float, top_k: int | None) -> NDArray[np.float64]:
    """The distributions (..., K) that codes are sampled from; of equally probable codes, the first are kept."""
    scaled = logits.astype(np.float64) / temperature
    if top_k is not None and top_k < scaled.shape[-1]:
        left_out = np.argsort(-scaled, axis=-1, kind="stable")[..., top_k:]
        np.put_along_axis(scaled, left_out, -np.inf, axis=-1)
    return np.exp(log_softmax(scaled))


def pick(distribution: NDArray[np.float64], number: float) -> int:
    """The first outcome up to which the probabilities (K,) add up to more than a number in [0, 1) of their sum."""
    sums = distribution.cumsum()
    return int(np.searchsorted(sums, number * sums[-1], side="right"))


def uniform(seed: int, n: int) -> float:
    """The n-th random number in [0, 1) of a seed: Mulberry32 by Tommy Ettinger, whose state is seed + (n + 1)·c."""
    mask = 0xFFFFFFFF
    state = (seed + (n + 1) * 0x6D2B79F5) & mask
    mixed = ((state ^ (state >> 15)) * (state | 1)) & mask
    mixed ^= (mixed + (((mixed ^ (mixed >> 7)) * (mixed | 61)) & mask)) & mask
    return (mixed ^ (mixed >> 14)) / 2**32
