"""The models that the server offers."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from vqvae_explainer.errors import UserError
from vqvae_explainer.explain.loading import load_models
from vqvae_explainer.model.card import ModelCard
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.presets import DEFAULT
from vqvae_explainer.model.vqvae import VQVAE
from vqvae_explainer.model.weights import save_weights


def test_one_file(weights_dir: Path) -> None:
    assert list(load_models(weights_dir / "tiny.safetensors")) == ["tiny"]


def test_folder_without_its_checkpoints(weights_dir: Path) -> None:
    assert list(load_models(weights_dir)) == ["other", "tiny"]


def test_default_preset_comes_first(
    weights_dir: Path,
    tmp_path: Path,
    make_model: Callable[[Config], VQVAE],
    make_config: Callable[..., Config],
    make_card: Callable[[Config], ModelCard],
) -> None:
    shutil.copytree(weights_dir, tmp_path, dirs_exist_ok=True)
    config = make_config(DEFAULT)
    save_weights(make_model(config), make_card(config), tmp_path)
    assert list(load_models(tmp_path)) == [DEFAULT, "other", "tiny"]


def test_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There are no weights in"):
        load_models(tmp_path)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There are no weights at"):
        load_models(tmp_path / "nothing")


def test_one_bad_file_in_a_folder(weights_dir: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    shutil.copytree(weights_dir, tmp_path, dirs_exist_ok=True)
    (tmp_path / "tiny.safetensors").write_bytes(b"")
    assert list(load_models(tmp_path)) == ["other"]
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "tiny.safetensors are damaged" in record.getMessage()
    (tmp_path / "other.json").unlink()
    with pytest.raises(UserError, match=r"There is no card .*other\.json"):
        load_models(tmp_path)


def test_two_weights_with_one_name(weights_dir: Path, tmp_path: Path) -> None:
    for suffix in ("safetensors", "json"):
        for stem in ("tiny", "copy"):
            shutil.copy(weights_dir / f"tiny.{suffix}", tmp_path / f"{stem}.{suffix}")
    with pytest.raises(UserError, match=r"copy\.safetensors and .*tiny\.safetensors are both named tiny\. Move one"):
        load_models(tmp_path)
