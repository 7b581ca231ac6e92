"""Matrices that are wider than their place: 512 codes of 256 numbers."""

import pytest

from tests.browser.details import Details
from tests.browser.explainer import Explainer
from tests.browser.test_models import choose

# The horizontal extent of an entry, of what the matrices scroll in, and how far that is scrolled.
SIGHT = """([stage, column]) => {
  const entries = document.querySelector(`.matrix[data-stage=${stage}] .entries`);
  const frame = document.querySelector(".board-scroller");
  const { left, width } = entries.getBoundingClientRect();
  const x = left + (column + 0.5) * width / Number(entries.ariaColCount);
  return [x, frame.getBoundingClientRect().left, frame.getBoundingClientRect().right, frame.scrollLeft];
}"""
HINT = ".board-hint"
FRAME = ".board-scroller"


@pytest.fixture
def wide(models_page: Explainer) -> Explainer:
    """The usual laptop with the details of 512 codes."""
    models_page.page.set_viewport_size({"width": 1280, "height": 720})
    Details(choose(models_page, "minimal-512")).open()
    return models_page


def in_sight(explainer: Explainer, stage: str, column: int) -> bool:
    x, left, right, _ = explainer.evaluate(SIGHT, [stage, column])
    return bool(left <= x <= right)


def test_it_shows_where_there_is_more(wide: Explainer) -> None:
    frame = wide.page.locator(FRAME)
    assert wide.page.locator(HINT).is_visible()
    assert wide.evaluate("(frame) => document.querySelector(frame).className", FRAME).split()[1:] == ["has-more-right"]
    assert "transparent" not in frame.evaluate("(frame) => getComputedStyle(frame).scrollbarColor")
    frame.evaluate("(frame) => { frame.scrollLeft = 900; }")
    wide.until("() => document.querySelector('.board-scroller.has-more-left.has-more-right')")
    name = wide.page.locator(".matrix-distances .matrix-head b").bounding_box()
    box = frame.bounding_box()
    assert name
    assert box
    frame.evaluate("(frame) => { frame.scrollLeft = frame.scrollWidth; }")
    wide.until("() => document.querySelector('.board-scroller.has-more-left:not(.has-more-right)')")


def test_it_scrolls_to_what_is_selected_elsewhere_and_then_stays(wide: Explainer) -> None:
    wide.pin("indices", 24)
    code = wide.indices()[24]
    wide.until("() => document.querySelector('.board-scroller').scrollLeft > 0")
    assert in_sight(wide, "distances", code)
    assert in_sight(wide, "embeddings", code)
    last = wide.model("grid")["numEmbeddings"] - 1
    wide.pin("embeddings", last)
    wide.until("() => document.querySelector('.board-scroller').scrollLeft > 1500")
    assert in_sight(wide, "distances", last)
    # The visitor looks elsewhere: a stroke does not take that away.
    wide.page.locator(FRAME).evaluate("(frame) => { frame.scrollLeft = 0; }")
    wide.draw((4, 22), (24, 22))
    assert wide.evaluate(SIGHT, ["distances", last])[3] == 0


def test_the_keyboard_reaches_all_of_it(wide: Explainer) -> None:
    frame = wide.page.locator(FRAME)
    assert frame.get_attribute("role") == "region"
    assert frame.get_attribute("aria-label")
    wide.page.locator(".stage-tools [data-scaling=shared]").focus()
    wide.page.keyboard.press("Tab")
    assert frame.evaluate("(frame) => frame === document.activeElement")
    wide.page.keyboard.press("ArrowRight")
    wide.until("() => document.querySelector('.board-scroller').scrollLeft > 0")
    entry = wide.page.locator(".matrix-distances .entry")
    entry.focus()
    for key, column in (("End", 511), ("Home", 0), ("ArrowRight", 1)):
        wide.page.keyboard.press(key)
        wide.until("(column) => explainer.store.get('entry')?.column === column", column)
        assert in_sight(wide, "distances", column), key
        lens = wide.page.locator(".lens").bounding_box()
        assert lens
        _, left, right, _ = wide.evaluate(SIGHT, ["distances", column])
        assert left <= lens["x"], key
        assert lens["x"] + lens["width"] <= right, key


def test_nothing_scrolls_where_all_fits(models_page: Explainer, models_phone: Explainer) -> None:
    models_page.page.set_viewport_size({"width": 1280, "height": 720})
    Details(models_page).open()
    Details(choose(models_phone, "minimal-512")).open()  # on a phone the matrices are below one another
    for explainer in (models_page, models_phone):
        assert explainer.page.locator(HINT).is_hidden()
        assert explainer.page.locator(FRAME).get_attribute("tabindex") is None
        assert explainer.page.locator(FRAME).evaluate("(frame) => frame.className") == "board-scroller"
        assert explainer.overflow() <= 0
        assert in_sight(explainer, "distances", 19)
    assert in_sight(models_phone, "distances", 511)
