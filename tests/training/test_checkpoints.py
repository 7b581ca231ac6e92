"""Checkpoints that cannot be resumed give an error with the reason."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from vqvae_explainer.errors import UserError
from vqvae_explainer.model.config import Config
from vqvae_explainer.training.checkpoints import checkpoint_path
from vqvae_explainer.training.loop import train


@pytest.fixture
def resume(train_digits: Tensor, make_config: Callable[..., Config]) -> Callable[..., object]:
    """Resume from a file; the keyword arguments change the configuration."""

    def start(checkpoint: Path, resume: bool = True, **changes: object) -> object:
        config = make_config(**{"epochs": 1, "batch_size": 32} | changes)
        return train(config, train_digits[:64], torch.device("cpu"), checkpoint, resume, report=lambda _: None)

    return start


@pytest.fixture
def checkpoint(resume: Callable[..., object], tmp_path: Path) -> Path:
    """The checkpoint of a run of one epoch."""
    path = checkpoint_path(tmp_path, "tiny")
    resume(path, resume=False)
    return path


def test_only_the_checkpoint_is_left(checkpoint: Path) -> None:
    assert [path.name for path in checkpoint.parent.iterdir()] == ["tiny.checkpoint.safetensors"]


def test_no_checkpoint(resume: Callable[..., object], tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no checkpoint .* to resume.*without --resume"):
        resume(tmp_path / "tiny.checkpoint.safetensors")


@pytest.mark.parametrize("changes", [{"epochs": 2}, {"beta": 0.5}, {"seed": 9, "batch_size": 16}])
def test_other_settings(resume: Callable[..., object], checkpoint: Path, changes: dict[str, object]) -> None:
    with pytest.raises(UserError, match="another value of") as caught:
        resume(checkpoint, **changes)
    assert all(name in str(caught.value) for name in changes)


@pytest.mark.parametrize("size", [0, 7, 1000, -1])
def test_cut_file(resume: Callable[..., object], checkpoint: Path, size: int) -> None:
    checkpoint.write_bytes(checkpoint.read_bytes()[:size])
    with pytest.raises(UserError, match="is damaged"):
        resume(checkpoint)


def test_other_file(resume: Callable[..., object], checkpoint: Path) -> None:
    save_file({"a": torch.zeros(1)}, checkpoint)
    with pytest.raises(UserError, match="is damaged"):
        resume(checkpoint)


def test_tensor_is_missing(resume: Callable[..., object], checkpoint: Path) -> None:
    from safetensors import safe_open

    with safe_open(checkpoint, framework="pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    del tensors["model.quantizer.embeddings"]
    save_file(tensors, checkpoint, metadata=metadata)
    with pytest.raises(UserError, match="is damaged"):
        resume(checkpoint)


def test_folder_cannot_be_written(resume: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="Cannot write"):
        resume(checkpoint_path(tmp_path / "file", "tiny"), resume=False)
