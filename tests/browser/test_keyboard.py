"""Everything without a mouse."""

import numpy as np

from tests.browser.details import Details
from tests.browser.explainer import GRIDS, Explainer

VIEWS = [*GRIDS, "embeddings"]
FOCUSED = """() => {
  const item = document.activeElement?.closest("[data-item]");
  return item && [item.closest("[data-stage]").dataset.stage, Number(item.dataset.item)];
}"""


def test_tab_reaches_every_grid_once(five: Explainer) -> None:
    """A grid is one stop, whatever its size."""
    five.evaluate("() => document.querySelector('.skip').focus()")
    stops: list[str] = []
    for _ in range(60):
        five.page.keyboard.press("Tab")
        if stop := five.evaluate(FOCUSED):
            stops.append(stop[0])
        if len(stops) == len(VIEWS):
            break
    assert stops == ["features", "embeddings", "indices", "quantized", "reconstruction"]


def test_tab_comes_in_at_what_is_pinned(five: Explainer) -> None:
    five.pin("features", 24)
    inside = '() => Array.from(document.querySelectorAll(\'[data-item="24"][tabindex="0"]\')).length'
    five.until(f"() => ({inside})() === 4")  # features, indices, quantized, reconstruction


def test_tab_never_lands_on_the_body(five: Explainer) -> None:
    """What a selection shows may not vanish with the focus in it, as the pair of vectors after the last matrix."""
    details = Details(five).open()
    entry = details.matrix("quantized").locator(".entry")
    entry.focus()
    five.until("() => !document.querySelector('.arithmetic').hidden")
    stops = []
    for _ in range(8):
        five.page.keyboard.press("Tab")
        five.until("() => true")
        stops.append(five.evaluate("() => document.activeElement.className || document.activeElement.tagName"))
    assert "BODY" not in stops, stops
    assert stops[0] == "pair"
    assert (five.get("selection") or {"cell": None})["cell"] is None  # the terms of the loss select a stage only


def test_arrows_move_the_selection(five: Explainer) -> None:
    for stage in VIEWS:
        columns, last = (10, 19) if stage == "embeddings" else (7, 48)
        five.cell(stage, 0).focus()
        moves = [
            ("ArrowRight", 1),
            ("ArrowDown", columns + 1),
            ("ArrowLeft", columns),
            ("ArrowLeft", columns),
            ("ArrowUp", 0),
            ("ArrowUp", 0),
            ("End", columns - 1),
            ("ArrowRight", columns - 1),
            ("Home", 0),
            ("Control+End", last),
            ("ArrowDown", last),
            ("Control+Home", 0),
        ]
        for key, item in moves:
            five.page.keyboard.press(key)
            assert five.evaluate(FOCUSED) == [stage, item], (stage, key)
        five.page.keyboard.press("ArrowRight")
        expected = {"cell": None, "code": 1} if stage == "embeddings" else {"cell": [0, 1], "code": None}
        five.until("(stage) => explainer.store.get('selection')?.stage === stage", stage)
        assert five.get("selection") == {**expected, "stage": stage}
        if stage != "embeddings":
            assert five.marks("indices") == {"selected": [1]}
        outline = five.cell(stage, 1).evaluate("(cell) => getComputedStyle(cell).outlineWidth")
        assert float(outline.removesuffix("px")) >= 1, f"the focus in {stage} cannot be seen"


def test_a_grid_remembers_its_place(five: Explainer) -> None:
    five.cell("indices", 0).focus()
    five.page.keyboard.press("ArrowDown")
    five.page.keyboard.press("Tab")
    five.page.keyboard.press("Shift+Tab")
    assert five.evaluate(FOCUSED) == ["indices", 7]


def test_leaving_a_grid_clears_the_selection(five: Explainer) -> None:
    five.cell("reconstruction", 0).focus()
    five.until("() => explainer.store.get('selection')")
    five.action("clear").focus()
    five.until("() => !explainer.store.get('selection')")


def test_keys_pin_and_escape_unpins(five: Explainer) -> None:
    row = five.inked_row()
    for key in ("Enter", "Space"):
        five.cell("features", row).focus()
        five.page.keyboard.press(key)
        five.until("() => explainer.store.get('pinned')")
        assert five.marks("quantized") == {"pinned": [row]}
        five.action("clear").focus()
        assert five.get("pinned")
        five.page.keyboard.press("Escape")
        five.until("() => !explainer.store.get('pinned') && !explainer.store.get('selection')")
        assert five.marks("quantized") == {}
    five.cell("features", 8).focus()
    five.page.keyboard.press("Enter")
    five.page.keyboard.press("ArrowRight")
    five.until("() => explainer.store.get('selection')?.cell[1] === 2")
    assert five.marks("indices") == {"pinned": [9]}


def test_the_selection_is_announced(five: Explainer) -> None:
    row = five.inked_row()
    five.cell("indices", row).focus()
    five.until("() => document.querySelector('.announcer').textContent.includes('nearest')")
    announced = five.page.locator(".announcer").inner_text()
    assert f"row {row // 7}, column {row % 7}" in announced.lower()
    assert f"code {five.indices()[row]}" in announced
    assert five.cell("indices", row).get_attribute("aria-selected") == "true"
    assert f"code {five.indices()[row]}" in five.cell("indices", row).get_attribute("aria-label")


def test_keys_do_what_buttons_do(explainer: Explainer) -> None:
    press = explainer.page.keyboard.press
    press("4")
    explainer.until("() => explainer.store.get('drawing').some((value) => value)").settled()
    four = explainer.ink()
    for undo in ("u", "Control+z"):
        press("Delete")
        explainer.settled()
        assert not explainer.ink().any()
        press(undo)
        explainer.settled()
        np.testing.assert_array_equal(explainer.ink(), four)
    for key, name, value in (
        ("e", "tool", "erase"),
        ("d", "tool", "draw"),
        ("x", "difference", True),
        ("x", "difference", False),
        ("m", "centre", False),
        ("m", "centre", True),
        ("t", "theme", "light"),
        ("t", "theme", "dark"),
    ):
        press(key)
        explainer.until("([name, value]) => explainer.store.get(name) === value", [name, value])


def test_a_slider_keeps_its_own_keys(explainer: Explainer) -> None:
    explainer.page.locator("input[name=channel]").focus()
    explainer.page.keyboard.press("ArrowRight")
    explainer.until("() => explainer.store.get('channel') === 1")
    explainer.page.keyboard.press("End")
    explainer.until("() => explainer.store.get('channel') === 15")
    assert explainer.get("selection") is None
