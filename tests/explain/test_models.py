"""What the page shows of a model without a drawing."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from vqvae_explainer.errors import UserError
from vqvae_explainer.explain.models import ExplainedModel, load_models, principal_order
from vqvae_explainer.model.card import ModelCard
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.presets import DEFAULT
from vqvae_explainer.model.vqvae import VQVAE
from vqvae_explainer.model.weights import save_weights


def test_stages(tiny: ExplainedModel) -> None:
    assert tiny.stages == {
        "input": [28, 28],
        "features": [7, 7, 16],
        "feature_vectors": [49, 16],
        "embeddings": [20, 16],
        "distances": [49, 20],
        "indices": [7, 7],
        "quantized_vectors": [49, 16],
        "quantized": [7, 7, 16],
        "reconstruction": [28, 28],
    }


def test_points_on_a_line_are_put_in_order() -> None:
    positions = torch.tensor([3.0, -1.0, 10.0, 4.0, 0.5])
    points = torch.ones(5, 16) + positions[:, None] * torch.linspace(-1, 2, 16)
    order = principal_order(points)
    assert order in ([1, 4, 0, 3, 2], [2, 3, 0, 4, 1])


def test_order_is_a_permutation_of_the_codes(tiny: ExplainedModel, other: ExplainedModel) -> None:
    assert sorted(tiny.code_order) == list(range(20))
    assert sorted(other.code_order) == list(range(12))


def test_order_follows_the_longest_axis(tiny: ExplainedModel) -> None:
    """The axis of the largest variance, found by power iteration."""
    codes = tiny.model.quantizer.embeddings.double()
    centered = codes - codes.mean(dim=0)
    axis = torch.randn(16, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for _ in range(2000):  # power iteration
        axis = centered.T @ (centered @ axis)
        axis /= axis.norm()
    along = (centered @ axis)[tiny.code_order]
    steps = along.diff()
    assert (steps >= -1e-6).all() or (steps <= 1e-6).all()


def test_order_does_not_depend_on_the_order_of_rows(tiny: ExplainedModel) -> None:
    """The sign of the axis is arbitrary; the order must not flip with it."""
    codes = tiny.model.quantizer.embeddings
    shuffle = torch.randperm(20, generator=torch.Generator().manual_seed(1))
    again = [int(shuffle[code]) for code in principal_order(codes[shuffle])]
    assert again == tiny.code_order
    assert principal_order(codes * 3 + 5) == tiny.code_order


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
    (record,) = caplog.records
    assert record.levelname == "ERROR"
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
