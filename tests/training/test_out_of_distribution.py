"""Drawings that are not digits: varied, reproducible, with the size and amount of ink of digits."""

import pytest
import torch
from torch import Tensor

from vqvae_explainer.training.out_of_distribution import KINDS, SIGNS, non_digits

COUNT = 70


@pytest.fixture(scope="module")
def drawings() -> Tensor:
    return non_digits(COUNT, seed=0)


def test_pictures(drawings: Tensor) -> None:
    assert drawings.shape == (COUNT, 1, 28, 28)
    assert drawings.dtype == torch.uint8


def test_each_differs_from_each(drawings: Tensor) -> None:
    assert len(drawings.unique(dim=0)) == COUNT


def test_seed_decides(drawings: Tensor) -> None:
    assert torch.equal(non_digits(COUNT, seed=0), drawings)
    assert not torch.equal(non_digits(COUNT, seed=1), drawings)
    assert torch.equal(non_digits(3, seed=0), drawings[:3])


def test_each_has_ink_and_paper(drawings: Tensor) -> None:
    share = (drawings > 0).double().mean(dim=(1, 2, 3))
    assert share.min() > 0.02
    assert share.max() < 0.8
    assert drawings.amax(dim=(1, 2, 3)).min() > 100


def test_drawings_are_where_digits_are(drawings: Tensor) -> None:
    """Digits fill a box of 20 pixels; rotated drawings may exceed it a little."""
    rim = drawings.clone()
    rim[:, :, 2:-2, 2:-2] = 0
    assert (rim > 0).double().mean() < 0.01
    middle = drawings[:, :, 8:20, 8:20]
    assert (middle > 0).flatten(1).any(dim=1).all()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_drawing_is_from_mnist(kind: object, train_digits: Tensor) -> None:
    """The nearest training digit of each drawing is far away."""
    drawn = non_digits(len(KINDS), seed=3)[list(KINDS).index(kind)].float() / 255
    nearest = (train_digits[:10_000].float() / 255 - drawn).square().mean(dim=(1, 2, 3)).min()
    assert nearest > 0.01


def test_signs_are_distinct() -> None:
    assert len({str(strokes) for strokes in SIGNS.values()}) == len(SIGNS) > 20
    assert not set(SIGNS) & set("0123456789OIlSZB")
    assert all(
        0 <= value <= 1 for strokes in SIGNS.values() for stroke in strokes for point in stroke for value in point
    )
