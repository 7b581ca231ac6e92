"""A training in its own process's code: snapshots, its ends, its files."""

from base64 import b64decode
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import torch
from torch import Tensor

from vqvae_explainer.errors import UserError
from vqvae_explainer.lab import process, training
from vqvae_explainer.lab.folder import Status, TrainingFolder
from vqvae_explainer.lab.job import Codebook, Job, make_config
from vqvae_explainer.model.playback import Snapshot
from vqvae_explainer.model.projection import principal_plane
from vqvae_explainer.model.weights import load_weights

DRAWING = bytes(300) + b"\xff" * 60 + bytes(424)


@pytest.fixture
def folder(tmp_path: Path, train_digits: Tensor, digits: Tensor, monkeypatch: pytest.MonkeyPatch) -> TrainingFolder:
    """A folder whose process would find few digits, in this process; there is no limit of its memory."""
    monkeypatch.setattr(training, "load_mnist", lambda _, train: train_digits[:640] if train else digits[:100])
    monkeypatch.setattr(training, "limit_memory", lambda _: None)
    monkeypatch.setattr(training, "QUICK", (600.0, 0.0))
    monkeypatch.setattr(training, "GRACE_SECONDS", 600)
    with TrainingFolder.create(tmp_path) as (folder, _):
        folder.draw(DRAWING)
    return folder


def job(codebook: Codebook = "ema", seconds: float = 100.0, **changes: object) -> Job:
    config = make_config(8, 0.5, codebook).model_copy(update={"epochs": 2, **changes})
    return Job(config=config, seconds=seconds, megabytes=2048)


def snapshots(folder: TrainingFolder) -> list[Snapshot]:
    lines, _ = folder.read_snapshots(0)
    return [Snapshot.model_validate_json(line) for line in lines.splitlines()]


def status(folder: TrainingFolder) -> Status:
    return Status.model_validate_json((folder.path / "status.json").read_bytes())


@pytest.mark.parametrize("codebook", ["ema", "gradient", "frozen"])
def test_a_whole_training(folder: TrainingFolder, codebook: Codebook, tmp_path: Path) -> None:
    folder.request(job(codebook))
    training.train_in(folder)
    assert status(folder) == Status(state="finished", reason="epochs")
    found = snapshots(folder)
    assert [snapshot.step for snapshot in found] == list(range(21))
    assert found[-1].losses.reconstruction < found[0].losses.reconstruction
    assert {(len(s.positions), len(s.features), len(s.usage)) for s in found} == {(8, 49, 8)}
    pictures = [np.frombuffer(b64decode(s.reconstructions), np.uint8) for s in found]
    assert {picture.size for picture in pictures} == {784}
    assert (pictures[0] != pictures[-1]).any()
    still = [snapshot.positions for snapshot in (found[0], found[-1])]
    assert (still[0] == still[1]) == (codebook == "frozen")
    with ZipFile(folder.model) as archive:
        archive.extractall(tmp_path / "out")
    model, card = load_weights(tmp_path / "out" / f"mine-8-{codebook}.safetensors")
    assert (card.config.codebook, len(card.history)) == (codebook, 2)
    assert card.command == "Trained in the page for 20 steps."
    assert 0 < card.figures.test_mse < 0.2
    # The last snapshot is of this model.
    drawing = torch.frombuffer(bytearray(DRAWING), dtype=torch.uint8).reshape(1, 1, 28, 28).float() / 255
    shown = (model(drawing).reconstruction.clamp(0, 1) * 255).round().to(torch.uint8)
    np.testing.assert_allclose(shown.flatten().numpy().astype(int), pictures[-1].astype(int), atol=1)


@pytest.mark.parametrize("reason", ["stopped", "time_limit", "unattended", "diverged"])
def test_what_ends_a_training(folder: TrainingFolder, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if reason == "stopped":
        folder.stop()
    if reason == "unattended":
        monkeypatch.setattr(training, "GRACE_SECONDS", -1)
    if reason == "diverged":
        monkeypatch.setattr(training.math, "isfinite", lambda _: False)
    folder.request(job(seconds=-1 if reason == "time_limit" else 100))
    training.train_in(folder)
    has_model = reason in ("stopped", "time_limit")
    assert status(folder) == Status(state="finished" if has_model else "failed", reason=reason)
    assert folder.model.exists() == has_model
    assert len(snapshots(folder)) <= 4


def test_the_drawing_may_change(folder: TrainingFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    at = iter(range(100))
    report = training.Reporter._report

    def redraw(reporter: training.Reporter) -> None:
        folder.draw(DRAWING if next(at) < 5 else bytes(784))
        report(reporter)

    monkeypatch.setattr(training.Reporter, "_report", redraw)
    folder.request(job("frozen", learning_rate=1e-12))  # a model that stays the same
    training.train_in(folder)
    features = [str(snapshot.features) for snapshot in snapshots(folder)]
    assert len(set(features[:5])) == len(set(features[5:])) == 1
    assert features[4] != features[5]


def test_the_map_does_not_spin() -> None:
    generator = torch.Generator().manual_seed(0)
    codes = torch.randn(20, 16, generator=generator, dtype=torch.float64)
    before = principal_plane(codes)
    plane = principal_plane(codes + 1e-3 * torch.randn(20, 16, generator=generator, dtype=torch.float64))
    # Principal axes have any sign, and any direction in the plane where variances are equal.
    spun = plane._replace(axes=torch.tensor([[0.6, -0.8], [-0.8, -0.6]], dtype=torch.float64) @ plane.axes)
    turned = training.turned(spun, before)
    assert (turned.project(codes) - before.project(codes)).abs().max() < 0.05
    assert torch.allclose(turned.axes @ turned.axes.T, torch.eye(2, dtype=torch.float64))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "memory"),
        (ValueError("no"), "internal"),
    ],
)
def test_failures_are_reported_and_logged(
    folder: TrainingFolder,
    error: Exception,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_: TrainingFolder) -> None:
        raise error

    monkeypatch.setattr(training, "train_in", fail)
    process.run(folder)
    assert status(folder) == Status(state="failed", reason=reason)
    assert "A training in the page failed" in caplog.text


def test_damaged_data(folder: TrainingFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*_: object, **__: object) -> None:
        raise UserError("It has another MD5.")

    monkeypatch.setattr(training, "load_mnist", damaged)
    folder.request(job())
    with pytest.raises(SystemExit, match="It has another MD5"):
        training.train_in(folder)
    assert status(folder) == Status(state="failed", reason="data")


@pytest.mark.parametrize("reason", ["stopped", "unattended"])
def test_one_that_waits_can_end(folder: TrainingFolder, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if reason == "stopped":
        folder.stop()
    else:
        monkeypatch.setattr(process, "GRACE_SECONDS", -1)
    process.await_turn(folder)
    assert status(folder) == Status(state="failed", reason=reason)


def test_a_process_without_a_job_ends(folder: TrainingFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "STANDBY_SECONDS", 0)
    assert not process.has_job(folder)
