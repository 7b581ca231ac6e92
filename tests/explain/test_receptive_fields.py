"""Receptive fields, compared with finite differences."""

from copy import deepcopy

import numpy as np
import pytest
import torch

from vqvae_explainer.explain.live import LiveModel
from vqvae_explainer.explain.receptive_fields import SHARE, Boxes, output_influence, receptive_fields, smallest_box
from vqvae_explainer.model.grid import Grid

GRID = Grid(7, 7, 20)


@pytest.fixture(scope="module")
def fields(tiny: LiveModel) -> tuple[Boxes, Boxes]:
    return receptive_fields(tiny.model, tiny.backend)[""]


def test_boxes_hold_the_cells_own_patch_and_stay_inside(fields: tuple[Boxes, Boxes]) -> None:
    for boxes in fields:
        assert [len(row) for row in boxes] == [7] * 7
        for i, row in enumerate(boxes):
            for j, (top, left, bottom, right) in enumerate(row):
                assert 0 <= top <= 4 * i
                assert 4 * i + 4 <= bottom <= 28
                assert 0 <= left <= 4 * j
                assert 4 * j + 4 <= right <= 28


def test_fields_repeat(tiny: LiveModel, fields: tuple[Boxes, Boxes]) -> None:
    assert receptive_fields(tiny.model, tiny.backend) == {"": fields}


def test_read_box_holds_the_share_of_finite_differences(tiny: LiveModel, fields: tuple[Boxes, Boxes]) -> None:
    """Change single pixels and measure the change of a cell's features."""
    i, j, step = 2, 4, 1e-2
    model = deepcopy(tiny.model).double()
    noise = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    influence = torch.zeros(28, 28)
    before = model.encoder(noise)[:, :, i, j]
    for row in range(28):
        for column in range(28):
            poked = noise.clone()
            poked[:, :, row, column] += step
            influence[row, column] = (model.encoder(poked)[:, :, i, j] - before).square().sum()
    top, left, bottom, right = fields[0][i][j]
    # Other pictures and all directions instead of random ones: the box was not fitted to these.
    assert influence[top:bottom, left:right].sum() > 0.9 * influence.sum()


def test_write_box_holds_the_share_of_changed_codes(tiny: LiveModel, fields: tuple[Boxes, Boxes]) -> None:
    i, j = 0, 6
    codes = tiny.model.quantizer.embeddings
    generator = torch.Generator().manual_seed(5)
    influence = torch.zeros(28, 28)
    for _ in range(40):
        indices = torch.randint(20, (1, *GRID.shape), generator=generator)
        before = tiny.model.decode(codes[indices])
        indices[0, i, j] = (indices[0, i, j] + 7) % 20
        influence += (tiny.model.decode(codes[indices]) - before).square()[0, 0]
    top, left, bottom, right = fields[1][i][j]
    assert influence[top:bottom, left:right].sum() > 0.9 * influence.sum()


def test_box_is_the_smallest(tiny: LiveModel) -> None:
    """A box that is smaller by a pixel on every side contains less than SHARE, except for the bare patch."""
    indices = np.random.default_rng(5).integers(20, size=(4, *GRID.shape))
    for i, j in ((0, 0), (3, 3), (6, 2)):
        influence = output_influence(tiny.backend, {"": indices}, "", i)[j]
        top, left, bottom, right = smallest_box(influence, i, j, GRID)
        assert influence[top:bottom, left:right].sum() >= SHARE * influence.sum()
        grown = max(4 * i - top, bottom - 4 * i - 4, 4 * j - left, right - 4 * j - 4)
        if grown:
            less = grown - 1
            rows = slice(max(4 * i - less, 0), 4 * i + 4 + less)
            columns = slice(max(4 * j - less, 0), 4 * j + 4 + less)
            assert influence[rows, columns].sum() < SHARE * influence.sum()


def test_influence_in_one_place() -> None:
    influence = np.zeros((28, 28), np.float32)
    influence[13, 9] = 1  # three pixels below the patch of cell (2, 2), which ends at row 12
    assert smallest_box(influence, 2, 2, GRID) == (6, 6, 14, 14)
    assert smallest_box(influence, 3, 2, GRID) == (12, 8, 16, 12)


def test_no_influence_at_all() -> None:
    assert smallest_box(np.zeros((28, 28), np.float32), 1, 1, GRID) == (4, 4, 8, 8)
