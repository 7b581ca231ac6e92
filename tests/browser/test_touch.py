"""Draw and pin with a finger."""

import numpy as np

from tests.browser.conftest import Fingers
from tests.browser.explainer import Explainer

SCROLLED = "() => scrollY"


def test_a_finger_draws_and_does_not_scroll(phone: Explainer, fingers: Fingers) -> None:
    before = phone.evaluate(SCROLLED)
    fingers.down(phone.at((14, 24)))
    for y in range(23, 3, -1):
        fingers.move(phone.at((14, y)))
    fingers.up()
    phone.settled()
    assert (phone.ink()[5:24, 13:15] > 200).all()
    assert phone.evaluate(SCROLLED) == before
    # The same movement beside the pad does scroll: the page is longer than the screen.
    fingers.down((20, 700))
    for y in range(690, 300, -10):
        fingers.move((20, y))
    fingers.up()
    phone.until("() => scrollY > 50")


def test_a_tap_leaves_a_dot(phone: Explainer) -> None:
    phone.page.touchscreen.tap(*phone.at((10.5, 12.5)))
    phone.settled()
    ink = phone.ink()
    assert ink[12, 10] == 255
    assert np.count_nonzero(ink) <= 21


def test_a_second_finger_changes_nothing(phone: Explainer, fingers: Fingers) -> None:
    fingers.down(phone.at((8, 8)))
    fingers.move(phone.at((8, 12)))
    fingers.down(phone.at((8, 12)), phone.at((22, 22)))
    fingers.move(phone.at((8, 16)), phone.at((22, 18)))
    fingers.move(phone.at((8, 20)), phone.at((18, 18)))
    fingers.up()
    phone.settled()
    ink = phone.ink()
    assert (ink[8:20, 7:9] > 200).all()
    assert not ink[:, 12:].any()


def test_a_tap_pins_and_another_lets_go(phone: Explainer) -> None:
    phone.example(5)
    row = phone.inked_row()
    cell = phone.cell("indices", row)
    cell.tap()
    phone.until("() => explainer.store.get('pinned')")
    assert phone.marks("features") == {"pinned": [row]}
    assert phone.marks("embeddings")["nearest"] == [phone.indices()[row]]
    assert phone.page.locator(".inspector-title").inner_text().startswith("Cell")
    cell.tap()
    phone.until("() => !explainer.store.get('pinned')")
    assert phone.get("selection") is None


def test_a_tap_elsewhere_moves_the_pin(phone: Explainer) -> None:
    phone.example(5)
    phone.cell("features", 10).tap()
    phone.until("() => explainer.store.get('pinned')")
    phone.cell("reconstruction", 20).tap()
    phone.until("() => explainer.store.get('selection')?.stage === 'reconstruction'")
    assert phone.get("pinned")
    assert phone.marks("indices") == {"pinned": [20]}
    code = phone.cell("embeddings", phone.indices()[10])
    code.tap()
    phone.until("() => explainer.store.get('selection')?.code !== null")
    assert phone.get("pinned")
    phone.action("unpin").tap()
    phone.until("() => !explainer.store.get('pinned') && !explainer.store.get('selection')")
