"""The backward pass, compared with autograd of an independent implementation; gradients that must be zero."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from vqvae_explainer.explain.backend import Gradients
from vqvae_explainer.explain.gradients import gradients
from vqvae_explainer.explain.live import LiveModel

LOSSES = ("reconstruction", "codebook", "commitment")


def independent(explained: LiveModel, drawing: bytes, straight_through: bool) -> dict[str, np.ndarray]:
    """The same gradients from another implementation of the quantizer: loops for the nearest code, one-hot rows for the
    choice, and the straight-through estimator as a torch.autograd.Function."""
    model = explained.model
    input = torch.tensor(list(drawing), dtype=torch.float32).reshape(1, 1, 28, 28) / 255
    features = model.encoder(input)[0].permute(1, 2, 0).detach().clone().requires_grad_()  # (7, 7, D)
    codes = model.quantizer.embeddings.clone().requires_grad_()
    nearest = [
        int(np.argmin([float(((row - code) ** 2).sum()) for code in codes.detach()]))
        for row in features.detach().reshape(-1, features.shape[-1])
    ]
    one_hot = torch.eye(len(codes))[nearest]
    chosen = (one_hot @ codes).reshape(features.shape)

    class Copy(torch.autograd.Function):
        @staticmethod
        def forward(_: object, __: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
            return value.clone()

        @staticmethod
        def backward(_: object, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:  # type: ignore[override]
            return gradient, None

    quantized = Copy.apply(features, chosen.detach()) if straight_through else chosen
    losses = {
        "reconstruction": ((model.decoder(quantized.permute(2, 0, 1)[None]) - input) ** 2).mean(),
        "codebook": ((chosen - features.detach()) ** 2).mean(),
        "commitment": ((features - chosen.detach()) ** 2).mean(),
    }
    found = {"quantized": torch.autograd.grad(losses["reconstruction"], quantized, retain_graph=True)[0]}
    for name, loss in losses.items():
        by = torch.autograd.grad(loss, [features, codes], retain_graph=True, allow_unused=True, materialize_grads=True)
        found[f"features.{name}"], found[f"embeddings.{name}"] = by
    return {name: gradient.numpy() for name, gradient in found.items()}


def flat(found: Gradients) -> dict[str, np.ndarray]:
    values = {"quantized": found.quantized}
    for name in LOSSES:
        values |= {f"features.{name}": found.features[name], f"embeddings.{name}": found.embeddings[name]}
    return values


@pytest.mark.parametrize("straight_through", [True, False])
def test_against_an_independent_implementation(tiny: LiveModel, drawings: list[bytes], straight_through: bool) -> None:
    for drawing, found in zip(drawings, gradients(tiny.model, drawings, straight_through), strict=True):
        expected = independent(tiny, drawing, straight_through)
        for name, value in flat(found).items():
            assert value.shape == expected[name].shape
            assert_allclose(value, expected[name], rtol=1e-3, atol=1e-7, err_msg=name)


def test_straight_through_copies_the_gradient_to_the_features(tiny: LiveModel, drawings: list[bytes]) -> None:
    (found,) = gradients(tiny.model, drawings[:1])
    assert np.abs(found.quantized).max() > 0
    np.testing.assert_array_equal(found.features["reconstruction"], found.quantized)
    assert not found.embeddings["reconstruction"].any()


def test_without_it_the_encoder_gets_nothing_and_the_codebook_everything(
    tiny: LiveModel, drawings: list[bytes]
) -> None:
    (found,) = gradients(tiny.model, drawings[:1], straight_through=False)
    assert np.abs(found.quantized).max() > 0
    assert not found.features["reconstruction"].any()
    assert np.abs(found.embeddings["reconstruction"]).max() > 0


def test_only_chosen_codes_would_move(tiny: LiveModel, drawings: list[bytes]) -> None:
    from vqvae_explainer.explain.trace import trace

    (found,), (traced,) = gradients(tiny.model, drawings[:1]), trace(tiny.model, drawings[:1])
    moved = set(np.flatnonzero(np.abs(found.embeddings["codebook"]).sum(axis=1)))
    assert moved == set(traced.indices.flatten())
    assert not found.features["codebook"].any()
    assert not found.embeddings["commitment"].any()


def test_the_model_is_left_as_it_was(tiny: LiveModel, drawings: list[bytes]) -> None:
    before = {name: tensor.clone() for name, tensor in tiny.model.state_dict().items()}
    gradients(tiny.model, drawings[:1])
    assert all(torch.equal(before[name], tensor) for name, tensor in tiny.model.state_dict().items())
    assert all(p.grad is None and not p.requires_grad for p in tiny.model.parameters())
