"""What the page shows of a model without a drawing, from the imported source."""

import pytest
import torch

from vqvae_explainer.explain import live
from vqvae_explainer.explain.codes import principal_order
from vqvae_explainer.explain.live import LiveModel


def test_stages(tiny: LiveModel) -> None:
    assert tiny.stages == {
        "input": [28, 28],
        "features": [7, 7, 16],
        "feature_vectors": [49, 16],
        "embeddings": [20, 16],
        "distances": [49, 20],
        "indices": [7, 7],
        "quantized_vectors": [49, 16],
        "quantized": [7, 7, 16],
        "reconstruction": [28, 28],
    }


def test_listings_are_those_of_the_start(tiny: LiveModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is edited later is not the code that runs."""
    monkeypatch.setattr(live, "listings", lambda _: {})
    assert [listing["id"] for listing in tiny.detail["listings"]] == ["quantizer", "encoder", "decoder", "loss"]


def test_points_on_a_line_are_put_in_order() -> None:
    positions = torch.tensor([3.0, -1.0, 10.0, 4.0, 0.5])
    points = torch.ones(5, 16) + positions[:, None] * torch.linspace(-1, 2, 16)
    order = principal_order(points)
    assert order in ([1, 4, 0, 3, 2], [2, 3, 0, 4, 1])


def test_order_is_a_permutation_of_the_codes(tiny: LiveModel, other: LiveModel) -> None:
    assert sorted(tiny.levels[""].code_order) == list(range(20))
    assert sorted(other.levels[""].code_order) == list(range(12))


def test_order_follows_the_longest_axis(tiny: LiveModel) -> None:
    """The axis of the largest variance, found by power iteration."""
    codes = tiny.model.quantizer.embeddings.double()
    centered = codes - codes.mean(dim=0)
    axis = torch.randn(16, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for _ in range(2000):  # power iteration
        axis = centered.T @ (centered @ axis)
        axis /= axis.norm()
    along = (centered @ axis)[tiny.levels[""].code_order]
    steps = along.diff()
    assert (steps >= -1e-6).all() or (steps <= 1e-6).all()


def test_order_does_not_depend_on_the_order_of_rows(tiny: LiveModel) -> None:
    """The sign of the axis is arbitrary; the order must not flip with it."""
    codes = tiny.model.quantizer.embeddings
    shuffle = torch.randperm(20, generator=torch.Generator().manual_seed(1))
    again = [int(shuffle[code]) for code in principal_order(codes[shuffle])]
    assert again == tiny.levels[""].code_order
    assert principal_order(codes * 3 + 5) == tiny.levels[""].code_order
