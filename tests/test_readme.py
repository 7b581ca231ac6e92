"""The README's examples run, its commands parse, and its figures are those of the shipped card."""

import re
import shlex
from pathlib import Path

import pytest

from benchmarks.zoo import table
from vqvae_explainer.cli import build_parser
from vqvae_explainer.model.card import ModelCard

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("code", blocks("python"))
def test_python_examples_run(code: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(code, "README.md", "exec"), {})
    assert "(49, 20)" in capsys.readouterr().out.replace("torch.Size([49, 20])", "(49, 20)")


def commands() -> list[str]:
    lines = (line for block in blocks("sh") for line in block.splitlines())
    return [line for line in lines if re.search(r"(^|/)vqvae-explainer ", line)]


@pytest.mark.parametrize("line", commands())
def test_commands_parse(line: str) -> None:
    words = shlex.split(line, comments=True)
    parsed = build_parser().parse_args(words[1:])
    assert callable(parsed.run)


def test_there_are_commands_and_examples() -> None:
    assert len(commands()) >= 4
    assert blocks("python")


def test_figures_are_those_of_the_card() -> None:
    card = ModelCard.model_validate_json((ROOT / "weights" / "residual-20.json").read_bytes())
    told = {name: value for name, value in card.figures.model_dump().items() if not isinstance(value, list)}
    rows = {n: v.replace(",", "") for n, v in re.findall(r"^\| `(\w+)` \| ([\d.,]+) \|", README, re.MULTILINE)}
    assert rows.keys() >= told.keys()
    for name, value in told.items():
        digits = len(rows[name].partition(".")[2])
        assert float(rows[name]) == pytest.approx(round(value, digits), abs=10**-digits / 2), name


def test_table_of_the_zoo_is_that_of_the_cards() -> None:
    assert table() in README


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)]+)\)|`([a-z_]+/[\w./-]*)`", README))
def test_files_that_it_names_exist(target: tuple[str, str]) -> None:
    path = target[0] or target[1]
    candidates = (ROOT / path, ROOT / "vqvae_explainer" / path, ROOT / "static" / path)
    assert path.startswith("runs/") or any(candidate.exists() for candidate in candidates), path
