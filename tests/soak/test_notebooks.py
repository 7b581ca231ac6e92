"""Jupyter executes the notebooks: those that train in small, the others with the shipped model."""

from pathlib import Path

import pytest

from tests.notebooks.executing import EPOCHS, FOLDER, execute
from vqvae_explainer.model.presets import DEFAULT, PRESETS
from vqvae_explainer.model.weights import load_weights
from vqvae_explainer.resources import resource


@pytest.mark.parametrize("preset", [DEFAULT, "hierarchy-20"])
def test_training_notebook(
    data_dir: Path, weights_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, preset: str
) -> None:
    monkeypatch.setenv("PRESET", preset)
    (written,) = execute(FOLDER / "train.ipynb", data_dir, weights_dir / "tiny.safetensors", tmp_path)
    model, card = load_weights(written)
    assert model.config.name == written.stem == "notebook"
    assert model.config.architecture == PRESETS[preset].architecture
    assert len(card.history) == EPOCHS


def test_collapse_notebook(data_dir: Path, weights_dir: Path, tmp_path: Path) -> None:
    assert execute(FOLDER / "collapse.ipynb", data_dir, weights_dir / "tiny.safetensors", tmp_path) == []


def test_quantizer_notebook(data_dir: Path, tmp_path: Path) -> None:
    assert execute(FOLDER / "quantizer.ipynb", data_dir, resource("weights") / f"{DEFAULT}.safetensors", tmp_path) == []


def test_generate_notebook(data_dir: Path, tmp_path: Path) -> None:
    assert execute(FOLDER / "generate.ipynb", data_dir, resource("weights") / f"{DEFAULT}.safetensors", tmp_path) == []
