"""The model with two levels."""

import pytest
import torch
from torch import Tensor

from tests.model.conftest import small_config
from vqvae_explainer.model.grid import Grid, grids_of
from vqvae_explainer.model.hierarchical import HierarchicalVQVAE, make_model
from vqvae_explainer.model.presets import PRESETS
from vqvae_explainer.model.vqvae import VQVAE, Output


def hierarchical(**changes: object) -> VQVAE:
    torch.manual_seed(0)
    return make_model(small_config(**{"architecture": "hierarchical", "residual_blocks": 1} | changes))


def test_the_grids_of_the_presets() -> None:
    assert grids_of(PRESETS["hierarchy-20"]) == {"top": Grid(4, 4, 20), "": Grid(7, 7, 20)}
    assert grids_of(PRESETS["hierarchy-paper"]) == {"top": Grid(7, 7, 20), "": Grid(14, 14, 20)}
    assert not isinstance(make_model(PRESETS["residual-20"]), HierarchicalVQVAE)


def test_the_bottom_sees_the_codes_of_the_top(digits: Tensor) -> None:
    model = hierarchical().eval()
    top, bottom = model.levels
    with torch.no_grad():
        known = torch.randn(2, 4, 16, 4, 4)
        one, other = (bottom.encoder(digits, embeddings) for embeddings in known)
    assert (one - other).abs().max() > 1e-3
    assert [level.id for level in (top, bottom)] == ["top", ""]


def test_the_losses_are_those_of_both_levels(digits: Tensor) -> None:
    output: Output = hierarchical().eval()(digits)
    for name in ("codebook_loss", "commitment_loss"):
        expected = sum(getattr(level, name) for level in output.levels)
        assert torch.equal(getattr(output.losses, name.removesuffix("_loss")), expected)


@pytest.mark.parametrize(("rate", "training", "dropped"), [(0.25, True, 0.25), (0, True, 0), (0.25, False, 0)])
def test_the_bottom_is_dropped_in_training_only(rate: float, training: bool, dropped: float) -> None:
    model = hierarchical(bottom_dropout=rate).train(training)
    assert isinstance(model, HierarchicalVQVAE)
    kept = model.drop(torch.ones(2000, 7, 7, 1)).flatten(start_dim=1)
    assert ((kept == 0).all(dim=1) | (kept == 1).all(dim=1)).all()  # whole pictures
    assert (kept == 0).all(dim=1).float().mean() == pytest.approx(dropped, abs=0.04)


def test_editing_a_top_code_reaches_farther_than_editing_a_bottom_code() -> None:
    """From the layers: a top cell feeds 3×3 bottom cells, of 4×4 pixels each."""
    model = hierarchical(residual_blocks=0).eval()
    grids = [torch.zeros(1, *level.grid.shape, 16) for level in model.levels]
    reach = []
    with torch.no_grad():
        before = model.decode(*grids)
        for n, level in enumerate(model.levels):
            changed = [grid.clone() for grid in grids]
            middle = level.grid.height // 2
            changed[n][0, middle, middle] = 100
            rows, columns = (model.decode(*changed) != before)[0, 0].nonzero(as_tuple=True)
            reach.append((rows.max() - rows.min() + 1, columns.max() - columns.min() + 1))
    (top, _), (bottom, _) = reach
    assert top > bottom + 4  # and would be 8 farther, if the picture did not end
