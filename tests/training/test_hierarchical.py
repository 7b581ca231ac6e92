"""Training and evaluation of a model with two levels."""

from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.training.stopping import stopping_in_the_second_epoch
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.hierarchical import make_model
from vqvae_explainer.model.vqvae import VQVAE
from vqvae_explainer.training.loop import init_codebook, train
from vqvae_explainer.training.metrics import evaluate

DIGITS = 32 * 8
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def config(make_config: Callable[..., Config]) -> Config:
    return make_config(
        architecture="hierarchical", bottom_dropout=0.25, epochs=2, batch_size=32, learning_rate=0.01, beta=0.25
    )


@pytest.fixture(scope="module")
def model(config: Config, train_digits: Tensor) -> VQVAE:
    """Untrained, with codes that are encoder outputs."""
    torch.manual_seed(0)
    model = make_model(config)
    init_codebook(model, train_digits[:DIGITS])
    return model.eval().requires_grad_(False)


def test_a_resumed_run_drops_the_bottoms_that_the_whole_run_dropped(
    config: Config, train_digits: Tensor, tmp_path: Path
) -> None:
    digits, lines = train_digits[:DIGITS], []
    whole, history = train(config, digits, CPU, tmp_path / "whole.safetensors", report=lines.append)
    checkpoint = tmp_path / "stopped.safetensors"
    with stopping_in_the_second_epoch() as report:
        train(config, digits, CPU, checkpoint, report=report)
    torch.manual_seed(123)  # the state of the global generator must not matter
    resumed, _ = train(config, digits, CPU, checkpoint, resume=True, report=lambda _: None)
    assert all(torch.equal(tensor, resumed.state_dict()[name]) for name, tensor in whole.state_dict().items())
    assert history[-1].levels["top"].codes_used > 1
    assert "top: perplexity" in lines[0]


def test_the_codes_of_each_level_start_among_its_features(model: VQVAE, train_digits: Tensor) -> None:
    output = model(train_digits[:DIGITS].float() / 255)
    for quantization in output.levels:
        spread = quantization.feature_vectors.var(dim=0).sum()
        nearest = quantization.distances.min(dim=1).values.mean()
        assert 0 < nearest < spread / 2  # k-means found clusters
        assert len(quantization.indices.unique()) > 10


def test_each_level_is_measured(model: VQVAE, train_digits: Tensor) -> None:
    """Against the definitions, with all digits in one batch."""
    digits = train_digits[:300]
    figures = evaluate(model, digits)
    input = digits.float() / 255
    output = model(input)
    top, bottom = (level.quantized for level in output.levels)

    def error(picture: Tensor) -> float:
        return (picture - input).square().mean().item()

    assert figures.hierarchy is not None
    assert figures.test_mse == pytest.approx(error(output.reconstruction), rel=1e-4)
    assert figures.hierarchy.top_alone_mse == pytest.approx(error(model.decode(top, 0 * bottom)), rel=1e-4)
    assert figures.hierarchy.bottom_alone_mse == pytest.approx(error(model.decode(0 * top, bottom)), rel=1e-4)
    assert figures.hierarchy.top_shuffled_mse == pytest.approx(error(model.decode(top.roll(1, 0), bottom)), rel=1e-4)
    for measured, level in zip((figures.levels["top"], figures), output.levels, strict=True):
        counts = level.indices.flatten().bincount(minlength=20)
        assert measured.codes_used == (counts > 0).sum()
        places = np.frombuffer(b64decode(measured.code_usage_by_cell), "<u2").reshape(20, *level.indices.shape[1:])
        expected = np.stack([(level.indices == code).sum(dim=0) for code in range(20)])
        assert np.abs(places.astype(int) - expected).sum() <= 6  # a cell may lie between two codes
        torch.testing.assert_close(torch.tensor(measured.code_usage), counts / counts.sum(), atol=1e-3, rtol=0)
    assert figures.bits_per_image == pytest.approx((16 + 49) * 4.3219, rel=1e-4)


def test_a_card_of_one_level_says_nothing_of_levels(make_config: Callable[..., Config], train_digits: Tensor) -> None:
    torch.manual_seed(0)
    figures = evaluate(make_model(make_config()), train_digits[:20])
    assert not {"levels", "hierarchy"} & figures.model_dump().keys()
