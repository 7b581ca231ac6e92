"""The metrics of a prior, against independent computations."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from tests.training.prior.test_loop import small
from vqvae_explainer.training.prior.metrics import (
    bits_by_class,
    frechet_distance,
    mixture_bits,
    sample,
    sample_transformer,
)
from vqvae_explainer.training.prior.networks import Network, make_network


def test_bits_are_those_of_the_codes_one_by_one() -> None:
    torch.manual_seed(0)
    network = make_network(small()).eval().requires_grad_(False)
    codes = torch.randint(12, (3, 9)).short()
    found = bits_by_class(network, codes)
    for n, row in enumerate(codes.tolist()):
        for label in range(10):
            bits = 0.0
            for cell, code in enumerate(row):
                logits = network(torch.tensor([row]), torch.tensor([label]))[0, cell].double()
                bits -= math.log2(logits.exp()[code] / logits.exp().sum())
            assert found[n, label].item() == pytest.approx(bits, abs=1e-4)
    mean = (2.0**-found).mean(dim=1)
    assert mixture_bits(found).tolist() == pytest.approx((-mean.log2()).tolist())


@pytest.mark.parametrize("draw", [sample, sample_transformer])
def test_samples_follow_the_prior(draw: Callable[[Network, Tensor, float], Tensor]) -> None:
    """The first code of many samples has the frequencies that the prior gives it, also at another temperature."""
    torch.manual_seed(0)
    network = make_network(small()).eval().requires_grad_(False)
    labels = torch.full((4000,), 7)
    logits = network(torch.zeros(1, 9, dtype=torch.int64), labels[:1])[0, 0]
    for temperature in (1.0, 0.5):
        codes = draw(network, labels, temperature)
        frequencies = codes[:, 0].bincount(minlength=12) / 4000
        assert (frequencies - (logits / temperature).softmax(dim=0)).abs().max() < 0.03
        assert codes.unique(dim=0).shape[0] > 3900


def test_frechet_distance() -> None:
    """Of normal distributions with known moments; in one dimension it is (μ₁ − μ₂)² + (σ₁ − σ₂)²."""
    generator = torch.Generator().manual_seed(0)
    one = torch.randn(5000, 1, generator=generator, dtype=torch.float64)
    assert frechet_distance(one, 3 * one + 2) == pytest.approx(
        (2 * one + 2).mean().item() ** 2 + (2 * one.std().item()) ** 2, rel=1e-6
    )
    mixed = torch.randn(5000, 4, generator=generator, dtype=torch.float64) @ torch.randn(
        4, 4, generator=generator, dtype=torch.float64
    )
    assert frechet_distance(mixed, mixed) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(mixed, mixed + 0.5) == pytest.approx(4 * 0.25)
