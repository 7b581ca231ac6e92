"""Frames, bars and colours that carry meaning have a contrast of 3:1 with what they lie on (WCAG 2.2, 1.4.11)."""

from io import BytesIO

import numpy as np
import pytest
from matplotlib.image import imread
from numpy.typing import NDArray

from tests.browser.explainer import Explainer

Image = NDArray[np.floating]  # (height, width, 3), in [0, 1]

LEAST = 3
REACH = 6  # how far a frame and its casing lie outside and inside its box, in pixels
ALONG = np.linspace(0.1, 0.9, 17)  # where a side is looked at
HIDE = """(hidden) => {
  for (const frame of document.querySelectorAll(".frame, .cell[data-mark]")) {
    for (const name of ["outline", "box-shadow"]) frame.style.setProperty(name, hidden ? "none" : "");
  }
}"""


@pytest.fixture(params=["dark", "light"])
def themed(five: Explainer, request: pytest.FixtureRequest) -> Explainer:
    """The example 5 with some ink on every edge."""
    five.page.emulate_media(color_scheme=request.param, reduced_motion="reduce")
    return five.draw((0, 3), (27, 3), (27, 24), (0, 24))


def screenshot(explainer: Explainer) -> Image:
    return imread(BytesIO(explainer.page.screenshot()))[:, :, :3]


def luminance(colors: Image) -> NDArray[np.floating]:
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def contrast(one: Image, other: Image) -> NDArray[np.floating]:
    brighter, darker = (choose(luminance(one), luminance(other)) for choose in (np.maximum, np.minimum))
    return (brighter + 0.05) / (darker + 0.05)


def seen(explainer: Explainer, change: NDArray[np.floating], frame: str) -> float:
    """Share of a frame that stands out from what lies under it, which `change` is the contrast with."""
    box = explainer.page.locator(frame).first.bounding_box()
    assert box
    left, top, right, bottom = box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]
    sections = []
    for t in ALONG:
        x, y = int(left + t * (right - left)), int(top + t * (bottom - top))
        sections += [change[around(edge), x] for edge in (top, bottom)]
        sections += [change[y, around(edge)] for edge in (left, right)]
    return float(np.mean([section.max() >= LEAST for section in sections]))


def around(edge: float) -> slice:
    return slice(round(edge) - REACH, round(edge) + REACH)


@pytest.mark.parametrize("row", [0, 24])
def test_frames_stand_out_from_what_they_lie_on(themed: Explainer, row: int) -> None:
    """In a corner without ink and in the middle of the digit: the cell, and what it reads and writes."""
    themed.pin("indices", row)
    themed.page.mouse.move(2, 2)
    shown = screenshot(themed)
    themed.evaluate(HIDE, True)
    change = contrast(shown, screenshot(themed))
    themed.evaluate(HIDE, False)
    frames = [f".{picture} .frame" for picture in ("given-picture", "pad-picture", "part-reconstruction")]
    cells = [f".part-{stage} [data-item='{row}']" for stage in ("features", "indices", "quantized")]
    for frame in (*frames, *cells):
        assert seen(themed, change, frame) > 0.8, frame  # the path of the lookup and the dashes cross some
    assert seen(themed, change, f".part-reconstruction [data-item='{row}']") > 0.45  # dashes, as wide as their gaps


def test_bars_of_the_nearest_codes_end_visibly(themed: Explainer) -> None:
    themed.pin("indices", 24)
    themed.page.mouse.move(2, 2)
    bars = themed.page.locator(".ranking .bar")
    shares = bars.evaluate_all("(bars) => bars.map((bar) => Number(bar.style.getPropertyValue('--share')))")
    assert shares == sorted(shares)
    assert shares[-1] == 1
    track = bars.last.bounding_box()
    assert track
    screen = screenshot(themed)
    for share, bar in zip(shares, bars.all(), strict=True):
        box = bar.bounding_box()
        assert box
        y, end = int(box["y"] + box["height"] / 2), round(track["x"] + share * track["width"])
        beyond = screen[y, end + 4]
        assert contrast(screen[y, end - 2 : end + 2], beyond).max() >= LEAST, share


def test_the_legend_of_the_difference_is_drawn_in_its_colours(themed: Explainer) -> None:
    themed.action("difference").click()
    themed.until("() => explainer.store.get('difference')")
    themed.page.mouse.move(2, 2)
    themed.page.locator(".difference-key").scroll_into_view_if_needed()
    screen = screenshot(themed)
    page = screen[-1, 1]
    for name, color in (("lost", (255, 200, 90)), ("added", (110, 180, 255)), ("unchanged", (92, 92, 92))):
        box = themed.page.locator(f".key-{name}").bounding_box()
        assert box
        x, y = round(box["x"]), round(box["y"] + box["height"] / 2)
        np.testing.assert_allclose(screen[y, x + 4], np.array(color) / 255, atol=0.01, err_msg=name)
        assert contrast(screen[y, x - 3 : x + 4], page).max() >= LEAST, name
