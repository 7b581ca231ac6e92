"""Gradient routing, a frequent mistake in published VQ-VAE code."""

import torch
from torch import Tensor
from torch.autograd import grad

from vqvae_explainer.model.vqvae import VQVAE


def gradients(loss: Tensor, tensors: list[Tensor]) -> list[Tensor | None]:
    """The gradient of `loss` with respect to each tensor; None if it does not depend on it."""
    return list(grad(loss, tensors, allow_unused=True, retain_graph=True))


def is_zero(gradient: Tensor | None) -> bool:
    return gradient is None or not gradient.any()


def codebook_of(model: VQVAE) -> Tensor:
    """The codebook with requires_grad, also if it is a buffer."""
    return model.quantizer.embeddings.requires_grad_()


def test_reconstruction_loss_reaches_the_encoder_unchanged_and_never_the_codebook(model: VQVAE, digits: Tensor) -> None:
    codebook = codebook_of(model)
    output = model(digits)
    q = output.quantization
    loss = output.losses.mean().reconstruction
    by_quantized, by_features, by_codebook = gradients(loss, [q.quantized, q.features, codebook])
    assert not is_zero(by_quantized)
    assert torch.equal(by_quantized, by_features)
    assert is_zero(by_codebook)
    assert all(not is_zero(g) for g in gradients(loss, [model.encoder.project.weight, model.decoder.project.weight]))


def test_codebook_loss_reaches_only_the_codebook(model: VQVAE, digits: Tensor) -> None:
    codebook = codebook_of(model)
    loss = model(digits).losses.mean().codebook
    assert not is_zero(gradients(loss, [codebook])[0])
    assert all(is_zero(g) for g in gradients(loss, [*model.encoder.parameters(), *model.decoder.parameters()]))


def test_commitment_loss_reaches_only_the_encoder(model: VQVAE, digits: Tensor) -> None:
    codebook = codebook_of(model)
    loss = model(digits).losses.mean().commitment
    assert not is_zero(gradients(loss, [model.encoder.project.weight])[0])
    assert all(is_zero(g) for g in gradients(loss, [codebook, *model.decoder.parameters()]))


def test_losses_are_taken_before_the_straight_through_step(model: VQVAE, digits: Tensor) -> None:
    codebook_of(model)
    q = model(digits).quantization
    # After that step both would depend on the features through `quantized` too.
    by_features = gradients(q.commitment_loss.mean(), [q.features])[0]
    expected = 2 * (q.features - q.quantized_vectors.reshape(q.features.shape)) / q.features.numel()
    torch.testing.assert_close(by_features, expected.detach())
    assert is_zero(gradients(q.codebook_loss.mean(), [q.features])[0])


def test_codebook_gradient_is_that_of_an_independent_implementation(model: VQVAE, digits: Tensor) -> None:
    codebook = codebook_of(model)
    q = model(digits).quantization
    found = gradients(q.codebook_loss.mean(), [codebook])[0]
    rows, codes = q.feature_vectors.detach().double(), codebook.detach().double()
    expected = torch.zeros_like(codes)
    for row, index in zip(rows, q.indices.flatten().tolist(), strict=True):
        expected[index] += 2 * (codes[index] - row) / rows.numel()
    torch.testing.assert_close(found.double(), expected, rtol=1e-4, atol=1e-8)


def test_total_is_the_sum_that_the_mode_minimizes(model: VQVAE, digits: Tensor) -> None:
    losses = model(digits).losses.mean()
    expected = losses.reconstruction + 0.75 * losses.commitment
    if model.config.codebook == "gradient":
        expected = expected + losses.codebook
        assert isinstance(model.quantizer.embeddings, torch.nn.Parameter)
    else:
        assert "embeddings" not in dict(model.quantizer.named_parameters())
    torch.testing.assert_close(losses.total, expected)
