"""The listing is the code that runs; its lines, the matrices and the terms of the loss point at each other."""

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

# Whether one of the linked lines has been scrolled into view.
IN_VIEW = """(panel) => {
  const { top, bottom } = panel.getBoundingClientRect();
  return Array.from(panel.querySelectorAll(".is-linked")).some((line) => {
    const box = line.getBoundingClientRect();
    return box.top >= top - 1 && box.bottom <= bottom + 1;
  });
}"""

SELECTED = "(stage) => explainer.store.get('selection')?.stage === stage"
UNSELECTED = "() => !explainer.store.get('selection')"
LISTINGS = ("quantizer", "encoder", "decoder", "loss")
TERMS = ("reconstruction_loss", "codebook_loss", "commitment_loss", "total_loss")
NOTHING: dict[str, list[str]] = {"lines": [], "matrices": [], "parts": [], "terms": []}


@pytest.fixture
def details(five: Explainer) -> Details:
    return Details(five).open()


def source(function: Callable[..., Any]) -> list[list[Any]]:
    """Number and text of each line of a function, without its docstring."""
    lines, first = inspect.getsourcelines(function)
    text = textwrap.dedent("".join(lines))
    (definition,) = ast.parse(text).body
    assert isinstance(definition, ast.FunctionDef)
    skipped: set[int] = set()
    if ast.get_docstring(definition) is not None:
        docstring = definition.body[0]
        skipped = set(range(docstring.lineno, (docstring.end_lineno or 0) + 1))
    return [[first + n - 1, line] for n, line in enumerate(text.splitlines(), 1) if n not in skipped]


# The listing.


def test_the_listing_is_the_running_quantizer(details: Details) -> None:
    shown = details.page.locator("#listing-quantizer .code-line").evaluate_all(LINES)
    assert shown == source(VectorQuantizer.forward) + source(straight_through)
    assert details.page.locator(".file").inner_text() == "vqvae_explainer/model/quantizer.py"
    colors = (
        details.line("distances")
        .locator(".code-text span")
        .evaluate_all("(spans) => spans.map((span) => getComputedStyle(span).color)")
    )
    assert len(set(colors)) > 1, "no syntax highlighting"


def test_every_line_is_at_the_number_shown(details: Details) -> None:
    for listing in LISTINGS:
        details.page.locator(f"#tab-{listing}").click()
        details.page.locator(f"#listing-{listing}").wait_for(state="visible")
        written = (ROOT / details.page.locator(".file").inner_text()).read_text(encoding="utf-8").splitlines()
        shown = details.page.locator(f"#listing-{listing} .code-line").evaluate_all(LINES)
        assert len(shown) > 3, listing
        assert [[number, text.strip()] for number, text in shown] == [
            [number, written[number - 1].strip()] for number, _ in shown
        ]


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


def test_shapes_are_beside_the_lines(details: Details) -> None:
    stages = details.explainer.model("stages")
    for stage in MATRICES:
        lines = details.page.locator(f"#listing-quantizer .code-line[data-stages~={stage}] .code-shape")
        shapes = [text for text in lines.all_inner_texts() if text]
        assert shapes[-1] == "×".join(map(str, stages[stage])), stage
    for loss in ("codebook_loss", "commitment_loss"):
        assert details.line(loss).locator(".code-shape").inner_text() == "scalar"


def test_every_stage_has_its_line(details: Details) -> None:
    stages = set(details.explainer.model("stages"))
    for stage in stages - {"input", "reconstruction"}:
        assert details.line(stage).count() == 1, stage
    for stage in ("reconstruction", "reconstruction_loss", "total_loss"):
        assert details.line(stage, "loss").count() == 1, stage
    assert details.lines_of("input")


def test_the_lines_of_a_listing_are_reached_by_keyboard(details: Details) -> None:
    rows = details.page.locator("#listing-quantizer .code-line[tabindex]")
    lines = rows.evaluate_all("(rows) => rows.map((row) => Number(row.dataset.line))")
    rows.nth(2).focus()
    at = 2
    for key, step in (("ArrowDown", 1), ("ArrowDown", 1), ("ArrowUp", -1), ("Home", -3), ("ArrowUp", 0), ("End", None)):
        details.page.keyboard.press(key)
        at = len(lines) - 1 if step is None else at + step
        assert details.page.evaluate("() => Number(document.activeElement.dataset.line)") == lines[at], key
    assert details.page.locator("#listing-quantizer .code-line[tabindex='0']").count() == 1


# Links: each by mouse and by keyboard.


def test_lines_and_matrices_frame_each_other(details: Details) -> None:
    wrong = []
    for stage in MATRICES:
        lines = details.lines_of(stage)
        assert lines
        matrix, line = details.matrix(stage), details.line(stage)
        for name, point in {
            "line, mouse": line.hover,
            "line, keyboard": line.focus,
            "matrix, mouse": lambda stage=stage: details.point(stage, 3, 0),
            "matrix, keyboard": matrix.locator(".entry").focus,
        }.items():
            point()
            details.explainer.until(SELECTED, stage)
            linked = details.linked()
            if not (linked["matrices"] == [stage] and linked["lines"] == lines and set(linked["parts"]) <= {stage}):
                wrong.append((stage, name, linked))
            if matrix.evaluate("(element) => getComputedStyle(element).outlineStyle") != "solid":
                wrong.append((stage, name, "no outline"))
            if "matrix" in name and not details.page.locator("#listing-quantizer").evaluate(IN_VIEW):
                wrong.append((stage, name, "no line in view"))
            details.page.mouse.move(2, 2)
            details.page.evaluate("() => document.activeElement.blur()")
            details.explainer.until(UNSELECTED)
            if details.linked() != NOTHING:
                wrong.append((stage, name, "frames stay"))
    assert wrong == []


def test_lines_and_terms_of_the_loss_frame_each_other(details: Details) -> None:
    wrong = []
    for term in TERMS:
        lines = details.lines_of(term)
        assert lines
        listing = "quantizer" if term in ("codebook_loss", "commitment_loss") else "loss"
        details.page.locator(f"#tab-{listing}").click()
        line = details.line(term, listing)
        line.wait_for(state="visible")
        element = details.page.locator(f".loss-term[data-term={term}]")
        for name, point in {
            "line, mouse": line.hover,
            "line, keyboard": line.focus,
            "term, mouse": lambda element=element: element.hover(position={"x": 12, "y": 8}),
            "term, keyboard": element.focus,
        }.items():
            point()
            details.explainer.until(SELECTED, term)
            if details.linked() != {"lines": lines, "matrices": [], "parts": [], "terms": [term]}:
                wrong.append((term, name, details.linked()))
            for tab in {line.split(":")[0].removeprefix("listing-") for line in lines}:
                if "has-linked" not in (details.page.locator(f"#tab-{tab}").get_attribute("class") or ""):
                    wrong.append((term, name, f"tab {tab} is not marked"))
            details.page.mouse.move(2, 2)
            details.page.evaluate("() => document.activeElement.blur()")
            details.explainer.until(UNSELECTED)
    assert wrong == []


def test_a_pinned_line_stays_while_drawing(details: Details) -> None:
    line = details.line("distances")
    lines = details.lines_of("distances")
    for how in ("mouse", "keyboard"):
        if how == "mouse":
            line.click()
        else:
            line.focus()
            details.page.keyboard.press("Enter")
        details.explainer.until("() => explainer.store.get('pinned')")
        assert line.get_attribute("aria-pressed") == "true"
        before = details.shown("distances")

        details.explainer.stroke((4, 20), (24, 20 if how == "mouse" else 4))
        assert details.linked()["matrices"] == ["distances"]
        assert details.linked()["lines"] == lines
        assert (details.shown("distances") != before).any()
        details.line("embeddings").hover()
        details.point("quantized", 2, 2)
        assert details.linked()["lines"] == lines

        if how == "mouse":
            line.click()
            details.explainer.until("() => !explainer.store.get('pinned')")
            details.explainer.point_at_nothing()
        else:
            details.page.keyboard.press("Escape")
            details.explainer.until("() => !explainer.store.get('pinned') && !explainer.store.get('selection')")
        assert details.linked() == NOTHING
        assert line.get_attribute("aria-pressed") == "false"


def test_a_pinned_number_stays_while_drawing(details: Details) -> None:
    row = details.explainer.inked_row()
    details.pin("distances", row, 7)
    details.explainer.stroke((4, 20), (24, 20))
    assert details.explainer.get("selection")["code"] == 7
    assert details.explainer.marks("indices") == {"pinned": [row]}
    details.page.locator(".arithmetic [data-action=unpin]").click()
    details.explainer.until("() => !explainer.store.get('pinned')")
