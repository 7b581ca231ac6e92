"""Every architecture has the same interface and the layers of its reference."""

import pytest
import torch
from torch import Tensor, nn

from vqvae_explainer.model.architectures.output import to_picture
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.hierarchical import make_model
from vqvae_explainer.model.presets import PRESETS
from vqvae_explainer.model.vqvae import VQVAE

presets = pytest.mark.parametrize("config", PRESETS.values(), ids=PRESETS.keys())


def numbers(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@presets
def test_shapes(config: Config, digits: Tensor) -> None:
    model = make_model(config)
    output = model(digits)
    for level, quantization in zip(model.levels, output.levels, strict=True):
        assert quantization.features.shape == (4, *level.grid.shape, config.embedding_dim)
        assert quantization.distances.shape == (4 * level.grid.cells, config.num_embeddings)
    assert output.reconstruction.shape == (4, 1, 28, 28)
    assert model.architecture.convolutional == any(isinstance(part, nn.Conv2d) for part in model.modules())


@presets
def test_every_part_learns(config: Config, digits: Tensor) -> None:
    model = make_model(config)
    torch.autograd.backward(model(digits).losses.mean().total)
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in model.parameters())


def test_numbers_of_the_explainer_paper() -> None:
    """By hand, from the layers of the Keras example: 3×3 convolutions 1→32→64 and 1×1 to 16; mirrored 16→64→32→1."""
    model = VQVAE(PRESETS["explainer"])
    assert numbers(model.encoder) == (9 * 32 + 32) + (9 * 32 * 64 + 64) + (64 * 16 + 16)
    assert numbers(model.decoder) == (9 * 16 * 64 + 64) + (9 * 64 * 32 + 32) + (9 * 32 + 1)
    assert numbers(model.quantizer) == 20 * 16


def test_a_frozen_codebook_has_no_parameters() -> None:
    assert numbers(VQVAE(PRESETS["explainer-frozen"]).quantizer) == 0


def test_numbers_of_the_minimal_article() -> None:
    model = VQVAE(PRESETS["minimal-40"])
    assert numbers(model.encoder) == (16 * 64 + 64) + (16 * 64 * 64 + 64) + (9 * 64 * 256 + 256)
    assert numbers(model.decoder) == (9 * 256 * 64 + 64) + (16 * 64 * 64 + 64) + (16 * 64 + 1)


def test_numbers_of_the_mlp_article() -> None:
    model = VQVAE(PRESETS["mlp-512"])
    assert numbers(model.encoder) == (784 * 128 + 128) + (128 * 64 + 64) + (64 * 64 + 64)
    assert numbers(model.decoder) == (64 * 128 + 128) + (128 * 784 + 784)


def test_noise_has_the_bounds_of_the_references() -> None:
    torch.manual_seed(0)
    frozen = VQVAE(PRESETS["explainer-frozen"]).quantizer.embeddings
    assert 0.045 < frozen.abs().max() <= 0.05
    large = VQVAE(PRESETS["minimal-512"]).quantizer.embeddings
    assert 0.9 / 512 < large.abs().max() <= 1 / 512
    normal = VQVAE(PRESETS["mlp-512"]).quantizer.embeddings
    torch.testing.assert_close(normal.std().item(), 1.0, atol=0.02, rtol=0)


def test_outputs() -> None:
    values = torch.linspace(-9, 9, 19)
    torch.testing.assert_close(to_picture(values, "sigmoid"), 1 / (1 + (-values).exp()))
    torch.testing.assert_close(2 * to_picture(values, "tanh") - 1, values.tanh())
    assert to_picture(values, "linear") is values


def test_the_minimal_model_minimizes_the_error_of_pictures_from_minus_one_to_one(digits: Tensor) -> None:
    model = VQVAE(PRESETS["minimal-20"])
    output = model(digits)
    losses = output.losses.mean()
    stretched = torch.nn.functional.mse_loss(2 * output.reconstruction - 1, 2 * digits - 1)
    torch.testing.assert_close(losses.total, stretched + losses.codebook + 0.25 * losses.commitment)
