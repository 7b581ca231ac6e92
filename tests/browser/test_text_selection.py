"""Text of the page can be selected with the mouse, except by a drag that draws, paints or points."""

import pytest

from tests.browser.details import Details
from tests.browser.explainer import Explainer, Point

SELECTED = "() => String(getSelection())"


def drag(explainer: Explainer, start: Point, end: Point) -> str:
    """The text that a drag selects."""
    mouse = explainer.page.mouse
    explainer.evaluate("() => getSelection().removeAllRanges()")
    mouse.move(*start)
    mouse.down()
    mouse.move(*end, steps=5)
    mouse.up()
    return str(explainer.evaluate(SELECTED))


def across(explainer: Explainer, selector: str) -> str:
    """The text that a drag from its first to its last corner selects."""
    element = explainer.page.locator(selector).first
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    assert box
    right, bottom = box["x"] + box["width"] - 1, box["y"] + box["height"] - 2
    return drag(explainer, (box["x"] + 1, box["y"] + 2), (right, bottom))


def middle(explainer: Explainer, selector: str) -> Point:
    box = explainer.page.locator(selector).first.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize(
    "selector",
    [
        ".part-features .part-head p",
        ".part-quantized .aside",
        ".part-indices .shape",
        "[data-fact=error]",
        ".codebook-key",
    ],
)
def test_captions_and_numbers_of_the_figure_can_be_selected(five: Explainer, selector: str) -> None:
    text = five.page.locator(selector).first.inner_text()
    assert across(five, selector).split()[1:-1] == text.split()[1:-1]
    assert five.evaluate(SELECTED)


def test_formulas_and_code_can_be_selected(five: Explainer) -> None:
    Details(five).open()
    line = "#listing-quantizer .code-line:has(.code-shape:not(:empty))"
    assert across(five, line).strip() == five.page.locator(f"{line} .code-text").first.inner_text().strip(), (
        "code alone"
    )
    assert "sg" in across(five, "[data-term=codebook_loss] math")


def test_no_drag_from_a_grid_selects_text(five: Explainer) -> None:
    """Neither one that paints codes nor one that only points."""
    caption = middle(five, ".part-quantized .part-head p")
    for stage in ("features", "embeddings", "indices", "quantized", "reconstruction"):
        assert drag(five, middle(five, f".part-{stage} [data-item='3']"), caption) == "", stage
    five.page.keyboard.press("Escape")
    five.action("edit").click()
    five.page.locator(".palette [data-code='4']").click()
    five.until("() => explainer.store.get('brushCode') === 4")
    before = five.indices()
    assert drag(five, middle(five, ".part-indices [data-item='21']"), caption) == ""
    five.until("(before) => String(explainer.store.get('shownIndices').flat()) !== before", ",".join(map(str, before)))
