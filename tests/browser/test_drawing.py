"""Draw with the mouse, a finger or a pen; erase, undo, clear; centring; the ten examples."""

import numpy as np
import pytest

from tests.browser.conftest import Fingers, Visit
from tests.browser.explainer import Explainer, Point

SMALL_SEVEN = ((2, 2), (8, 2), (5, 10))

# Counts what the views are told from now on.
RECORD = """() => {
  globalThis.changes = { drawing: 0, trace: 0 };
  globalThis.pictures = new Set();
  if (globalThis.unsubscribe) unsubscribe();
  globalThis.unsubscribe = explainer.store.subscribe((changed) => {
    for (const key of Object.keys(changes)) changes[key] += changed.has(key);
    if (changed.has("trace")) pictures.add(String(explainer.store.get("trace")?.pixels));
  });
}"""
DRAWN = "() => !explainer.replay.playing() && explainer.store.get('drawing').some((value) => value)"


@pytest.fixture
def moving(explainer: Explainer) -> Explainer:
    """The page of a visitor who does not ask for reduced motion."""
    explainer.page.emulate_media(reduced_motion="no-preference")
    return explainer


# The pad.


def test_the_pad_is_empty_at_first(explainer: Explainer) -> None:
    assert not explainer.ink().any()
    assert not explainer.ink("pixels").any()
    assert not explainer.picture("canvas.pad").any()
    assert explainer.page.locator(".pad-hint").is_visible()
    assert explainer.action("undo").is_disabled()


def test_a_stroke_is_shown_and_traced(explainer: Explainer) -> None:
    explainer.stroke((6, 6), (14, 20), (22, 6))
    ink = explainer.ink()
    assert ink[6, 6] > 200
    assert ink[19, 14] > 200
    assert not ink[24:].any()
    for channel in range(3):
        np.testing.assert_array_equal(explainer.picture("canvas.pad")[:, :, channel], ink)
    assert explainer.page.locator(".pad-hint").is_hidden()
    traced = explainer.evaluate("() => Array.from(explainer.store.get('trace').pixels)")
    np.testing.assert_array_equal(np.reshape(traced, (28, 28)), explainer.ink("pixels"))


def test_views_follow_the_pen_before_it_is_lifted(explainer: Explainer) -> None:
    mouse = explainer.page.mouse
    mouse.move(*explainer.at((8, 5)))
    mouse.down()
    for y in (10, 15, 20):
        before = explainer.settled().seq()
        paints = explainer.paints()["The reconstructed picture"]
        mouse.move(*explainer.at((8, y)), steps=4)
        explainer.until("(before) => explainer.store.get('trace').seq > before", before)
        assert explainer.paints()["The reconstructed picture"] > paints
    mouse.up()


def test_a_click_leaves_a_dot(explainer: Explainer) -> None:
    explainer.page.mouse.click(*explainer.at((9.5, 17.5)))
    explainer.settled()
    ink = explainer.ink()
    assert ink[17, 9] == 255
    down, across = np.nonzero(ink)
    assert np.ptp(down) <= 4
    assert np.ptp(across) <= 4


def test_a_stroke_goes_on_outside_the_pad(explainer: Explainer) -> None:
    explainer.stroke((14, 14), (40, 14), (40, 22), (14, 22))
    ink = explainer.ink()
    assert (ink[14, 14:] > 200).all()
    assert (ink[22, 15:] > 200).all()


def test_a_stroke_may_begin_just_outside_the_pad(explainer: Explainer) -> None:
    """Up to 12 px; and no drag selects text of the page."""
    left, top = explainer.at((0, 0))
    right, bottom = explainer.at((28, 28))
    middle = ((left + right) / 2, (top + bottom) / 2)
    mouse = explainer.page.mouse
    for outside, drawn in (
        ((left - 10, middle[1]), True),
        ((right + 8, middle[1]), True),
        ((middle[0], top - 10), True),
        ((middle[0], bottom + 6), True),
        ((left - 10, top - 10), True),
        ((left - 16, middle[1]), False),
        ((middle[0], top - 20), False),
    ):
        mouse.move(*outside)
        mouse.down()
        mouse.move(*middle, steps=4)
        mouse.move(right + 400, middle[1], steps=4)
        mouse.up()
        explainer.settled()
        assert bool(explainer.ink()[14, 14]) == drawn, outside
        assert explainer.evaluate("() => String(getSelection())") == "", outside
        explainer.reset()
    explainer.action("erase").click()  # a button near the pad is still a button
    explainer.until("() => explainer.store.get('tool') === 'erase'")
    assert explainer.get("steps") == []


def test_other_buttons_do_not_draw(explainer: Explainer) -> None:
    explainer.page.mouse.click(*explainer.at((14, 14)), button="right")
    assert not explainer.ink().any()


def test_the_brush_sets_the_width(explainer: Explainer) -> None:
    widths = []
    for size in ("0.75", "1.25", "2.5"):
        explainer.page.locator("input[name=brush]").fill(size)
        explainer.stroke((14, 3), (14, 25))
        widths.append(float(explainer.ink()[14].sum() / 255))
        explainer.action("clear").click()
        explainer.settled()
    # Twice the radius, and a soft rim of half a pixel on each side that counts half.
    assert widths == pytest.approx([1.5 + 0.5, 2.5 + 0.5, 5 + 0.5], abs=0.75)


def test_the_eraser_removes_ink(explainer: Explainer) -> None:
    explainer.stroke((5, 14), (23, 14))
    explainer.action("erase").click()
    explainer.until("() => document.querySelector('[data-action=erase]').ariaPressed === 'true'")
    explainer.stroke((14, 8), (14, 20))
    ink = explainer.ink()
    assert ink[14, 14] == 0
    assert ink[14, 6] > 200
    assert ink[14, 22] > 200
    np.testing.assert_array_equal(explainer.picture("canvas.pad")[:, :, 0], ink)
    explainer.action("draw").click()
    explainer.stroke((14, 12), (14, 16))
    assert explainer.ink()[14, 14] == 255


def test_undo_takes_back_strokes_and_clearing(explainer: Explainer) -> None:
    pictures = [explainer.ink()]
    for x in (8, 14, 20):
        explainer.stroke((x, 6), (x, 21))
        pictures.append(explainer.ink())
    explainer.action("clear").click()
    explainer.settled()
    assert not explainer.ink().any()
    assert not explainer.picture("canvas.pad").any()
    for expected in reversed(pictures):
        explainer.action("undo").click()
        explainer.settled()
        np.testing.assert_array_equal(explainer.ink(), expected)
    assert explainer.action("undo").is_disabled()
    for expected in (*pictures[1:], pictures[0]):
        explainer.action("redo").click()
        explainer.settled()
        np.testing.assert_array_equal(explainer.ink(), expected)
    assert explainer.action("redo").is_disabled()


def test_a_pen_draws_too(explainer: Explainer) -> None:
    session = explainer.page.context.new_cdp_session(explainer.page)

    def pen(kind: str, point: Point) -> None:
        x, y = explainer.at(point)
        event = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1, "pointerType": "pen", "force": 0.5}
        held = {"buttons": 0 if kind == "mouseReleased" else 1}
        session.send("Input.dispatchMouseEvent", event | held)

    explainer.evaluate(
        """() => {
          globalThis.kinds = [];
          addEventListener("pointerdown", (event) => kinds.push(event.pointerType), { once: true });
        }"""
    )
    pen("mousePressed", (6, 6))
    for share in range(1, 9):
        pen("mouseMoved", (6 + 2 * share, 6 + 2 * share))
    pen("mouseReleased", (22, 22))
    session.detach()
    explainer.settled()
    assert explainer.evaluate("() => kinds") == ["pen"]
    assert (np.diag(explainer.ink())[6:22] > 200).all()


def test_a_finger_draws_and_does_not_scroll(phone: Explainer, fingers: Fingers) -> None:
    fingers.down(phone.at((14, 24)))
    for y in range(23, 3, -1):
        fingers.move(phone.at((14, y)))
    fingers.up()
    phone.settled()
    assert (phone.ink()[5:24, 13:15] > 200).all()
    assert phone.evaluate("() => scrollY") == 0
    # The same movement beside the pad scrolls: the page is longer than the screen.
    fingers.down((20, 700))
    for y in range(690, 300, -10):
        fingers.move((20, y))
    phone.until("() => scrollY > 50")
    # A finger that rests before it is lifted leaves no momentum, which would scroll the next test's page.
    phone.page.wait_for_timeout(200)
    fingers.up()


def test_a_finger_may_begin_just_outside_the_pad(phone: Explainer, fingers: Fingers) -> None:
    _, y = phone.at((14, 0))
    fingers.down((phone.at((14, 0))[0], y - 8))
    for row in range(1, 20):
        fingers.move(phone.at((14, row)))
    fingers.up()
    phone.settled()
    assert (phone.ink()[2:19, 13:15] > 200).all()
    assert phone.evaluate("() => scrollY") == 0


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


# Centring.


def test_the_model_gets_a_centred_drawing_until_that_is_switched_off(explainer: Explainer) -> None:
    switch = explainer.page.locator("input[name=centre]")
    assert switch.is_checked()
    explainer.stroke(*SMALL_SEVEN)
    drawn, given = explainer.ink(), explainer.ink("pixels")
    assert (drawn != given).any()
    for way in ("switch", "key"):
        if way == "switch":
            switch.uncheck()
        else:
            explainer.page.keyboard.press("m")
        explainer.until("() => !explainer.store.get('centre')").settled()
        np.testing.assert_array_equal(explainer.ink("pixels"), drawn)
        np.testing.assert_array_equal(explainer.picture("canvas.given")[:, :, 0], drawn)
        np.testing.assert_array_equal(explainer.ink(), drawn)
        assert not switch.is_checked()
        explainer.page.keyboard.press("m")
        explainer.until("() => explainer.store.get('centre')").settled()
        np.testing.assert_array_equal(explainer.ink("pixels"), given)


def test_frames_on_the_pad_follow_the_centring(explainer: Explainer) -> None:
    """The frame on the pad surrounds the ink that the cell reads, which the model gets at another place."""
    explainer.draw(*SMALL_SEVEN)
    explainer.cell("indices", 24).hover()
    explainer.until("() => explainer.store.get('selection')?.cell && explainer.store.get('trace').distances")
    top, left, bottom, right = explainer.model("fields")["reads"][3][3]
    place = explainer.get("placement")
    for picture, corners in (
        (".given-picture", np.array([left, top, right, bottom], float)),
        (".pad-picture", (np.array([left, top, right, bottom]) - [place["dx"], place["dy"]] * 2) / place["scale"]),
    ):
        frame = explainer.page.locator(f"{picture} .frame").bounding_box()
        canvas = explainer.page.locator(f"{picture} canvas").bounding_box()
        assert frame
        assert canvas
        x, y = frame["x"] - canvas["x"], frame["y"] - canvas["y"]
        shown = np.array([x, y, x + frame["width"], y + frame["height"]]) * 28 / canvas["width"]
        np.testing.assert_allclose(shown, np.clip(corners, 0, 28), atol=0.2)


# Examples.


def test_an_example_draws_itself_and_the_views_move(moving: Explainer) -> None:
    moving.evaluate(RECORD)
    moving.page.locator("[data-example='8']").click()
    moving.until(DRAWN).settled()
    # Views change on the way, not only at the end; how often depends on how busy the machine is.
    changes = moving.evaluate("() => changes")
    assert changes["drawing"] >= 3
    assert changes["trace"] >= 2
    assert moving.evaluate("() => pictures.size") >= 2
    drawn = moving.ink()

    moving.page.emulate_media(reduced_motion="reduce")
    moving.evaluate(RECORD)
    moving.example(8)
    assert moving.evaluate("() => changes.drawing") == 1
    np.testing.assert_array_equal(moving.ink(), drawn)


def test_an_example_replaces_the_drawing_and_undo_restores_it(explainer: Explainer) -> None:
    explainer.draw((3, 3), (25, 3))
    drawn = explainer.ink()
    explainer.example(1)
    assert drawn[3, 4] == 255
    assert explainer.ink()[3, 4] == 0
    while not np.array_equal(explainer.ink(), drawn):
        assert explainer.action("undo").is_enabled()
        explainer.action("undo").click()
        explainer.settled()


def test_the_visitors_pen_interrupts_an_example(moving: Explainer) -> None:
    moving.page.keyboard.press("8")
    moving.until("() => explainer.store.get('drawing').some((value) => value)")
    moving.stroke((2, 26), (26, 26), steps=2)
    steps = moving.evaluate("() => explainer.store.get('steps').length")
    moving.until(DRAWN)
    assert moving.evaluate("() => explainer.store.get('steps').length") == steps
    assert (moving.ink()[26, 3:25] > 200).all()


def test_a_digit_draws_itself_for_a_first_visitor(visit: Visit) -> None:
    explainer = visit(first=True)
    explainer.until("() => explainer.store.get('drawing').some((value) => value)").settled()
    drawn = explainer.ink()
    np.testing.assert_array_equal(explainer.reload().ink(), drawn)
