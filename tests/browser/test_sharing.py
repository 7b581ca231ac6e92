"""What survives a reload, and what an address carries."""

import numpy as np
import pytest

from tests.browser.conftest import Visit
from tests.browser.explainer import Explainer
from tests.conftest import Server

READY = "() => globalThis.explainer?.store.get('model')"


def remembered(key: str, value: str) -> str:
    """A script that makes the page remember something before it opens."""
    return f"location.protocol === 'http:' && localStorage.setItem('vqvae-explainer.{key}', {value!r})"


def reopen(explainer: Explainer) -> None:
    explainer.page.reload()
    explainer.until(READY).settled()


def share(explainer: Explainer) -> str:
    """Press the button; returns the address."""
    explainer.action("share").click()
    assert explainer.notice()
    return explainer.page.url


def test_the_drawing_survives_a_reload(explainer: Explainer) -> None:
    explainer.stroke((6, 6), (14, 20), (22, 6))
    explainer.action("erase").click()
    explainer.stroke((14, 12), (14, 24))
    drawn, given = explainer.ink(), explainer.ink("pixels")
    reopen(explainer)
    np.testing.assert_array_equal(explainer.ink(), drawn)
    np.testing.assert_array_equal(explainer.ink("pixels"), given)
    np.testing.assert_array_equal(explainer.picture("canvas.pad")[:, :, 0], drawn)


def test_a_cleared_pad_stays_clear(explainer: Explainer) -> None:
    explainer.stroke((6, 6), (22, 22))
    explainer.action("clear").click()
    explainer.settled()
    reopen(explainer)
    assert not explainer.ink().any()


def test_settings_survive_a_reload(explainer: Explainer) -> None:
    explainer.page.locator("input[name=brush]").fill("2")
    explainer.page.locator("input[name=channel]").fill("5")
    explainer.page.locator("input[name=centre]").uncheck()
    explainer.action("difference").click()
    explainer.until("() => explainer.store.get('difference')")
    reopen(explainer)
    assert explainer.page.locator("input[name=brush]").input_value() == "2"
    assert explainer.page.locator("input[name=channel]").input_value() == "5"
    assert not explainer.page.locator("input[name=centre]").is_checked()
    assert explainer.action("difference").get_attribute("aria-pressed") == "true"


def test_an_address_brings_the_drawing_to_somebody_else(explainer: Explainer, visit: Visit) -> None:
    explainer.page.locator("input[name=centre]").uncheck()
    explainer.stroke((6, 6), (14, 20), (22, 6))
    explainer.page.mouse.click(*explainer.at((24, 24)))
    explainer.settled()
    url = share(explainer)
    assert "#drawing=" in url
    somebody = visit(url)
    somebody.settled()
    for key in ("drawing", "pixels"):
        np.testing.assert_array_equal(somebody.ink(key), explainer.ink(key))
    assert somebody.indices() == explainer.indices()
    assert not somebody.page.locator("input[name=centre]").is_checked()


def test_the_address_is_copied(visit: Visit) -> None:
    explainer = visit(permissions=["clipboard-read", "clipboard-write"])
    explainer.stroke((6, 6), (22, 22))
    url = share(explainer)
    assert explainer.evaluate("() => navigator.clipboard.readText()") == url
    assert "copied" in explainer.notice()


def test_a_long_drawing_fits_an_address(explainer: Explainer, visit: Visit) -> None:
    for row in range(3, 26, 2):
        explainer.stroke((3, row), (25, row + 1), (3, row + 1), steps=20, settled=False)
    explainer.settled()
    url = share(explainer)
    assert len(url) < 4000
    np.testing.assert_array_equal(visit(url).settled().ink(), explainer.ink())


def test_an_address_lays_over_ones_own_drawing(explainer: Explainer, visit: Visit) -> None:
    explainer.stroke((6, 6), (22, 22))
    url = share(explainer)
    other = visit()
    other.stroke((22, 6), (6, 22))
    own = other.ink()
    other.page.goto(url)
    other.until("() => location.hash && explainer.store.get('drawing')[6 * 28 + 6] > 200").settled()
    np.testing.assert_array_equal(other.ink(), explainer.ink())
    for _ in range(2):
        other.action("undo").click()
        other.settled()
    np.testing.assert_array_equal(other.ink(), own)


def test_the_address_is_let_go_when_the_drawing_moves_on(explainer: Explainer) -> None:
    explainer.stroke((6, 6), (22, 22))
    share(explainer)
    explainer.stroke((22, 6), (6, 22))
    explainer.until("() => !location.hash")
    drawn = explainer.ink()
    reopen(explainer)
    np.testing.assert_array_equal(explainer.ink(), drawn)


@pytest.mark.parametrize("drawing", ["AAAA", "%%%", "AQ", "AVAA", "A" * 5000, "<script>alert(1)</script>", "\u00e9"])
def test_an_address_without_sense(visit: Visit, shipped: Server, drawing: str) -> None:
    explainer = visit(f"{shipped.url}/#drawing={drawing}")
    if drawing == "AQ":  # a version and no stroke: an empty pad
        assert not explainer.ink().any()
    else:
        assert explainer.notice() == "The drawing in the address could not be read."
    explainer.stroke((6, 6), (22, 22))


def test_settings_without_sense_in_an_address(visit: Visit, shipped: Server) -> None:
    explainer = visit(f"{shipped.url}/#drawing=&centre=perhaps&channel=-1&brush=99&theme=pink")
    assert "centre, channel" in explainer.notice()
    assert explainer.get("centre") is True
    assert explainer.get("channel") == 0
    assert explainer.get("theme") == "system"
    explainer.stroke((6, 6), (22, 22))


@pytest.mark.parametrize(
    ("key", "value"),
    [("drawing", "AAAA"), ("brush", "1e9"), ("theme", "pink"), ("centre", "perhaps"), ("channel", "x")],
)
def test_memories_without_sense(explainer: Explainer, key: str, value: str) -> None:
    explainer.page.context.add_init_script(remembered(key, value))
    reopen(explainer)
    assert explainer.notice()
    explainer.stroke((6, 6), (22, 22))


def test_a_channel_the_model_does_not_have(visit: Visit, shipped: Server) -> None:
    explainer = visit(f"{shipped.url}/#drawing=&channel=4000")
    assert explainer.stage("features").locator("output").inner_text() == "15"


def test_a_page_without_storage_works(explainer: Explainer) -> None:
    explainer.page.context.add_init_script(
        """Object.defineProperty(globalThis, "localStorage", {
          get() { throw new DOMException("forbidden", "SecurityError"); },
        })"""
    )
    explainer.page.reload()
    explainer.until(READY).settled()
    explainer.stroke((6, 6), (22, 22))
    explainer.action("theme").click()
    explainer.until("() => explainer.store.get('theme') === 'light'")
