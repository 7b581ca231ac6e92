"""The ten example digits."""

import numpy as np
import pytest

from tests.browser.conftest import Visit
from tests.browser.explainer import Explainer

# Counts what the views were told since.
RECORD = """() => {
  globalThis.told = { drawing: 0, trace: 0 };
  globalThis.pictures = new Set();
  if (globalThis.forget) forget();
  globalThis.forget = explainer.store.subscribe((changed) => {
    for (const key of Object.keys(told)) told[key] += changed.has(key);
    if (changed.has("trace")) pictures.add(String(explainer.store.get("trace").pixels));
  });
}"""
RESTS = "() => !explainer.replay.playing() && explainer.store.get('drawing').some((value) => value)"


@pytest.fixture
def moving(visit: Visit) -> Explainer:
    """The page of a visitor who likes motion."""
    return visit(reduced_motion="no-preference")


def test_examples_draw_themselves_and_the_views_move(moving: Explainer) -> None:
    for digit in range(10):
        moving.evaluate(RECORD)
        moving.page.emulate_media(reduced_motion="no-preference")
        moving.page.locator(f"[data-example='{digit}']").click()
        moving.until(RESTS).settled()
        # On the way there, not only at the end; how often depends on how busy the machine is.
        told = moving.evaluate("() => told")
        assert told["drawing"] >= 3, digit
        assert told["trace"] >= 2, digit
        assert moving.evaluate("() => pictures.size") >= 2, digit
        drawn = moving.ink()

        moving.page.emulate_media(reduced_motion="reduce")
        moving.evaluate(RECORD)
        moving.example(digit)
        assert moving.evaluate("() => told.drawing") == 1, digit
        np.testing.assert_array_equal(moving.ink(), drawn)


def test_the_ten_are_ten_different_digits(explainer: Explainer) -> None:
    given = []
    for digit in range(10):
        explainer.example(digit)
        pixels = explainer.ink("pixels")
        assert 0.05 < pixels.mean() / 255 < 0.25  # MNIST's mean is 0.13
        given.append(pixels.astype(float).ravel())
    likeness = np.corrcoef(given)
    np.fill_diagonal(likeness, 0)
    assert likeness.max() < 0.9


def test_an_example_takes_the_place_of_the_drawing_and_undo_brings_it_back(explainer: Explainer) -> None:
    explainer.stroke((3, 3), (25, 3))
    drawn = explainer.ink()
    explainer.example(1)
    assert drawn[3, 4] == 255
    assert explainer.ink()[3, 4] == 0
    while not np.array_equal(explainer.ink(), drawn):
        assert explainer.action("undo").is_enabled()
        explainer.action("undo").click()
        explainer.settled()


def test_the_visitors_pen_interrupts(moving: Explainer) -> None:
    moving.page.keyboard.press("8")
    moving.until("() => explainer.store.get('drawing').some((value) => value)")
    moving.stroke((2, 26), (26, 26), steps=2)
    steps = moving.evaluate("() => explainer.store.get('steps').length")
    moving.until(RESTS)
    assert moving.evaluate("() => explainer.store.get('steps').length") == steps
    assert (moving.ink()[26, 3:25] > 200).all()


def test_the_newest_example_wins(moving: Explainer) -> None:
    for key in "3071":
        moving.page.keyboard.press(key)
    moving.until(RESTS).settled()
    drawn = moving.ink()
    moving.page.emulate_media(reduced_motion="reduce")
    moving.example(1)
    np.testing.assert_array_equal(moving.ink(), drawn)


def test_a_digit_draws_itself_for_a_first_visitor(visit: Visit) -> None:
    explainer = visit(first=True)
    explainer.until("() => explainer.store.get('drawing').some((value) => value)").settled()
    drawn = explainer.ink()
    explainer.page.reload()
    explainer.until("() => globalThis.explainer?.store.get('model')").settled()
    np.testing.assert_array_equal(explainer.ink(), drawn)
