"""The sizes of a grid of codes."""

import pytest

from vqvae_explainer.model.grid import Grid


def test_default_model() -> None:
    grid = Grid(7, 7, 20)
    assert grid.shape == (7, 7)
    assert grid.cells == 49
    assert grid.bits == pytest.approx(211.77, abs=0.01)
    assert grid.patch == (4, 4)


def test_height_and_width_may_differ() -> None:
    grid = Grid(2, 4, 512)
    assert grid.shape == (2, 4)
    assert grid.cells == 8
    assert grid.bits == 72
    assert grid.patch == (14, 7)
