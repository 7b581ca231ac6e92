"""The networks, the configuration and the presets."""

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from tests.model.conftest import small_config
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.grid import Grid
from vqvae_explainer.model.presets import DEFAULT, PRESETS
from vqvae_explainer.model.vqvae import VQVAE


@pytest.mark.parametrize(("size", "dim", "hidden", "blocks"), [(20, 16, 8, 2), (2, 1, 4, 0), (64, 5, 12, 3)])
def test_widths_can_be_chosen(size: int, dim: int, hidden: int, blocks: int) -> None:
    config = small_config(num_embeddings=size, embedding_dim=dim, hidden_channels=hidden, residual_blocks=blocks)
    output = VQVAE(config)(torch.rand(3, 1, 28, 28))
    assert output.quantization.features.shape == (3, 7, 7, dim)
    assert output.quantization.distances.shape == (147, size)
    assert output.reconstruction.shape == (3, 1, 28, 28)


def test_reconstruction_stays_between_no_ink_and_full_ink(model: VQVAE) -> None:
    with torch.no_grad():
        reconstruction = model.decode(torch.randn(4, 7, 7, 16) * 1000)
    assert reconstruction.min() >= 0
    assert reconstruction.max() <= 1


def test_the_layers_are_the_papers() -> None:
    model = VQVAE(PRESETS[DEFAULT])
    strided = [m for m in model.encoder.modules() if isinstance(m, nn.Conv2d) and m.stride == (2, 2)]
    transposed = [m for m in model.decoder.modules() if isinstance(m, nn.ConvTranspose2d)]
    assert [m.kernel_size for m in strided] == [(4, 4), (4, 4)]
    assert [(m.kernel_size, m.stride) for m in transposed] == [((4, 4), (2, 2)), ((4, 4), (2, 2))]
    for network in (model.encoder, model.decoder):
        assert [m.kernel_size for m in network.residual.modules() if isinstance(m, nn.Conv2d)] == [(3, 3), (1, 1)] * 2


def test_a_cell_is_made_from_the_pixels_at_its_place(model: VQVAE) -> None:
    """Nothing is transposed: ink in the upper right moves the features in the upper right."""
    input = torch.zeros(1, 1, 28, 28)
    inked = input.clone()
    inked[..., 0:4, 24:28] = 1
    with torch.no_grad():
        change = (model.encoder(inked) - model.encoder(input)).abs().sum(dim=(0, 1))  # (7, 7)
    upper_right, others = change[:3, 4:].sum(), (change[:3, :3].sum(), change[4:, :3].sum(), change[4:, 4:].sum())
    assert all(upper_right > 2 * other for other in others)


def test_a_cell_writes_the_pixels_at_its_place(model: VQVAE) -> None:
    embeddings = model.quantizer.embeddings.detach()
    indices = torch.zeros(1, 7, 7, dtype=torch.int64)
    changed = indices.clone()
    changed[0, 6, 0] = 1
    with torch.no_grad():
        change = (model.decode(embeddings[changed]) - model.decode(embeddings[indices])).abs().squeeze()
    patches = change.unfold(0, 4, 4).unfold(1, 4, 4).sum(dim=(2, 3))
    assert divmod(patches.flatten().argmax().item(), 7) == (6, 0)


def test_the_default_preset_is_the_one_that_was_asked_for() -> None:
    config = PRESETS[DEFAULT]
    assert (config.embedding_dim, VQVAE(config).grid) == (16, Grid(7, 7, 20))
    assert (config.beta, config.batch_size, config.epochs, config.codebook) == (0.75, 128, 100, "ema")


def test_presets_are_filed_under_their_names_and_survive_json() -> None:
    for name, preset in PRESETS.items():
        assert preset.name == name
        assert Config.model_validate_json(preset.model_dump_json()) == preset


@pytest.mark.parametrize(
    "changes",
    [{"num_embeddings": 1}, {"beta": -1}, {"epochs": 0}, {"name": "../up"}, {"unknown": 1}, {"codebook": "k"}],
)
def test_values_out_of_bounds_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=next(iter(changes))):
        small_config(**changes)
