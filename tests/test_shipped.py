"""The shipped weights, measured on the real test digits."""

from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from vqvae_explainer.cli import main
from vqvae_explainer.model.card import Card, Figures
from vqvae_explainer.model.presets import DEFAULT, PRESETS
from vqvae_explainer.model.weights import load_card
from vqvae_explainer.resources import resource

WEIGHTS = resource("weights") / f"{DEFAULT}.safetensors"


@pytest.fixture(scope="module")
def card() -> Card:
    return load_card(WEIGHTS.with_suffix(".json"))


@pytest.fixture(scope="module")
def figures(data_dir: Path) -> Figures:
    """What `evaluate` finds."""
    with redirect_stdout(StringIO()) as printed:
        assert main(["evaluate", "--data-dir", str(data_dir), "--json"]) == 0
    return Figures.model_validate_json(printed.getvalue())


def test_nearly_every_pixel_is_right(figures: Figures) -> None:
    assert figures.test_mse <= 0.0028


def test_every_code_is_used(figures: Figures) -> None:
    assert figures.codes_used == 20
    assert min(figures.code_usage) > 0
    assert figures.perplexity > 10


def test_features_snap(figures: Figures) -> None:
    assert figures.margin <= 0.4
    assert figures.quantization_error <= 0.04


def test_codes_work_locally(figures: Figures) -> None:
    assert figures.locality >= 0.95


def test_size(figures: Figures) -> None:
    assert figures.bits_per_image == pytest.approx(211.774, abs=1e-3)


def test_card_tells_the_same(figures: Figures, card: Card) -> None:
    measured, told = figures.model_dump(), card.figures.model_dump()
    for name in measured:
        assert measured[name] == pytest.approx(told[name], rel=1e-4), name


def test_card_tells_where_the_weights_are_from(card: Card) -> None:
    assert card.config == PRESETS[DEFAULT]
    assert card.command.startswith("vqvae-explainer train")
    assert {"python", "torch", "vqvae-explainer"} <= card.versions.keys()
    assert all(card.versions.values())
    assert card.device
    assert len(card.data_md5) == 4
    assert [epoch.epoch for epoch in card.history] == list(range(1, card.config.epochs + 1))
