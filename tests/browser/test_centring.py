"""The drawing is centred and scaled as MNIST's digits were, unless the visitor does not want it."""

import numpy as np
import pytest

from tests.browser.explainer import Explainer, Pixels

SMALL_SEVEN = ((2, 2), (8, 2), (5, 10))


def box(pixels: Pixels) -> tuple[int, int, int, int]:
    """Top, left, bottom and right of what can be seen; the fading rim is not counted."""
    down, across = np.nonzero(pixels > 127)
    return down.min(), across.min(), down.max() + 1, across.max() + 1


def centre_of_mass(pixels: Pixels) -> tuple[float, float]:
    """Down and across."""
    mass = pixels.astype(float) / pixels.sum()
    middles = np.arange(28) + 0.5
    return float((mass.sum(1) * middles).sum()), float((mass.sum(0) * middles).sum())


def test_a_small_digit_in_a_corner_is_brought_to_the_middle(explainer: Explainer) -> None:
    assert explainer.page.locator("input[name=centre]").is_checked()
    explainer.stroke(*SMALL_SEVEN)
    drawn, given = explainer.ink(), explainer.ink("pixels")
    assert centre_of_mass(drawn) != pytest.approx((14, 14), abs=5)
    assert centre_of_mass(given) == pytest.approx((14, 14), abs=1)
    top, left, bottom, right = box(given)
    assert 18 <= max(bottom - top, right - left) <= 20
    # and keeps its shape
    ratio = (right - left) / (bottom - top)
    top, left, bottom, right = box(drawn)
    assert ratio == pytest.approx((right - left) / (bottom - top), rel=0.15)


def test_a_large_drawing_is_made_smaller(explainer: Explainer) -> None:
    explainer.stroke((2, 1), (26, 1), (26, 27), (2, 27))
    given = explainer.ink("pixels")
    top, left, bottom, right = box(given)
    assert max(bottom - top, right - left) <= 20
    assert centre_of_mass(given) == pytest.approx((14, 14), abs=1)


@pytest.mark.parametrize("way", ["switch", "key"])
def test_it_can_be_switched_off(explainer: Explainer, way: str) -> None:
    explainer.stroke(*SMALL_SEVEN)
    before = explainer.ink()
    if way == "switch":
        explainer.page.locator("input[name=centre]").uncheck()
    else:
        explainer.page.keyboard.press("m")
    explainer.until("() => !explainer.store.get('centre')").settled()
    np.testing.assert_array_equal(explainer.ink("pixels"), explainer.ink())
    np.testing.assert_array_equal(explainer.picture("canvas.given")[:, :, 0], explainer.ink())
    np.testing.assert_array_equal(explainer.ink(), before)
    assert not explainer.page.locator("input[name=centre]").is_checked()


def test_an_empty_pad_stays_empty(explainer: Explainer) -> None:
    assert not explainer.ink("pixels").any()


def test_frames_on_the_pad_follow_the_centring(explainer: Explainer) -> None:
    """The frame on the pad lies around the ink that the cell reads, which stands elsewhere in the picture given."""
    explainer.stroke(*SMALL_SEVEN)
    explainer.cell("indices", 24).hover()
    explainer.until("() => explainer.store.get('selection')?.cell && explainer.store.get('trace').distances")
    top, left, bottom, right = explainer.evaluate("() => explainer.store.get('model').fields.reads[3][3]")
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
