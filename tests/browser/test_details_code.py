"""The code on the page is the code that runs."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.details import MATRICES, Details
from tests.browser.explainer import Explainer
from tests.conftest import ROOT
from vqvae_explainer.model.quantizer import VectorQuantizer, straight_through

LINES = """(lines) => lines.map((line) => [
  Number(line.querySelector(".code-number").textContent),
  line.querySelector(".code-text").textContent.replace(/\\n$/, ""),
])"""

TABS = ("quantizer", "encoder", "decoder", "loss")


@pytest.fixture
def details(explainer: Explainer) -> Details:
    return Details(explainer).open()


def source(function: Callable[..., Any]) -> list[list[Any]]:
    """Number and text of each line of a function, without its docstring."""
    lines, first = inspect.getsourcelines(function)
    text = textwrap.dedent("".join(lines))
    (definition,) = ast.parse(text).body
    assert isinstance(definition, ast.FunctionDef)
    docstring = definition.body[0]
    said = range(docstring.lineno, (docstring.end_lineno or 0) + 1)
    return [[first + n - 1, line] for n, line in enumerate(text.splitlines(), 1) if n not in said]


def test_the_listing_is_the_running_quantizer(details: Details) -> None:
    shown = details.page.locator("#listing-quantizer .code-line").evaluate_all(LINES)
    assert shown == source(VectorQuantizer.forward) + source(straight_through)
    assert details.page.locator(".file").inner_text() == "vqvae_explainer/model/quantizer.py"


@pytest.mark.parametrize("listing", TABS)
def test_every_line_stands_where_it_says(details: Details, listing: str) -> None:
    details.page.locator(f"#tab-{listing}").click()
    details.page.locator(f"#listing-{listing}").wait_for(state="visible")
    written = (ROOT / details.page.locator(".file").inner_text()).read_text(encoding="utf-8").splitlines()
    shown = details.page.locator(f"#listing-{listing} .code-line").evaluate_all(LINES)
    assert len(shown) > 3
    assert [[number, text.strip()] for number, text in shown] == [
        [number, written[number - 1].strip()] for number, _ in shown
    ]


def test_lines_are_highlighted(details: Details) -> None:
    line = details.line("distances")
    colors = line.locator(".code-text span").evaluate_all(
        "(spans) => spans.map((span) => getComputedStyle(span).color)"
    )
    assert len(set(colors)) > 1


def test_tabs_are_operated_by_keyboard(details: Details) -> None:
    def chosen() -> str:
        tab = details.page.locator("[role=tab][aria-selected=true]")
        assert tab.count() == 1
        panel = details.page.locator(".listing:visible")
        assert panel.count() == 1
        assert panel.get_attribute("id") == tab.get_attribute("aria-controls")
        assert panel.get_attribute("aria-labelledby") == tab.get_attribute("id")
        return (tab.get_attribute("id") or "").removeprefix("tab-")

    assert chosen() == "quantizer"
    details.page.locator("#tab-quantizer").focus()
    for key, expected in (
        ("ArrowRight", "encoder"),
        ("ArrowRight", "decoder"),
        ("End", "loss"),
        ("ArrowRight", "quantizer"),
        ("ArrowLeft", "loss"),
        ("Home", "quantizer"),
    ):
        details.page.keyboard.press(key)
        details.explainer.until("(id) => explainer.store.get('listing') === id", expected)
        assert chosen() == expected
        assert details.page.evaluate("() => document.activeElement.id") == f"tab-{expected}"
    assert details.page.locator("[role=tab][tabindex='0']").count() == 1


def test_shapes_stand_beside_the_lines(details: Details) -> None:
    stages = details.told("stages")
    for stage in MATRICES:
        lines = details.page.locator(f"#listing-quantizer .code-line[data-stages~={stage}] .code-shape")
        shapes = [text for text in lines.all_inner_texts() if text]
        assert shapes[-1] == "×".join(map(str, stages[stage])), stage
    for loss in ("codebook_loss", "commitment_loss"):
        assert details.line(loss).locator(".code-shape").inner_text() == "scalar"
    for stage in ("features", "distances"):
        assert list(details.explainer.tensor(stage).shape) == stages[stage]


def test_every_stage_has_its_line(details: Details) -> None:
    stages = set(details.told("stages"))
    for stage in stages - {"input", "reconstruction"}:
        assert details.line(stage).count() == 1, stage
    for stage in ("reconstruction", "reconstruction_loss", "total_loss"):
        assert details.line(stage, "loss").count() == 1, stage
    assert details.lines_of("input")


def test_the_lines_of_a_listing_are_walked_by_keyboard(details: Details) -> None:
    rows = details.page.locator("#listing-quantizer .code-line[tabindex]")
    lines = rows.evaluate_all("(rows) => rows.map((row) => Number(row.dataset.line))")
    rows.nth(2).focus()
    at = 2
    for key, step in (("ArrowDown", 1), ("ArrowDown", 1), ("ArrowUp", -1), ("Home", -3), ("ArrowUp", 0), ("End", None)):
        details.page.keyboard.press(key)
        at = len(lines) - 1 if step is None else at + step
        assert details.page.evaluate("() => Number(document.activeElement.dataset.line)") == lines[at], key
    assert details.page.locator("#listing-quantizer .code-line[tabindex='0']").count() == 1
