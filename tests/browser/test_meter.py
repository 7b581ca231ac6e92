"""The meter: round trip, the server's share of it, frames a second; off until somebody wants it."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.explainer import PATIENCE_MS, Explainer
from tests.conftest import Server

METER = ".meter"
WRITTEN = "() => document.querySelector('[data-meter=round-trip]').textContent !== '–'"

# What the view computes with, from the module that the page has loaded.
CALL = """async ([name, argument]) => {
  const link = document.querySelector("link[href$='/views/meter.js']");
  return (await import(link.href))[name](argument);
}"""


def milliseconds(explainer: Explainer, name: str) -> float:
    """A time of the meter."""
    number, unit = explainer.page.locator(f"[data-meter={name}]").inner_text().split()
    assert unit == "ms"
    return float(number)


def test_it_is_off_at_first(explainer: Explainer) -> None:
    assert explainer.page.locator(METER).is_hidden()
    assert explainer.action("meter").get_attribute("aria-pressed") == "false"


@pytest.mark.parametrize("way", ["button", "key"])
def test_it_is_switched_on_and_off(explainer: Explainer, way: str) -> None:
    for shown in (True, False):
        if way == "button":
            explainer.action("meter").click()
        else:
            explainer.page.keyboard.press("f")
        explainer.until("(shown) => document.querySelector('.meter').hidden !== shown", shown)
        assert explainer.action("meter").get_attribute("aria-pressed") == str(shown).lower()


def test_it_tells_how_long_answers_take(explainer: Explainer) -> None:
    explainer.action("meter").click()
    explainer.stroke((6, 6), (14, 20), (22, 6))
    explainer.until(WRITTEN)
    told = explainer.evaluate("() => [explainer.store.get('trace').roundTripMs, explainer.store.get('trace').serverMs]")
    assert told[0] >= told[1] > 0
    assert milliseconds(explainer, "round-trip") >= milliseconds(explainer, "server") > 0


def test_it_is_remembered_and_comes_with_an_address(explainer: Explainer, visit: Visit, shipped: Server) -> None:
    explainer.action("meter").click()
    explainer.until("() => explainer.store.get('meter')")
    explainer.page.reload()
    explainer.until("() => globalThis.explainer?.store.get('model')").settled()
    expect(explainer.page.locator(METER)).to_be_visible(timeout=PATIENCE_MS)
    assert visit(f"{shipped.url}/#drawing=&meter=true").page.locator(METER).is_visible()


def test_the_help_names_its_key(explainer: Explainer) -> None:
    explainer.page.keyboard.press("?")
    entry = explainer.page.locator("dialog.help dl div", has_text="meter")
    expect(entry.locator("kbd")).to_have_text("F", timeout=PATIENCE_MS)


@pytest.mark.parametrize(
    ("times", "frames"),
    [
        ([0, 20, 40, 60], 50),
        ([0, 5000, 5020, 5040], 50),  # another stroke, after a rest
        ([0, 100, 150, 300], 10),
        ([0, 1000], None),
        ([7], None),
    ],
)
def test_frames_a_second(explainer: Explainer, times: list[int], frames: float | None) -> None:
    found = explainer.evaluate(CALL, ["rate", times])
    assert found == pytest.approx(frames) if frames else found != found  # NaN


def test_medians(explainer: Explainer) -> None:
    assert explainer.evaluate(CALL, ["median", [9, 1, 5]]) == 5
    assert explainer.evaluate(CALL, ["median", [10, 1, 2, 4]]) == 3
