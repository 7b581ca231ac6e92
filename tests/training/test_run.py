"""`train` from options to files: a finished run, a killed run that is resumed, and errors."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from hashlib import md5, sha256
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from vqvae_explainer.cli import main
from vqvae_explainer.errors import UserError
from vqvae_explainer.explain.bundle import SUFFIX as DETAIL_SUFFIX
from vqvae_explainer.explain.onnx_backend import PARTS, onnx_suffix
from vqvae_explainer.model.card import ModelCard
from vqvae_explainer.model.playback import load_playback
from vqvae_explainer.model.presets import DEFAULT, PRESETS
from vqvae_explainer.model.weights import load_weights
from vqvae_explainer.training import run as run_module
from vqvae_explainer.training.metrics import evaluate
from vqvae_explainer.training.run import find_device, run

# Real training, but with few digits and a narrow network. The export has its own test.
DIGITS = 640
SMALL = {"hidden_channels": 8, "residual_channels": 4, "batch_size": 32}
EPOCHS = 3
BUNDLE = (*map(onnx_suffix, PARTS), DETAIL_SUFFIX)
PROCESS = f"""
import sys, torch
torch.set_num_threads(1)
from vqvae_explainer import cli
from vqvae_explainer.model.presets import DEFAULT, PRESETS
from vqvae_explainer.training import run
PRESETS[DEFAULT] = PRESETS[DEFAULT].model_copy(update={SMALL})
load = run.load_mnist
run.load_mnist = lambda folder, train: load(folder, train)[:{DIGITS}]
sys.exit(cli.main())
"""


class Result(NamedTuple):
    status: int
    out: Path
    stdout: str
    stderr: str


@pytest.fixture(scope="module", autouse=True)
def small(train_digits: Tensor, digits: Tensor) -> Iterator[None]:
    """What PROCESS does, in this process."""

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PRESETS, DEFAULT, PRESETS[DEFAULT].model_copy(update=SMALL))
        patch.setattr(run_module, "load_mnist", lambda _, train: (train_digits if train else digits)[:DIGITS])
        patch.setattr(run_module, "export_bundle", lambda *_: dict.fromkeys(BUNDLE, b"exported"))
        patch.setattr(sys, "argv", ["vqvae-explainer", *arguments(Path("runs"))])  # for the command on the card
        yield


def arguments(out: Path, *more: str) -> list[str]:
    return ["train", "--name", "short", "--epochs", str(EPOCHS), "--device", "cpu", "--out", str(out), *more]


def train(out: Path, *more: str) -> Result:
    with redirect_stdout(StringIO()) as stdout, redirect_stderr(StringIO()) as stderr:
        status = main(arguments(out, *more))
    return Result(status, out, stdout.getvalue(), stderr.getvalue())


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Result:
    result = train(tmp_path_factory.mktemp("finished"))
    assert result.status == 0, result.stderr
    return result


def test_files_of_a_finished_run(finished: Result) -> None:
    exports = [f"short.{suffix}" for suffix in BUNDLE]
    others = ["short.json", "short.playback.json", "short.png", "short.safetensors"]
    assert sorted(path.name for path in finished.out.iterdir()) == sorted(exports + others)
    model, card = load_weights(finished.out / "short.safetensors")
    playback = load_playback(finished.out / "short.safetensors", card)
    assert playback is not None
    assert playback.name == "short"
    assert playback.snapshots[-1].step == playback.total_steps == EPOCHS * DIGITS // 32
    assert model.config.hidden_channels == 8
    assert card.config.epochs == EPOCHS


def test_weights_are_written_if_the_export_is_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object) -> dict[str, bytes]:
        raise UserError("The ONNX export of short does not give the same results as the model.")

    monkeypatch.setattr(run_module, "export_bundle", refuse)
    result = train(tmp_path, "--epochs", "1")
    assert result.status == 0
    assert "does not give the same results as the model. `serve` will need PyTorch for it." in result.stderr
    assert sorted(load_weights(tmp_path / "short.safetensors")[1].sha256) == ["playback.json", "png", "safetensors"]


def test_card_contains_provenance(finished: Result, data_dir: Path) -> None:
    card = ModelCard.model_validate_json((finished.out / "short.json").read_bytes())
    assert card.command.startswith("vqvae-explainer train --name short --epochs 3")
    assert card.versions["torch"] == torch.__version__
    assert {"python", "vqvae-explainer"} < card.versions.keys()
    assert card.device == "cpu"
    assert [epoch.epoch for epoch in card.history] == [1, 2, 3]
    assert len(card.sha256) == 8
    for suffix, digest in card.sha256.items():
        assert sha256((finished.out / f"short.{suffix}").read_bytes()).hexdigest() == digest
    assert len(card.data_md5) == 4
    for name, digest in card.data_md5.items():
        assert md5((data_dir / "MNIST" / "raw" / name).read_bytes()).hexdigest() == digest


def test_card_contains_the_metrics(finished: Result, digits: Tensor) -> None:
    model, card = load_weights(finished.out / "short.safetensors")
    measured = evaluate(model, digits[:DIGITS])
    for name, value in measured:
        is_number = isinstance(value, int | float | list)
        assert getattr(card.figures, name) == (pytest.approx(value, rel=1e-4) if is_number else value), name


def test_progress_is_printed(finished: Result) -> None:
    assert re.findall(r"epoch (\d)/3 .*images/s", finished.stdout) == ["1", "2", "3"]
    assert "Wrote" in finished.stdout
    assert re.search(r"epoch 1/3.*rec 0\.\d+ code \d", finished.stderr)  # the progress bar


def test_killed_run_is_resumed(finished: Result, data_dir: Path, tmp_path: Path) -> None:
    old = {name: f"old {name}".encode() for name in ("short.safetensors", "short.json", "short.png")}
    for name, content in old.items():
        (tmp_path / name).write_bytes(content)
    checkpoint = tmp_path / "short.checkpoint.safetensors"
    command = [sys.executable, "-c", PROCESS, *arguments(tmp_path, "--data-dir", str(data_dir))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not checkpoint.exists():  # until the first epoch is finished
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert {name: (tmp_path / name).read_bytes() for name in old} == old

    refused = train(tmp_path)
    assert refused.status == 2
    assert "--resume" in refused.stderr
    assert checkpoint.exists()

    resumed = train(tmp_path, "--resume")
    assert resumed.status == 0, resumed.stderr
    assert re.findall(r"epoch (\d)/3 .*images/s", resumed.stdout) == ["2", "3"]
    assert not checkpoint.exists()
    name = "short.safetensors"  # identical to the weights of the run that was not killed
    assert (tmp_path / name).read_bytes() == (finished.out / name).read_bytes()
    card = json.loads((tmp_path / "short.json").read_text())
    assert [epoch["epoch"] for epoch in card["history"]] == [1, 2, 3]
    assert "--resume" not in card["command"]


@pytest.mark.parametrize(
    ("epoch", "advice", "files"),
    [(1, "No epoch was finished", []), (2, "Continue with --resume", ["short.checkpoint.safetensors"])],
)
def test_interrupted_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, epoch: int, advice: str, files: list[str]
) -> None:
    def interrupt(line: str) -> None:
        if line.startswith(f"epoch {epoch}/"):
            raise KeyboardInterrupt

    monkeypatch.setattr(run_module, "train", partial(run_module.train, report=interrupt))
    result = train(tmp_path)
    assert result.status == 130
    assert advice in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == files


def test_unwritable_folder_is_reported_before_training(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(run_module, "train", lambda *_, **__: pytest.fail("training began"))
    (tmp_path / "file").write_text("in the way")
    result = train(tmp_path / "file")
    assert result.status == 2
    assert result.stderr.startswith("vqvae-explainer: Cannot write")


def test_auto_is_the_fastest_device() -> None:
    name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert find_device("auto") == torch.device(name)
    assert find_device("cpu") == torch.device("cpu")


def test_missing_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match=r"There is no cuda device\. Available: .*cpu"):
        find_device("cuda")


def test_setting_out_of_bounds() -> None:
    with pytest.raises(UserError, match="num_embeddings cannot be 1"):
        run(PRESETS[DEFAULT], {"num_embeddings": 1}, "cpu", None, Path("unused"), resume=False)
