"""What survives a reload, and what an address carries."""

import numpy as np
import pytest

from tests.browser.conftest import Visit
from tests.browser.details import Details
from tests.browser.explainer import Explainer

SEEN = (
    *("shownModel", "details", "listing", "scaling", "selection", "pinned"),
    *("edited", "shownIndices", "variant", "backward", "straightThrough"),
)

NO_STORAGE = """Object.defineProperty(globalThis, "localStorage", {
  get() { throw new DOMException("forbidden", "SecurityError"); },
})"""


def share(explainer: Explainer) -> str:
    """Press the button; returns the address."""
    explainer.action("share").click()
    assert explainer.notice()
    return explainer.page.url


def follow(explainer: Explainer, address: str) -> Explainer:
    """Change the part of the address after the #, as a visitor who pastes another one does."""
    explainer.evaluate("() => { notices.length = 0; }")
    explainer.page.goto(f"{explainer.page.url.split('#')[0]}#{address}")
    return explainer.settled()


def load(explainer: Explainer, address: str) -> Explainer:
    """Load the page with an address that ends in this after its #."""
    explainer.evaluate("(address) => history.replaceState(null, '', `#${address}`)", address)
    return explainer.reload()


def remember(explainer: Explainer, **values: str) -> None:
    """Put values into the page's storage, and reload."""
    explainer.evaluate(
        """(values) => {
          for (const [key, value] of Object.entries(values)) localStorage.setItem(`vqvae-explainer.${key}`, value);
        }""",
        values,
    )
    explainer.reload()


def test_drawing_and_settings_survive_a_reload(explainer: Explainer) -> None:
    page = explainer.page
    explainer.stroke((6, 6), (14, 20), (22, 6))
    explainer.action("erase").click()
    explainer.stroke((14, 12), (14, 24))
    page.locator("input[name=brush]").fill("2")
    page.locator("input[name=channel]").fill("5")
    page.locator("input[name=centre]").uncheck()
    explainer.action("difference").click()
    explainer.until("() => explainer.store.get('difference')").settled()
    drawn, given = explainer.ink(), explainer.ink("pixels")
    explainer.reload()
    np.testing.assert_array_equal(explainer.ink(), drawn)
    np.testing.assert_array_equal(explainer.ink("pixels"), given)
    np.testing.assert_array_equal(explainer.picture("canvas.pad")[:, :, 0], drawn)
    assert page.locator("input[name=brush]").input_value() == "2"
    assert page.locator("input[name=channel]").input_value() == "5"
    assert not page.locator("input[name=centre]").is_checked()
    assert explainer.action("difference").get_attribute("aria-pressed") == "true"


def test_a_cleared_pad_stays_clear(explainer: Explainer) -> None:
    explainer.draw((6, 6), (22, 22))
    explainer.action("clear").click()
    explainer.settled()
    assert not explainer.reload().ink().any()


def test_an_address_brings_the_drawing_to_another_visitor(explainer: Explainer, visit: Visit) -> None:
    explainer.page.locator("input[name=centre]").uncheck()
    explainer.draw((6, 6), (14, 20), (22, 6))
    explainer.page.mouse.click(*explainer.at((24, 24)))
    explainer.settled()
    url = share(explainer)
    assert "#drawing=" in url
    other = visit(url)
    for key in ("drawing", "pixels"):
        np.testing.assert_array_equal(other.ink(key), explainer.ink(key))
    assert other.indices() == explainer.indices()
    assert not other.page.locator("input[name=centre]").is_checked()


@pytest.mark.parametrize("experiment", ["codes", "what-if"])
def test_an_address_holds_what_is_seen(models_page: Explainer, visit: Visit, experiment: str) -> None:
    page = models_page
    page.page.locator("[data-action=model]").select_option("minimal-20")
    page.until("() => explainer.store.get('trace')?.model === 'minimal-20'")
    Details(page).open()
    page.page.locator("#tab-encoder").click()
    page.set("scaling", "shared")
    page.pin("indices", page.inked_row())
    if experiment == "codes":
        page.action("edit").click()
        page.page.locator(f".palette [data-code='{(page.indices()[page.inked_row()] + 1) % 20}']").click()
        shown = "() => explainer.store.get('edited') && explainer.store.get('editedReconstruction')"
        parts = ("your codes",)
    else:
        for action in ("bypass", "backward", "straight-through"):
            page.action(action).click()
        shown = """() => explainer.store.get('trace')?.variant === 'bypass' && explainer.store.get('reference')
          && explainer.store.get('gradients')?.straightThrough === false"""
        parts = ("the experiment", "the backward pass", "the straight-through line removed")
    page.until(shown).settled()
    url = share(page)
    for part in ("the drawing", "the model", "what is pinned", "the open details", "the chosen listing", *parts):
        assert part in page.notice()
    expected = {key: page.get(key) for key in SEEN}
    picture = page.picture("[data-stage=reconstruction] canvas.data")
    assert expected["shownModel"] == "minimal-20"

    # To a new visitor, and to one who has another model in front of them.
    for other in (visit(url), follow(page.reset(), url.split("#")[1])):
        other.until("() => explainer.store.get('trace')?.model === 'minimal-20'").until(shown).settled()
        assert {key: other.get(key) for key in SEEN} == expected
        assert other.page.locator("#tab-encoder").get_attribute("aria-selected") == "true"
        np.testing.assert_array_equal(other.picture("[data-stage=reconstruction] canvas.data"), picture)
        assert other.page.url == url


def test_the_address_is_copied(explainer: Explainer) -> None:
    explainer.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    explainer.draw((6, 6), (22, 22))
    url = share(explainer)
    assert explainer.evaluate("() => navigator.clipboard.readText()") == url
    assert "copied" in explainer.notice()


def test_an_address_covers_ones_own_drawing(explainer: Explainer) -> None:
    explainer.draw((6, 6), (22, 22))
    shared = explainer.ink()
    address = share(explainer).split("#")[1]
    explainer.reset().draw((22, 6), (6, 22))
    own = explainer.ink()
    follow(explainer, address)
    explainer.until("() => explainer.store.get('drawing')[6 * 28 + 6] > 200").settled()
    np.testing.assert_array_equal(explainer.ink(), shared)
    for _ in range(2):
        explainer.action("undo").click()
        explainer.settled()
    np.testing.assert_array_equal(explainer.ink(), own)


def test_the_address_drops_a_drawing_that_has_changed(explainer: Explainer) -> None:
    explainer.draw((6, 6), (22, 22))
    share(explainer)
    explainer.draw((22, 6), (6, 22))
    explainer.until("() => !location.hash")
    drawn = explainer.ink()
    np.testing.assert_array_equal(explainer.reload().ink(), drawn)


def test_an_invalid_address_is_reported(explainer: Explainer) -> None:
    follow(explainer, "drawing=<script>alert(1)</script>")
    assert "could not be read" in explainer.notice()
    load(explainer, "drawing=AAAA")
    assert "could not be read" in explainer.notice()
    follow(explainer, "drawing=AQ")  # a version and no stroke: an empty pad
    assert not explainer.ink().any()
    assert explainer.evaluate("() => notices") == []

    load(explainer, "drawing=&centre=perhaps&channel=-1&brush=99&theme=pink")
    assert "centre, channel" in explainer.notice()
    assert explainer.page.locator("input[name=centre]").is_checked()
    assert explainer.page.locator("input[name=channel]").input_value() == "0"
    assert explainer.page.locator("html").get_attribute("data-theme") is None
    explainer.stroke((6, 6), (22, 22))


def test_invalid_stored_values_are_reported(explainer: Explainer) -> None:
    remember(explainer, drawing="AAAA")
    assert "could not be read" in explainer.notice()
    remember(explainer, drawing="", brush="1e9", theme="pink", centre="perhaps", channel="x")
    for key in ("brush", "theme", "centre", "channel"):
        assert key in explainer.notice()
    explainer.stroke((6, 6), (22, 22))


def test_a_channel_that_the_model_does_not_have(explainer: Explainer) -> None:
    load(explainer, "drawing=&channel=4000")
    assert explainer.stage("features").locator("output").inner_text() == "15"


def test_a_page_without_storage_works(visit: Visit) -> None:
    explainer = visit(first=True, init_script=NO_STORAGE)
    explainer.stroke((6, 6), (22, 22))
    explainer.action("theme").click()
    explainer.until("() => document.documentElement.dataset.theme === 'light'")
