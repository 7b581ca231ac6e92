"""The arithmetic coder: exact for any message, and hardly longer than the message's information."""

import math
from decimal import Decimal
from itertools import accumulate

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vqvae_explainer.explain.arithmetic_coding import ROOTS, Decoder, Encoder, frequencies


@st.composite
def messages(draw: st.DrawFn) -> list[tuple[int, list[int]]]:
    """Symbols, each with the frequencies for it."""
    tables = draw(st.lists(st.lists(st.integers(1, 20_000), min_size=1, max_size=30), max_size=60))
    return [(draw(st.integers(0, len(table) - 1)), table) for table in tables]


@given(messages())
def test_a_message_is_decoded_exactly(message: list[tuple[int, list[int]]]) -> None:
    encoder = Encoder()
    for symbol, table in message:
        encoder.encode(symbol, table)
    bits = encoder.bits()
    information = -sum(math.log2(table[symbol] / sum(table)) for symbol, table in message)
    assert information - 1e-6 < len(bits) < information + 2 + 1e-6
    for tail in ("", "0", "1" * 20):  # what follows does not matter
        decoder = Decoder(bits + tail)
        assert [decoder.decode(table) for _, table in message] == [symbol for symbol, _ in message]


def test_the_code_is_the_shortest_that_stays_in_the_interval() -> None:
    """By hand: "b" of a (1), b (2), c (1) is [1/4, 3/4), in which every fraction is that starts with 0.01 in binary."""
    encoder = Encoder()
    encoder.encode(1, [1, 2, 1])
    assert encoder.bits() == "01"
    encoder.encode(0, [1, 1])  # [1/4, 1/2)
    assert encoder.bits() == "01"
    assert Encoder().bits() == ""


@given(st.lists(st.floats(-40, 40, width=32), min_size=1, max_size=64))
def test_frequencies_are_nearly_in_proportion(logits: list[float]) -> None:
    found = frequencies(np.array(logits, dtype=np.float32))
    exact = [2**14 * math.exp(logit - max(np.float32(logits))) for logit in map(np.float32, logits)]
    for frequency, expected in zip(found, exact, strict=True):
        assert frequency >= 1
        assert expected / 2 ** (1 / 30) - 1 <= frequency <= expected * 2 ** (1 / 30) + 1
    assert list(accumulate(found))[-1] <= 2**14 * len(found) + len(found)


def test_table() -> None:
    assert list(ROOTS) == [int(Decimal(2) ** (14 - Decimal(n) / 16)) for n in range(16)]
