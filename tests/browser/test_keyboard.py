"""Everything without a mouse."""

import numpy as np
import pytest

from tests.browser.explainer import GRIDS, Explainer

VIEWS = [*GRIDS, "embeddings"]
FOCUSED = """() => {
  const item = document.activeElement?.closest("[data-item]");
  return item && [item.closest("[data-stage]").dataset.stage, Number(item.dataset.item)];
}"""


def test_tab_comes_to_every_grid_once(five: Explainer) -> None:
    """And to the buttons; a grid is one stop, whatever its size."""
    stops = []
    for _ in range(60):
        five.page.keyboard.press("Tab")
        if stop := five.evaluate(FOCUSED):
            stops.append(stop)
    order = [stage for stage, _ in stops]
    assert order[:5] == ["features", "embeddings", "indices", "quantized", "reconstruction"]


@pytest.mark.parametrize("stage", VIEWS)
def test_arrows_move_the_selection(five: Explainer, stage: str) -> None:
    columns = 10 if stage == "embeddings" else 7
    last = 19 if stage == "embeddings" else 48
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
        assert five.evaluate(FOCUSED) == [stage, item], key
        five.until("(stage) => explainer.store.get('selection')?.stage === stage", stage)
        selection = five.get("selection")
        if stage == "embeddings":
            assert selection["code"] == item
        else:
            assert selection["cell"] == [item // 7, item % 7]
            assert five.marks("indices") == {"selected": [item]}


def test_a_grid_is_come_back_to_where_it_was_left(five: Explainer) -> None:
    five.cell("indices", 0).focus()
    five.page.keyboard.press("ArrowDown")
    five.page.keyboard.press("Tab")
    five.page.keyboard.press("Shift+Tab")
    assert five.evaluate(FOCUSED) == ["indices", 7]


def test_leaving_a_grid_leaves_the_selection(five: Explainer) -> None:
    five.cell("reconstruction", 0).focus()
    five.until("() => explainer.store.get('selection')")
    five.action("clear").focus()
    five.until("() => !explainer.store.get('selection')")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_key_pins_and_escape_lets_go(five: Explainer, key: str) -> None:
    row = five.inked_row()
    five.cell("features", row).focus()
    five.page.keyboard.press(key)
    five.until("() => explainer.store.get('pinned')")
    assert five.marks("quantized") == {"pinned": [row]}
    five.action("clear").focus()
    assert five.get("pinned")
    five.page.keyboard.press("Escape")
    five.until("() => !explainer.store.get('pinned') && !explainer.store.get('selection')")
    assert five.marks("quantized") == {}


def test_a_pin_moves_with_the_arrows(five: Explainer) -> None:
    five.cell("features", 8).focus()
    five.page.keyboard.press("Enter")
    five.page.keyboard.press("ArrowRight")
    five.until("() => explainer.store.get('selection')?.cell[1] === 2")
    assert five.marks("indices") == {"pinned": [9]}


def test_the_selection_is_spoken(five: Explainer) -> None:
    row = five.inked_row()
    five.cell("indices", row).focus()
    five.until("() => document.querySelector('.announcer').textContent.includes('nearest')")
    said = five.page.locator(".announcer").inner_text()
    assert f"row {row // 7}, column {row % 7} is nearest to code {five.indices()[row]}" in said
    assert five.cell("indices", row).get_attribute("aria-selected") == "true"
    assert f"code {five.indices()[row]}" in five.cell("indices", row).get_attribute("aria-label")


def test_keys_do_what_buttons_do(explainer: Explainer) -> None:
    press = explainer.page.keyboard.press
    press("4")
    explainer.until("() => explainer.store.get('drawing').some((value) => value)").settled()
    four = explainer.ink()
    press("Delete")
    explainer.settled()
    assert not explainer.ink().any()
    press("u")
    explainer.settled()
    np.testing.assert_array_equal(explainer.ink(), four)
    press("Delete")
    press("Control+z")
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


def test_help_opens_and_closes(explainer: Explainer) -> None:
    help = explainer.page.locator("dialog.help")
    explainer.page.keyboard.press("?")
    help.wait_for(state="visible")
    explainer.page.keyboard.press("7")  # means nothing behind the help
    explainer.page.keyboard.press("Escape")
    help.wait_for(state="hidden")
    explainer.action("help").click()
    help.wait_for(state="visible")
    explainer.action("close-help").click()
    help.wait_for(state="hidden")
    assert not explainer.ink().any()


def test_a_slider_keeps_its_own_keys(explainer: Explainer) -> None:
    explainer.page.locator("input[name=channel]").focus()
    explainer.page.keyboard.press("ArrowRight")
    explainer.until("() => explainer.store.get('channel') === 1")
    explainer.page.keyboard.press("End")
    explainer.until("() => explainer.store.get('channel') === 15")
    assert explainer.get("selection") is None


def test_focus_can_be_seen(five: Explainer) -> None:
    for stage in VIEWS:
        five.cell(stage, 0).focus()
        five.page.keyboard.press("ArrowRight")
        outline = five.cell(stage, 1).evaluate("(cell) => getComputedStyle(cell).outlineWidth")
        assert float(outline.removesuffix("px")) >= 1
