"""The command line: complete help, and errors of one sentence."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from vqvae_explainer import __version__
from vqvae_explainer.cli import main
from vqvae_explainer.model.card import Metrics, ModelCard, load_card
from vqvae_explainer.model.config import Config

TRAIN = "--preset --epochs --batch-size --lr --beta --num-embeddings --embedding-dim --codebook --seed --device "
TRAIN += "--data-dir --out --resume --name --codebook-init --log-dir"
OPTIONS = {
    "serve": ["--host", "--port", "--weights", "--open", "--reload", "--training", "--data-dir"],
    "train": TRAIN.split(),
    "evaluate": ["--weights", "--data-dir", "--json", "--update-card"],
    "export": ["--weights"],
    "export-site": ["DIR", "--weights", "--base-url", "--single-file", "--language"],
}


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run a command that must exit with status 2 and print one line to standard error; return the line."""
    monkeypatch.setenv("VQVAE_EXPLAINER_WEIGHTS", "unset")  # `serve` sets it; monkeypatch restores it

    def run(*arguments: object) -> str:
        if arguments[0] == "serve":
            arguments += ("--port", 0)
        assert main([str(argument) for argument in arguments]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        [line] = printed.err.splitlines()
        assert line.startswith("vqvae-explainer: ")
        assert line.endswith(".")
        return line

    return run


@pytest.fixture
def damaged(weights_dir: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model's weights that a test may damage."""
    for name in ("tiny.safetensors", "tiny.json"):
        shutil.copy(weights_dir / name, tmp_path)
    return tmp_path / "tiny.safetensors"


@pytest.mark.parametrize("command", OPTIONS)
def test_help_lists_every_option(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    for option in OPTIONS[command]:
        assert f"\n  {option}" in text, option
    assert "examples:" in text
    assert f"vqvae-explainer {command}" in text
    assert max(len(line) for line in text.splitlines()) <= 120


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    for command in OPTIONS:
        assert command in text


def test_version_of_module_and_script() -> None:
    script = Path(sys.executable).with_name("vqvae-explainer")
    for command in ([sys.executable, "-m", "vqvae_explainer"], [str(script)]):
        done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True, timeout=60)
        assert done.stdout == f"vqvae-explainer {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["draw"],
        ["serve", "--port", "http"],
        ["serve", "--port", "70000"],
        ["serve", "--port", "-1"],
        ["train", "--epochs", "many"],
        ["train", "--device", "abacus"],
        ["train", "--codebook", "none"],
        ["train", "--preset", "none"],
        ["evaluate", "--epochs", "3"],
    ],
)
def test_invalid_options(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: vqvae-explainer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--port", "70000", "argument --port: must be between 0 and 65535, got 70000."),
        ("--port", "http", "argument --port: invalid integer value: 'http'"),
        ("--workers", "0", "argument --workers: must be at least 1, got 0."),
    ],
)
def test_integers_out_of_bounds(option: str, value: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", option, value])
    assert capsys.readouterr().err.endswith(f"{sentence}\n")


@pytest.mark.parametrize("command", ["serve", "evaluate", "export"])
def test_missing_weights(refused: Callable[..., str], tmp_path: Path, command: str) -> None:
    assert "There are no weights at" in refused(command, "--weights", tmp_path / "none.safetensors")


@pytest.mark.parametrize("command", ["serve", "evaluate", "export"])
def test_corrupt_weights(refused: Callable[..., str], damaged: Path, command: str) -> None:
    damaged.write_bytes(damaged.read_bytes()[:1000])
    assert "are damaged" in refused(command, "--weights", damaged)


@pytest.mark.parametrize("command", ["serve", "evaluate", "export"])
def test_card_of_another_model(
    refused: Callable[..., str],
    damaged: Path,
    make_card: Callable[[Config], ModelCard],
    make_config: Callable[..., Config],
    command: str,
) -> None:
    card = make_card(make_config(num_embeddings=40))
    damaged.with_suffix(".json").write_text(card.model_dump_json())
    assert "another configuration" in refused(command, "--weights", damaged)


@pytest.mark.parametrize("command", ["serve", "evaluate", "export"])
def test_missing_card(refused: Callable[..., str], damaged: Path, command: str) -> None:
    damaged.with_suffix(".json").unlink()
    assert "There is no card" in refused(command, "--weights", damaged)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MAX_CLIENTS", "many"),
        ("MAX_CLIENTS", "0"),
        ("PING_SECONDS", "-1"),
        ("PING_SECONDS", "inf"),
        ("FRAME_ANCESTORS", "a; b"),
    ],
)
@pytest.mark.parametrize("workers", [1, 2])
def test_invalid_environment(
    refused: Callable[..., str],
    weights_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    workers: int,
) -> None:
    monkeypatch.setenv(f"VQVAE_EXPLAINER_{variable}", value)
    line = refused("serve", "--weights", weights_dir, "--workers", workers)
    assert f"The environment variable VQVAE_EXPLAINER_{variable} cannot be {value!r}: " in line


def test_workers_without_a_temporary_folder(
    refused: Callable[..., str], weights_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    assert "--workers needs a temporary folder" in refused("serve", "--weights", weights_dir, "--workers", 2)


def test_two_weights_with_one_name(refused: Callable[..., str], damaged: Path) -> None:
    for path in (damaged, damaged.with_suffix(".json")):
        shutil.copy(path, path.with_stem("copy"))
    assert "are both named tiny" in refused("serve", "--weights", damaged.parent)


def test_errors_are_one_line_and_tensorboard_is_not_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from vqvae_explainer.cli import main; status = main(sys.argv[1:]);"
        "print([name for name in sys.modules if 'tensorboard' in name]); sys.exit(status)"
    )
    command = [sys.executable, "-c", code, "evaluate", "--weights", tmp_path / "none.safetensors"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert done.stdout == "[]\n"
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--epochs", "0", "epochs cannot be 0"),
        ("--batch-size", "-3", "batch_size cannot be -3"),
        ("--batch-size", "70000", "batch_size cannot be 70000"),
        ("--lr", "0", "learning_rate cannot be 0.0"),
        ("--lr", "nan", "learning_rate cannot be nan"),
        ("--beta", "-1", "beta cannot be -1.0"),
        ("--beta", "nan", "beta cannot be nan"),
        ("--num-embeddings", "1", "num_embeddings cannot be 1"),
        ("--embedding-dim", "0", "embedding_dim cannot be 0"),
        ("--seed", "-1", "seed cannot be -1"),
        ("--name", "../up", "name cannot be '../up'"),
    ],
)
def test_value_out_of_bounds(
    refused: Callable[..., str], tmp_path: Path, option: str, value: str, sentence: str
) -> None:
    assert sentence in refused("train", "--out", tmp_path, f"{option}={value}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(torch.cuda.is_available(), reason="has the device that must be missing")
def test_language_of_a_folder(refused: Callable[..., str], tmp_path: Path) -> None:
    assert "add --single-file" in refused("export-site", tmp_path, "--language", "es")


def test_missing_device(refused: Callable[..., str], tmp_path: Path) -> None:
    assert "no cuda device" in refused("train", "--device", "cuda", "--out", tmp_path)


def test_folder_of_data_that_is_a_file(refused: Callable[..., str], weights_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    line = refused("evaluate", "--weights", weights_dir / "tiny.safetensors", "--data-dir", tmp_path / "file")
    assert "--data-dir" in line


def test_evaluate_prints_one_json_object(
    weights_dir: Path, digits: Tensor, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vqvae_explainer.training.run.load_mnist", lambda *_, **__: digits[:100])  # for speed
    arguments = ["evaluate", "--weights", str(weights_dir / "tiny.safetensors")]
    assert main([*arguments, "--json"]) == 0
    printed = capsys.readouterr().out
    figures = json.loads(printed)
    assert printed.count("\n") == 1
    assert figures.keys() == Metrics.model_fields.keys() - {"levels", "hierarchy"}  # of models with two levels
    assert main(arguments) == 0
    table = dict(line.split() for line in capsys.readouterr().out.splitlines())
    assert table.keys() == figures.keys() - {
        "code_usage",
        "code_usage_inked",
        "code_usage_by_cell",
        "error_percentiles",
    }
    for name, value in table.items():
        assert float(value) == pytest.approx(figures[name], abs=1e-5)


def test_evaluate_updates_the_card(
    damaged: Path, digits: Tensor, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vqvae_explainer.training.run.load_mnist", lambda *_, **__: digits[:100])  # for speed
    before = load_card(damaged.with_suffix(".json"))
    arguments = ["evaluate", "--weights", str(damaged), "--json"]
    assert main(arguments) == 0
    assert load_card(damaged.with_suffix(".json")) == before
    assert main([*arguments, "--update-card"]) == 0
    printed = Metrics.model_validate_json(capsys.readouterr().out.splitlines()[-1])
    assert load_card(damaged.with_suffix(".json")) == before.model_copy(update={"figures": printed})
    assert before.figures != printed
    assert sorted(path.name for path in damaged.parent.iterdir()) == ["tiny.json", "tiny.safetensors"]
