"""Fixtures for the tests of the model."""

import pytest
import torch

from vqvae_explainer.model.config import Config
from vqvae_explainer.model.vqvae import VQVAE

MODES = ("ema", "gradient")


def small_config(**changes: object) -> Config:
    """A narrow model, for speed."""
    values = {
        "name": "small",
        "title": "Small",
        "description": "For tests.",
        "hidden_channels": 8,
        "residual_channels": 4,
    }
    return Config.model_validate(values | changes)


@pytest.fixture(params=MODES)
def model(request: pytest.FixtureRequest) -> VQVAE:
    """An untrained model, in each codebook mode, whose codes are encoder outputs."""
    torch.manual_seed(0)
    model = VQVAE(small_config(codebook=request.param))
    rows = model.quantizer(model.encoder(torch.rand(8, 1, 28, 28))).feature_vectors.detach()
    model.quantizer.initialize(rows, torch.Generator().manual_seed(0))
    return model


@pytest.fixture
def digits() -> torch.Tensor:
    """Four pictures of noise, (4, 1, 28, 28)."""
    return torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(1))
