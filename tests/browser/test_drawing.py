"""Draw with the mouse, erase, undo, clear."""

import numpy as np
import pytest

from tests.browser.explainer import Explainer, Point


def width(explainer: Explainer, row: int = 14) -> float:
    """How wide the ink is along a row of the drawing, in pixels."""
    return float(explainer.ink()[row].sum() / 255)


def test_the_pad_is_empty_at_first(explainer: Explainer) -> None:
    assert not explainer.ink().any()
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


def test_every_stroke_is_traced(explainer: Explainer) -> None:
    seen = [explainer.seq()]
    for x in (6, 11, 16, 21):
        explainer.stroke((x, 5), (x, 22))  # waits until the trace is that of the drawing
        seen.append(explainer.seq())
    assert seen == sorted(set(seen))


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


@pytest.mark.parametrize(("start", "end"), [((3, 3), (25, 25)), ((3, 14), (25, 14)), ((20, 2), (7, 26))])
def test_a_fast_stroke_has_no_gap(explainer: Explainer, start: Point, end: Point) -> None:
    explainer.stroke(start, end, steps=1)
    ink = explainer.ink()
    for share in np.linspace(0, 1, 50):
        x, y = (1 - share) * np.array(start) + share * np.array(end)
        assert ink[int(y), int(x)] > 200


def test_ink_is_soft_at_its_rim(explainer: Explainer) -> None:
    explainer.stroke((6, 9), (22, 20))
    ink = explainer.ink()
    levels = np.unique(ink)
    assert ink.max() == 255
    assert ((levels > 10) & (levels < 245)).sum() >= 10


def test_a_stroke_goes_on_outside_the_pad(explainer: Explainer) -> None:
    explainer.stroke((14, 14), (40, 14), (40, 22), (14, 22))
    ink = explainer.ink()
    assert (ink[14, 14:] > 200).all()
    assert (ink[22, 15:] > 200).all()


def test_other_buttons_do_not_draw(explainer: Explainer) -> None:
    explainer.page.mouse.click(*explainer.at((14, 14)), button="right")
    assert not explainer.ink().any()


def test_the_brush_makes_the_width(explainer: Explainer) -> None:
    widths = []
    for size in ("0.75", "1.25", "2.5"):
        explainer.page.locator("input[name=brush]").fill(size)
        explainer.stroke((14, 3), (14, 25))
        widths.append(width(explainer))
        explainer.action("clear").click()
        explainer.settled()
    # 2 radius + 1 of rim, of which half counts twice
    assert widths == pytest.approx([1.5 + 0.5, 2.5 + 0.5, 5 + 0.5], abs=0.75)


def test_the_eraser_takes_ink_away(explainer: Explainer) -> None:
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


def test_undo_takes_strokes_back_one_by_one(explainer: Explainer) -> None:
    pictures = [explainer.ink()]
    for x in (8, 14, 20):
        explainer.stroke((x, 6), (x, 21))
        pictures.append(explainer.ink())
    for expected in reversed(pictures[:-1]):
        explainer.action("undo").click()
        explainer.settled()
        np.testing.assert_array_equal(explainer.ink(), expected)
    assert explainer.action("undo").is_disabled()


def test_clear_can_be_undone(explainer: Explainer) -> None:
    explainer.stroke((8, 8), (20, 20))
    drawn = explainer.ink()
    explainer.action("clear").click()
    explainer.settled()
    assert not explainer.ink().any()
    assert not explainer.picture("canvas.pad").any()
    explainer.action("undo").click()
    explainer.settled()
    np.testing.assert_array_equal(explainer.ink(), drawn)


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
          addEventListener("pointerdown", (event) => kinds.push(event.pointerType));
        }"""
    )
    pen("mousePressed", (6, 6))
    for share in range(1, 9):
        pen("mouseMoved", (6 + 2 * share, 6 + 2 * share))
    pen("mouseReleased", (22, 22))
    explainer.settled()
    assert explainer.evaluate("() => kinds") == ["pen"]
    assert (np.diag(explainer.ink())[6:22] > 200).all()
