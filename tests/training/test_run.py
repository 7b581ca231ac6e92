"""The command `train` as a process of its own: finished, killed, interrupted, resumed."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor

from vqvae_explainer.errors import UserError
from vqvae_explainer.model.card import Metrics, ModelCard
from vqvae_explainer.model.playback import load_playback
from vqvae_explainer.model.presets import DEFAULT, PRESETS
from vqvae_explainer.model.weights import load_weights
from vqvae_explainer.training.metrics import evaluate
from vqvae_explainer.training.run import find_device, run

# Trains for real, but on 640 digits and narrow: the whole of MNIST at full width takes minutes.
DIGITS = 640
NARROW = f"""
import sys, torch
torch.set_num_threads(1)
from vqvae_explainer import cli
from vqvae_explainer.model.presets import PRESETS
from vqvae_explainer.training import run
small = dict(hidden_channels=8, residual_channels=4, batch_size=32)
PRESETS.update([(name, preset.model_copy(update=small)) for name, preset in PRESETS.items()])
if "--resume" in sys.argv:
    run.export_onnx = lambda *_: []  # once is enough: it takes longer than all the rest
load = run.load_mnist
run.load_mnist = lambda folder, train: load(folder, train)[:{DIGITS}]
sys.exit(cli.main())
"""
EPOCHS = "3"


@pytest.fixture(scope="session")
def command(data_dir: Path) -> Callable[..., list[str]]:
    """The command line of a short run into a folder."""

    def arguments(out: Path, *more: str) -> list[str]:
        options = ["--name", "short", "--epochs", EPOCHS, "--data-dir", str(data_dir), "--out", str(out), *more]
        return [sys.executable, "-c", NARROW, "train", *options]

    return arguments


@pytest.fixture(scope="session")
def finished(command: Callable[..., list[str]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A run that went through: its folder and what it printed."""
    out = tmp_path_factory.mktemp("finished")
    done = subprocess.run(command(out), capture_output=True, text=True, check=True, timeout=300)
    return {"out": out, "stdout": done.stdout, "stderr": done.stderr}


def until_second_epoch(process: subprocess.Popen[str], checkpoint: Path) -> None:
    """Wait until the first epoch is on disk and the second at work."""
    deadline = time.monotonic() + 120
    while not checkpoint.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_files_of_a_finished_run(finished: dict[str, Any]) -> None:
    exports = ["short.decoder.onnx", "short.encoder.onnx", "short.quantizer.onnx"]
    others = ["short.json", "short.playback.json", "short.png", "short.safetensors"]
    assert sorted(path.name for path in finished["out"].iterdir()) == sorted(exports + others)
    playback = load_playback(finished["out"] / "short.safetensors")
    assert playback is not None
    assert playback.name == "short"
    assert playback.snapshots[-1].step == playback.total_steps == int(EPOCHS) * DIGITS // 32
    model, card = load_weights(finished["out"] / "short.safetensors")
    assert model.config.hidden_channels == 8
    assert card.config.epochs == 3


def test_card_tells_where_the_weights_are_from(finished: dict[str, Any], data_dir: Path) -> None:
    card = ModelCard.model_validate_json((finished["out"] / "short.json").read_bytes())
    assert card.command.startswith("vqvae-explainer train --name short --epochs 3")
    assert card.versions["torch"] == torch.__version__
    assert {"python", "vqvae-explainer"} < card.versions.keys()
    assert card.device
    assert [epoch.epoch for epoch in card.history] == [1, 2, 3]
    assert len(card.data_md5) == 4
    for name, digest in card.data_md5.items():
        assert md5((data_dir / "MNIST" / "raw" / name).read_bytes()).hexdigest() == digest


def test_card_holds_measured_figures(finished: dict[str, Any], digits: Tensor) -> None:
    model, card = load_weights(finished["out"] / "short.safetensors")
    measured = evaluate(model, digits[:DIGITS])
    for name in Metrics.model_fields:
        assert getattr(card.figures, name) == pytest.approx(getattr(measured, name), rel=1e-4), name


def test_report_is_a_picture(finished: dict[str, Any]) -> None:
    with Image.open(finished["out"] / "short.png") as picture:
        assert picture.format == "PNG"
        assert min(picture.size) > 500


def test_progress_is_told(finished: dict[str, Any]) -> None:
    assert re.findall(r"epoch (\d)/3 .*images/s", finished["stdout"]) == ["1", "2", "3"]
    assert "Wrote" in finished["stdout"]
    assert re.search(r"epoch 1/3.*rec 0\.\d+ code \d", finished["stderr"])  # the bar
    assert "Traceback" not in finished["stderr"]


def test_killed_run_goes_on(command: Callable[..., list[str]], finished: dict[str, Any], tmp_path: Path) -> None:
    old = {name: f"old {name}".encode() for name in ("short.safetensors", "short.json", "short.png")}
    for name, content in old.items():
        (tmp_path / name).write_bytes(content)
    checkpoint = tmp_path / "short.checkpoint.safetensors"
    process = subprocess.Popen(command(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until_second_epoch(process, checkpoint)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert {name: (tmp_path / name).read_bytes() for name in old} == old

    with pytest.raises(UserError, match="--resume"):
        run(PRESETS[DEFAULT], {"name": "short"}, "cpu", None, tmp_path, resume=False)
    assert checkpoint.exists()

    resumed = subprocess.run(command(tmp_path, "--resume"), capture_output=True, text=True, timeout=300)
    assert resumed.returncode == 0, resumed.stderr
    assert re.findall(r"epoch (\d)/3 .*images/s", resumed.stdout) == ["2", "3"]
    assert not checkpoint.exists()
    name = "short.safetensors"  # the very weights of the run that was not killed
    assert (tmp_path / name).read_bytes() == (finished["out"] / name).read_bytes()
    card = json.loads((tmp_path / "short.json").read_text())
    assert [epoch["epoch"] for epoch in card["history"]] == [1, 2, 3]
    assert "--resume" not in card["command"]


def test_interrupted_run_tells_how_to_go_on(command: Callable[..., list[str]], tmp_path: Path) -> None:
    process = subprocess.Popen(command(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until_second_epoch(process, tmp_path / "short.checkpoint.safetensors")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "--resume" in errors
    assert "Traceback" not in errors
    assert [path.name for path in tmp_path.iterdir()] == ["short.checkpoint.safetensors"]


def test_unwritable_folder_is_told_before_training(command: Callable[..., list[str]], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = subprocess.run(command(tmp_path / "file"), capture_output=True, text=True, timeout=300)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Cannot write" in done.stderr
    assert "epoch 1/" not in done.stdout


def test_auto_takes_the_fastest_device() -> None:
    name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert find_device("auto") == torch.device(name)
    assert find_device("cpu") == torch.device("cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="has the device that must be missing")
def test_missing_device() -> None:
    with pytest.raises(UserError, match=r"There is no cuda device\. Available: .*cpu"):
        find_device("cuda")


def test_setting_out_of_bounds() -> None:
    with pytest.raises(UserError, match="num_embeddings cannot be 1"):
        run(PRESETS[DEFAULT], {"num_embeddings": 1}, "cpu", None, Path("unused"), resume=False)
