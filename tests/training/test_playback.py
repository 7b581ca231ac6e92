"""Snapshots of training: their values, and that recording does not change the training."""

import math
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.training.stopping import stopping_in_the_second_epoch
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.playback import Playback
from vqvae_explainer.model.vqvae import VQVAE
from vqvae_explainer.training.drawings import authored_digits
from vqvae_explainer.training.loop import train
from vqvae_explainer.training.playback import (
    SAMPLE,
    SNAPSHOT_DIGITS,
    Recorder,
    pairs,
    significant,
    snapshot_steps,
)

CPU = torch.device("cpu")
DIGITS = 320
STEPS = 10  # an epoch


class Recorded(NamedTuple):
    model: VQVAE
    recorder: Recorder
    playback: Playback
    checkpoint: Path


@pytest.fixture(scope="module")
def record(
    make_config: Callable[..., Config], train_digits: Tensor, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Recorded]:
    """Train with a Recorder; keyword arguments change the configuration."""

    def start(**changes: object) -> Recorded:
        config = make_config(**{"epochs": 2, "batch_size": 32, "learning_rate": 0.02} | changes)
        checkpoint = tmp_path_factory.mktemp("run") / "tiny.checkpoint.safetensors"
        recorder = Recorder()
        arguments = (config, train_digits[:DIGITS], CPU, checkpoint)
        model, _ = train(*arguments, report=lambda _: None, callbacks=(recorder,))
        return Recorded(model, recorder, recorder.playback(), checkpoint)

    return start


@pytest.fixture(scope="module")
def recorded(record: Callable[..., Recorded]) -> Recorded:
    return record()


@pytest.mark.parametrize("total", [1, 2, 20, 300, 14_070, 10**6])
def test_snapshot_steps(total: int) -> None:
    steps = snapshot_steps(total)
    assert steps[0] == 0
    assert steps[-1] == total
    assert len(steps) <= 22
    gaps = np.diff(steps)
    assert all(gaps > 0)
    assert list(gaps) == sorted(gaps) or total < 1000  # rounding, where steps are few
    if total > 10**4:
        assert len(steps) >= 18
        np.testing.assert_allclose(np.diff(np.log(steps[-8:])), np.log(total) / 19, rtol=0.01)


def test_recording_does_not_change_the_training(recorded: Recorded, train_digits: Tensor, tmp_path: Path) -> None:
    arguments = (recorded.model.config, train_digits[:DIGITS], CPU, tmp_path / "tiny.checkpoint.safetensors")
    plain, _ = train(*arguments, report=lambda _: None)
    for name, tensor in plain.state_dict().items():
        assert torch.equal(tensor, recorded.model.state_dict()[name]), name


def test_steps_and_epochs(recorded: Recorded) -> None:
    assert recorded.playback.total_steps == 2 * STEPS
    assert [snapshot.step for snapshot in recorded.playback.snapshots] == snapshot_steps(2 * STEPS)
    assert recorded.playback.snapshots[-1].epoch == 2
    assert all(s.epoch == pytest.approx(s.step / STEPS, abs=1e-3) for s in recorded.playback.snapshots)


def test_last_snapshot_is_the_finished_model(recorded: Recorded, train_digits: Tensor) -> None:
    model, last = recorded.model, recorded.playback.snapshots[-1]
    rows = torch.randperm(DIGITS, generator=torch.Generator().manual_seed(model.config.seed))[:SAMPLE]
    input = train_digits[rows].float() / 255
    output = model(input)
    counts = np.bincount(output.quantization.indices.flatten(), minlength=20)
    np.testing.assert_allclose(last.usage, counts / counts.sum(), atol=1e-4)
    assert last.codes_used == np.count_nonzero(counts)
    shares = [count / counts.sum() for count in counts if count]
    assert last.perplexity == pytest.approx(math.prod(share**-share for share in shares), rel=1e-3)
    error = (output.reconstruction - input).square().mean().item()
    assert last.losses.reconstruction == pytest.approx(error, rel=1e-3)
    assert last.losses.commitment == pytest.approx(output.losses.mean().commitment.item(), rel=1e-3)


def test_reconstructions_of_the_example_digits(recorded: Recorded) -> None:
    originals = authored_digits()[list(SNAPSHOT_DIGITS)]
    assert recorded.playback.digits == list(SNAPSHOT_DIGITS)
    assert b64decode(recorded.playback.originals) == originals.numpy().tobytes()
    shown = np.frombuffer(b64decode(recorded.playback.snapshots[-1].reconstructions), dtype=np.uint8)
    expected = recorded.model(originals.float() / 255).reconstruction.clamp(0, 1) * 255
    np.testing.assert_allclose(shown.reshape(expected.shape), expected, atol=0.51)


def test_points_lie_on_the_plane_of_the_final_codebook(recorded: Recorded) -> None:
    """The codes are projected on the first two eigenvectors of their covariance."""
    codes = recorded.model.quantizer.embeddings.double().numpy()
    centered = codes - codes.mean(axis=0)
    values, vectors = np.linalg.eigh(centered.T @ centered)
    flat = centered @ vectors[:, :-3:-1]  # (K, 2)
    found = np.array(recorded.playback.snapshots[-1].positions)
    scale = np.abs(flat).max()
    for axis in (0, 1):  # the sign of an axis is free
        sign = np.sign(found[:, axis] @ flat[:, axis])
        np.testing.assert_allclose(found[:, axis], sign * flat[:, axis], atol=2e-3 * scale)
    assert values[-1] >= values[-2]


def test_features_lie_near_their_codes_in_the_same_plane(recorded: Recorded) -> None:
    last = recorded.playback.snapshots[-1]
    assert len(last.features) == len(SNAPSHOT_DIGITS) * 49
    quantization = recorded.model(authored_digits()[list(SNAPSHOT_DIGITS)].float() / 255).quantization
    codes = np.array(last.positions)[quantization.indices.flatten()]
    apart = quantization.feature_vectors - quantization.quantized_vectors
    off = np.linalg.norm(np.array(last.features) - codes, axis=1)
    assert np.all(off <= apart.norm(dim=1).numpy() * 1.01 + 0.01)  # a projection only shortens


def test_first_snapshot_is_the_untrained_model(recorded: Recorded) -> None:
    first, last = recorded.playback.snapshots[0], recorded.playback.snapshots[-1]
    assert first.losses.reconstruction > last.losses.reconstruction
    assert first.positions != last.positions


def test_resumed_run_has_the_same_playback(recorded: Recorded, train_digits: Tensor, tmp_path: Path) -> None:
    arguments = (recorded.model.config, train_digits[:DIGITS], CPU, tmp_path / "tiny.checkpoint.safetensors")
    with stopping_in_the_second_epoch() as report:
        train(*arguments, report=report, callbacks=(Recorder(),))
    recorder = Recorder()
    train(*arguments, resume=True, report=lambda _: None, callbacks=(recorder,))
    assert recorder.playback() == recorded.playback


@pytest.mark.parametrize(
    "changes",
    [
        {"codebook": "gradient", "codebook_init": "normal"},
        {"codebook": "frozen", "codebook_init": "uniform"},
        {"architecture": "mlp", "output": "linear"},
        {"embedding_dim": 1},
    ],
)
def test_any_model_can_be_recorded(record: Callable[..., Recorded], changes: dict[str, object]) -> None:
    run = record(epochs=1, **changes)
    for snapshot in run.playback.snapshots:
        assert len(snapshot.features) == len(SNAPSHOT_DIGITS) * run.model.grid.cells
        assert np.isfinite(np.array(snapshot.features)).all()
        assert len(snapshot.positions) == len(snapshot.usage) == 20
    if run.model.config.codebook == "frozen":
        assert len({str(snapshot.positions) for snapshot in run.playback.snapshots}) == 1


def test_file(recorded: Recorded) -> None:
    content = recorded.playback.to_bytes()
    assert Playback.model_validate_json(content) == recorded.playback
    assert len(content) / len(recorded.playback.snapshots) * 21 < 150_000


def test_rounding() -> None:
    assert significant([0.123456, -0.0012345, 0]) == [0.1235, -0.0012, 0]
    assert significant([0.123456, 0.00123456], each=True) == [0.1235, 0.001235]
    assert significant([123456.0, 0.4]) == [123500.0, 0]
    assert significant([0.0, 0.0]) == [0, 0]
    assert pairs(torch.tensor([[1.0, 2.0], [3.00004, 4.0]])) == [(1.0, 2.0), (3.0, 4.0)]
