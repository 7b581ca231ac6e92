"""README and docs/: examples run, commands parse, links lead somewhere, figures are those of the shipped cards."""

import re
import shlex
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from benchmarks.__main__ import NAMES
from benchmarks.zoo import line, table
from tests.conftest import ROOT
from vqvae_explainer.cli import build_parser
from vqvae_explainer.model.card import LevelMetrics, Metrics, ModelCard
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.prior_card import PriorCard, PriorMetrics
from vqvae_explainer.server.settings import Settings

README = "README.md"
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (ROOT / README, *sorted((ROOT / "docs").glob("*.md")))
}
FOLDERS = (ROOT, ROOT / "vqvae_explainer", ROOT / "static")


def blocks(language: str, text: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def commands() -> list[str]:
    lines = (line for text in PAGES.values() for block in blocks("sh", text) for line in block.splitlines())
    return [line for line in lines if re.search(r"^(\S*/)?vqvae-explainer ", line)]


def rows(text: str) -> dict[str, str]:
    """The first cell of each row of the tables, which is code, and the second."""
    return dict(re.findall(r"^\| `([^`]+)` \| ([^|]*) \|", text, re.MULTILINE))


def test_readme_is_short() -> None:
    assert len(PAGES[README].splitlines()) <= 120


def test_python_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    [code] = blocks("python", PAGES[README])
    exec(compile(code, README, "exec"), {})
    assert "(49, 20)" in capsys.readouterr().out.replace("torch.Size([49, 20])", "(49, 20)")


@pytest.mark.parametrize("line", commands())
def test_commands_parse(line: str) -> None:
    parsed = build_parser().parse_args(shlex.split(line, comments=True)[1:])
    assert callable(parsed.run)


@pytest.mark.parametrize("page", PAGES)
def test_named_files_exist(page: str) -> None:
    text = PAGES[page]
    links = re.findall(r"\]\((?!http|\.\./\.\./)([^)]+)\)", text)
    assert not [link for link in links if not ((ROOT / page).parent / link).exists()]
    paths = [path for path in re.findall(r"`([a-z_]+/[\w./-]*)`", text) if not path.startswith(("dist/", "runs/"))]
    assert not [path for path in paths if not any((folder / path).exists() for folder in FOLDERS)]


def test_metrics_are_those_of_the_cards() -> None:
    card = ModelCard.model_validate_json((ROOT / "weights" / "residual-20.json").read_bytes())
    of_the_model, of_the_priors = PAGES["docs/models.md"].split("## The prior")
    check_metrics(of_the_model, card.figures)
    for name, page in zip(("residual-20", "hierarchy-20"), of_the_priors.split("### Two levels"), strict=True):
        prior = PriorCard.model_validate_json((ROOT / "weights" / f"{name}.prior.json").read_bytes())
        check_metrics(page, prior.metrics)


def check_metrics(page: str, metrics: Metrics | PriorMetrics) -> None:
    """Compare the numbers of a table with the metrics that they are written from."""
    measured = {name: value for name, value in metrics.model_dump().items() if isinstance(value, int | float)}
    written = {name: value.replace(",", "") for name, value in rows(page).items()}
    assert written.keys() >= measured.keys()
    for name, value in measured.items():
        digits = len(written[name].partition(".")[2])
        assert float(written[name]) == pytest.approx(round(value, digits), abs=10**-digits / 2), name


def test_table_of_models_is_that_of_the_cards() -> None:
    assert table() in PAGES["docs/models.md"]


def test_table_of_models_has_the_codes_of_each_level(
    make_config: Callable[..., Config], make_card: Callable[[Config], ModelCard]
) -> None:
    card = make_card(make_config())
    fields = {"quantization_error": 0.1, "margin": 0.1, "code_usage": [], "code_usage_inked": []}
    card.figures.levels["top"] = LevelMetrics.model_validate({"codes_used": 5, "perplexity": 2.5, **fields})
    assert "| 20 of 20 (100.0%); top 5 of 20 (25.0%) | 20.0; top 2.5 | 200.0 |" in line(card)


def test_speed_names_benchmarks() -> None:
    named = re.findall(r"\| `(\w+)` \|$", PAGES["docs/speed.md"], re.MULTILINE)
    assert named
    assert set(named) <= set(NAMES)


def test_variables_are_the_settings() -> None:
    variables = {name for name in rows(PAGES["docs/deployment.md"]) if name.startswith("VQVAE_EXPLAINER_")}
    assert variables == {f"VQVAE_EXPLAINER_{name.upper()}" for name in Settings.model_fields}


def test_routes_are_those_of_the_server(client: TestClient) -> None:
    paths: dict[str, dict[str, Any]] = client.get("/openapi.json").json()["paths"]
    served = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert {name for name in rows(PAGES["docs/protocol.md"]) if re.match("GET|POST|PUT|DELETE", name)} == served
