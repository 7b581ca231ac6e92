"""The shipped weights, measured on the real test digits."""

from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from vqvae_explainer.cli import main
from vqvae_explainer.explain.onnx_backend import OnnxBackend, load_backend
from vqvae_explainer.explain.trace import trace
from vqvae_explainer.model.card import Metrics, ModelCard
from vqvae_explainer.model.playback import load_playback
from vqvae_explainer.model.presets import DEFAULT, PRESETS
from vqvae_explainer.model.weights import load_card, load_weights
from vqvae_explainer.resources import resource

WEIGHTS = resource("weights") / f"{DEFAULT}.safetensors"


@pytest.fixture(scope="module")
def card() -> ModelCard:
    return load_card(WEIGHTS.with_suffix(".json"))


@pytest.fixture(scope="module")
def figures(data_dir: Path) -> Metrics:
    """What `evaluate` finds."""
    with redirect_stdout(StringIO()) as printed:
        assert main(["evaluate", "--data-dir", str(data_dir), "--json"]) == 0
    return Metrics.model_validate_json(printed.getvalue())


def test_nearly_every_pixel_is_right(figures: Metrics) -> None:
    assert figures.test_mse <= 0.0028


def test_every_code_is_used(figures: Metrics) -> None:
    assert figures.codes_used == 20
    assert min(figures.code_usage) > 0
    assert figures.perplexity > 10


def test_features_snap(figures: Metrics) -> None:
    assert figures.margin <= 0.4
    assert figures.quantization_error <= 0.04


def test_codes_work_locally(figures: Metrics) -> None:
    assert figures.locality >= 0.95


def test_size(figures: Metrics) -> None:
    assert figures.bits_per_image == pytest.approx(211.774, abs=1e-3)


def test_card_tells_the_same(figures: Metrics, card: ModelCard) -> None:
    measured, told = figures.model_dump(), card.figures.model_dump()
    for name in measured:
        assert measured[name] == pytest.approx(told[name], rel=1e-4), name


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_shipped_with_its_card(name: str) -> None:
    model, card = load_weights(resource("weights") / f"{name}.safetensors")
    preset = PRESETS[name]
    assert model.config == card.config == preset
    assert card.figures.parameters == sum(tensor.numel() for tensor in model.parameters()) + (
        0 if preset.codebook == "gradient" else model.quantizer.embeddings.numel()
    )
    assert_provenance(card)


@pytest.mark.parametrize("name", [name for name in PRESETS if name != DEFAULT])
def test_error_of_the_others_is_that_of_their_cards(name: str, digits: Tensor) -> None:
    model, card = load_weights(resource("weights") / f"{name}.safetensors")
    with torch.inference_mode():
        errors = [
            (model(batch).reconstruction.clamp(0, 1) - batch).square().mean().item()
            for batch in (digits.float() / 255).split(500)
        ]
    assert sum(errors) / len(errors) == pytest.approx(card.figures.test_mse, rel=1e-3)


def test_a_healthy_and_a_collapsed_run_can_be_played_back() -> None:
    playbacks = (load_playback(resource("weights") / f"{name}.safetensors") for name in PRESETS)
    ends = {p.name: p.snapshots[-1].codes_used / len(p.snapshots[-1].usage) for p in playbacks if p is not None}
    assert ends[DEFAULT] == 1
    assert min(ends.values()) < 0.1


def test_default_model_is_exported(digits: Tensor) -> None:
    path = resource("weights") / f"{DEFAULT}.safetensors"
    model, _ = load_weights(path)
    fast = load_backend(model, path)
    assert isinstance(fast, OnnxBackend)
    drawings = [bytes(digit.flatten().tolist()) for digit in digits[:200]]
    found, expected = trace(fast, drawings), trace(model, drawings)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.features, other.features, atol=1e-4)
    # Rounding may decide between two codes that are equally near.
    assert np.mean([one.indices == other.indices for one, other in zip(found, expected, strict=True)]) > 0.999


def test_exports_do_not_tell_where_they_were_made() -> None:
    exports = list(resource("weights").glob("*.onnx"))
    assert exports
    assert not [path.name for path in exports if b'.py"' in path.read_bytes()]


def test_default_card_is_that_of_the_preset(card: ModelCard) -> None:
    assert card.config == PRESETS[DEFAULT]


def assert_provenance(card: ModelCard) -> None:
    """A card tells where its weights are from."""
    assert card.command.startswith("vqvae-explainer train")
    assert {"python", "torch", "vqvae-explainer"} <= card.versions.keys()
    assert all(card.versions.values())
    assert card.device
    assert len(card.data_md5) == 4
    assert [epoch.epoch for epoch in card.history] == list(range(1, card.config.epochs + 1))
