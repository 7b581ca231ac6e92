"""Lines of code, matrices and terms of the loss point at each other: by mouse and by keyboard, both ways."""

import pytest

from tests.browser.details import MATRICES, Details
from tests.browser.explainer import Explainer

STAGE = "(stage) => explainer.store.get('selection')?.stage === stage"
TERMS = ("reconstruction_loss", "codebook_loss", "commitment_loss", "total_loss")
NOTHING = {"lines": [], "matrices": [], "parts": [], "terms": []}


@pytest.fixture
def details(five: Explainer) -> Details:
    return Details(five).open()


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
@pytest.mark.parametrize("stage", MATRICES)
def test_a_line_frames_its_matrix(details: Details, stage: str, how: str) -> None:
    line = details.line(stage)
    if how == "mouse":
        line.hover()
    else:
        line.focus()
    details.explainer.until(STAGE, stage)
    framed = details.framed()
    assert framed["matrices"] == [stage]
    assert framed["lines"] == details.lines_of(stage)
    assert set(framed["parts"]) <= {stage}
    border = "(element) => getComputedStyle(element).outlineStyle"
    assert details.matrix(stage).evaluate(border) == "solid"

    if how == "mouse":
        details.leave()
    else:
        line.evaluate("(line) => line.blur()")
        details.explainer.until("() => !explainer.store.get('selection')")
    assert details.framed() == NOTHING


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
@pytest.mark.parametrize("stage", MATRICES)
def test_a_matrix_frames_its_lines(details: Details, stage: str, how: str) -> None:
    if how == "mouse":
        details.point(stage, 3, 0)
    else:
        details.matrix(stage).locator(".entry").focus()
    details.explainer.until(STAGE, stage)
    framed = details.framed()
    assert framed["lines"] == details.lines_of(stage) != []
    assert framed["matrices"] == [stage]
    # One of them has been scrolled into sight.
    seen = details.page.locator("#listing-quantizer").evaluate(
        """(panel) => {
          const { top, bottom } = panel.getBoundingClientRect();
          return Array.from(panel.querySelectorAll(".is-linked")).some((line) => {
            const box = line.getBoundingClientRect();
            return box.top >= top - 1 && box.bottom <= bottom + 1;
          });
        }"""
    )
    assert seen


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
def test_a_pinned_line_stays_while_drawing(details: Details, how: str) -> None:
    line = details.line("distances")
    if how == "mouse":
        line.click()
    else:
        line.focus()
        details.page.keyboard.press("Enter")
    details.explainer.until("() => explainer.store.get('pinned')")
    assert line.get_attribute("aria-pressed") == "true"
    lines = details.lines_of("distances")
    before = details.shown("distances")

    details.explainer.stroke((4, 20), (24, 20))
    assert details.framed()["matrices"] == ["distances"]
    assert details.framed()["lines"] == lines
    assert (details.shown("distances") != before).any()
    details.line("embeddings").hover()
    details.point("quantized", 2, 2)
    assert details.framed()["lines"] == lines

    if how == "mouse":
        line.click()
        details.explainer.until("() => !explainer.store.get('pinned')")
        details.leave()
    else:
        details.page.keyboard.press("Escape")
        details.explainer.until("() => !explainer.store.get('pinned') && !explainer.store.get('selection')")
    assert details.framed() == NOTHING
    assert line.get_attribute("aria-pressed") == "false"


def test_a_pinned_number_stays_while_drawing(details: Details) -> None:
    row = details.explainer.inked_row()
    details.point("distances", row, 7, click=True)
    details.explainer.until("() => explainer.store.get('pinned')")
    details.explainer.stroke((4, 20), (24, 20))
    assert details.explainer.get("selection")["code"] == 7
    assert details.explainer.marks("indices") == {"pinned": [row]}
    details.page.locator(".arithmetic [data-action=unpin]").click()
    details.explainer.until("() => !explainer.store.get('pinned')")


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
@pytest.mark.parametrize("term", TERMS)
def test_a_term_of_the_loss_frames_its_lines(details: Details, term: str, how: str) -> None:
    element = details.page.locator(f".loss-term[data-term={term}]")
    if how == "mouse":
        element.hover(position={"x": 12, "y": 8})
    else:
        element.focus()
    details.explainer.until(STAGE, term)
    framed = details.framed()
    assert framed["terms"] == [term]
    assert framed["lines"] == details.lines_of(term) != []
    assert framed["matrices"] == []
    for listing in {line.split(":")[0].removeprefix("listing-") for line in framed["lines"]}:
        assert "has-linked" in (details.page.locator(f"#tab-{listing}").get_attribute("class") or "")


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
@pytest.mark.parametrize("term", TERMS)
def test_a_line_of_a_loss_frames_its_term(details: Details, term: str, how: str) -> None:
    listing = "quantizer" if term in ("codebook_loss", "commitment_loss") else "loss"
    details.page.locator(f"#tab-{listing}").click()
    line = details.line(term, listing)
    line.wait_for(state="visible")
    if how == "mouse":
        line.hover()
    else:
        line.focus()
    details.explainer.until(STAGE, term)
    assert details.framed()["terms"] == [term]
    assert details.framed()["lines"] == details.lines_of(term)
