"""Training on a full disk, without permissions, or with changed data: old files stay, the error says what to do."""

import resource
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from vqvae_explainer.errors import UserError
from vqvae_explainer.model.card import ModelCard
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.presets import DEFAULT, PRESETS
from vqvae_explainer.model.vqvae import VQVAE
from vqvae_explainer.model.weights import load_weights, save_weights
from vqvae_explainer.training.data import CHECKSUMS
from vqvae_explainer.training.loop import train
from vqvae_explainer.training.run import run


@pytest.fixture
def full_disk() -> Iterator[Callable[[int], None]]:
    """Limit the size of files: writing then fails as on a full disk, with another error number.

    Tests must remove the limit before they end, because it also applies to pytest.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_no_room_for_the_checkpoint(
    make_config: Callable[..., Config], train_digits: Tensor, tmp_path: Path, full_disk: Callable[[int], None]
) -> None:
    """The checkpoint of the previous epoch stays; the run can be resumed from it."""
    config = make_config(epochs=2, batch_size=32)
    arguments = (config, train_digits[:64], torch.device("cpu"), tmp_path / "tiny.checkpoint.safetensors")
    lines: list[str] = []

    def fill(line: str) -> None:
        lines.append(line)
        if len(lines) == 2:
            full_disk(5000)

    with pytest.raises(UserError, match=r"^Cannot write .*tiny\.checkpoint\.safetensors: .*\.$"):
        train(*arguments, report=fill)
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.checkpoint.safetensors"]
    full_disk(resource.getrlimit(resource.RLIMIT_FSIZE)[1])
    assert len(train(*arguments, resume=True, report=lines.append)[1]) == 2
    assert [line[:9] for line in lines] == ["epoch 1/2", "epoch 2/2", "epoch 2/2"]


@pytest.mark.parametrize("size", [0, 1000])
def test_no_room_for_the_weights(
    make_config: Callable[..., Config],
    make_model: Callable[[Config], VQVAE],
    make_card: Callable[[Config], ModelCard],
    tmp_path: Path,
    full_disk: Callable[[int], None],
    size: int,
) -> None:
    """The old weights stay."""
    old, new = (make_config(seed=seed) for seed in (0, 1))
    path = save_weights(make_model(old), make_card(old), tmp_path)
    model = make_model(new)
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    full_disk(size)
    try:
        with pytest.raises(UserError, match=r"^Cannot write .*tiny\.safetensors: .*\.$"):
            save_weights(model, make_card(new), tmp_path)
    finally:
        full_disk(unlimited)  # before pytest writes something
    assert load_weights(path)[0].config == old
    assert sorted(found.name for found in tmp_path.iterdir()) == ["tiny.json", "tiny.safetensors"]


def test_changed_data_is_refused_before_training(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "train-labels-idx1-ubyte"
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for other in CHECKSUMS:
        if other != name:
            (raw / other).symlink_to(data_dir / "MNIST" / "raw" / other)
    content = bytearray((data_dir / "MNIST" / "raw" / name).read_bytes())
    content[-1] ^= 1
    (raw / name).write_bytes(content)
    monkeypatch.setattr("vqvae_explainer.training.run.train", lambda *_, **__: pytest.fail("training began"))
    with pytest.raises(UserError, match=rf"{name} has the MD5.*Delete it and try again\.$"):
        run(PRESETS[DEFAULT], {"name": "tiny"}, "cpu", tmp_path, tmp_path / "out", resume=False)


def test_leftovers_of_a_killed_run_are_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, others = tmp_path / ".tiny.safetensors.123.tmp", tmp_path / ".tinier.safetensors.123.tmp"
    for path in (ours, others):
        path.write_text("half a file")

    def stop(*_: object, **__: object) -> None:
        raise UserError("far enough.")

    monkeypatch.setattr("vqvae_explainer.training.run.load_mnist", stop)
    with pytest.raises(UserError, match="far enough"):
        run(PRESETS[DEFAULT], {"name": "tiny"}, "cpu", tmp_path, tmp_path, resume=False)
    assert [path.name for path in tmp_path.iterdir()] == [others.name]
