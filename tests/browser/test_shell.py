"""The frame of the page: theme, help, meter."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.details import Details
from tests.browser.explainer import PATIENCE_MS, Explainer
from tests.browser.layout import wrong_boxes
from tests.conftest import Server

THEME = "() => getComputedStyle(document.documentElement).colorScheme"
BACKGROUND = "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
METER = ".meter"


def is_light(explainer: Explainer) -> bool:
    return sum(explainer.evaluate(BACKGROUND)) > 3 * 127


def test_the_theme_is_the_systems_until_one_is_chosen(explainer: Explainer) -> None:
    for scheme, other in (("dark", "light"), ("light", "dark")):
        explainer.reset()
        for system in (other, scheme):
            explainer.page.emulate_media(color_scheme=system)
            assert is_light(explainer) == (system == "light")
        explainer.action("theme").click()
        explainer.until("(theme) => explainer.store.get('theme') === theme", other)
        assert is_light(explainer) == (other == "light")
        assert scheme in (explainer.action("theme").get_attribute("aria-label") or "").lower()
        explainer.page.reload()
        assert explainer.evaluate(THEME) == other  # before the page's modules have run
        explainer.until("() => globalThis.explainer?.store.get('model')").settled()
        assert is_light(explainer) == (other == "light")


def test_data_are_not_repainted_for_a_theme(five: Explainer) -> None:
    """They are black and white and the codes' colours in both themes."""
    paints = five.paints()
    five.action("theme").click()
    five.until("() => explainer.store.get('theme') === 'light'")
    assert five.paints() == paints


COVERED = """() => {
  const message = document.querySelector(".messages > :not([hidden])").getBoundingClientRect();
  const parts = document.querySelectorAll(".part, .network, .inspector, .reveal, h1, .chooser, .actions");
  const covered = Array.from(parts).filter((part) => {
    const { left, top, right, bottom } = part.getBoundingClientRect();
    return right > message.left && left < message.right && bottom > message.top && top < message.bottom;
  });
  return covered.map((part) => part.className || part.tagName);
}"""
LONG = "The server cannot be reached. Your drawing is kept; the page reconnects by itself. The dimmed results are old."


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720), (1024, 768), (390, 844)])
def test_a_message_covers_nothing_and_moves_nothing(five: Explainer, size: tuple[int, int]) -> None:
    five.page.set_viewport_size({"width": size[0], "height": size[1]})
    five.until("(width) => innerWidth === width", size[0])
    before = five.at((0, 0))
    five.evaluate("(text) => explainer.store.set('notice', { kind: 'problem', text })", LONG)
    five.page.locator(".notice").wait_for(state="visible")
    assert five.evaluate(COVERED) == []
    assert five.at((0, 0)) == pytest.approx(before, abs=1)
    # Where the top bar is scrolled away, at the edge of the window, and the page can be scrolled clear of it.
    five.set("details", True).set("health", True).evaluate("() => scrollTo(0, document.body.scrollHeight)")
    five.until("() => document.querySelector('.messages').classList.contains('is-docked')")
    five.evaluate("() => scrollTo(0, document.body.scrollHeight)")
    message = five.page.locator(".notice").bounding_box()
    last = five.page.locator("main").bounding_box()
    assert message
    assert last
    assert message["y"] + message["height"] <= size[1]
    assert last["y"] + last["height"] <= message["y"]


# How much of an element is cut off, in pixels.
CUT = "(selector) => ((element) => element.scrollHeight - element.clientHeight)(document.querySelector(selector))"


def test_figure_and_code_are_printed_on_one_page(five: Explainer) -> None:
    page = five.page
    for _ in range(2):  # without the code, and with it
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
        Details(five).open()
    page.set_viewport_size({"width": 1047, "height": 718})  # the page within its margins
    page.emulate_media(media="print")
    try:
        five.until("() => innerWidth === 1047")
        assert five.evaluate(THEME) == "light"
        for selector in (".part-input", ".part-reconstruction", "#listing-quantizer"):
            box = page.locator(selector).bounding_box()
            assert box
            assert box["y"] + box["height"] <= 718
            assert box["x"] + box["width"] <= 1047
        assert five.evaluate(CUT, "#listing-quantizer") <= 0
        for selector in (".actions", ".tools", ".inspector", ".board-scroller", ".more"):
            assert page.locator(selector).first.is_hidden()
        assert page.locator("main [data-action]:visible").count() == 0
    finally:
        page.emulate_media(media="screen")


def test_without_javascript_the_page_says_what_it_needs(browser: Browser, shipped: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(shipped.url)
    assert "needs JavaScript" in page.locator(".needs-script").inner_text()
    context.close()


def test_help_opens_and_closes(explainer: Explainer) -> None:
    help = explainer.page.locator("dialog.help")
    explainer.page.keyboard.press("?")
    help.wait_for(state="visible")
    entry = help.locator("dl div", has_text="meter")
    expect(entry.locator("kbd")).to_have_text("F", timeout=PATIENCE_MS)
    explainer.page.keyboard.press("7")  # does nothing behind the dialog
    explainer.page.keyboard.press("Escape")
    help.wait_for(state="hidden")
    explainer.action("help").click()
    help.wait_for(state="visible")
    explainer.action("close-help").click()
    help.wait_for(state="hidden")
    assert not explainer.ink().any()


def test_help_opens_at_its_top_and_tells_touch_what_it_can_do(explainer: Explainer, phone: Explainer) -> None:
    for page, touch in ((explainer, False), (phone, True)):
        page.page.set_viewport_size({"width": 360, "height": 640})
        page.until("() => innerWidth === 360")
        page.evaluate("() => document.querySelector('[data-action=help]').click()")
        help = page.page.locator("dialog.help")
        assert help.evaluate("(dialog) => dialog.scrollTop") == 0
        assert help.locator(".help-touch").is_visible() == touch
        assert help.locator(".help-keys").is_visible() != touch
        page.evaluate("() => document.querySelector('dialog.help').close()")


def test_the_meter_covers_nothing(five: Explainer) -> None:
    five.action("meter").click()
    five.until("() => !document.querySelector('.meter').hidden")
    for opened in (False, True):
        five.set("details", opened).until("(compact) => explainer.store.get('compact') === compact", opened)
        assert [problem for width in (360, 768, 1280) for problem in wrong_boxes(five, width)] == [], opened


def test_the_meter_is_off_until_it_is_switched_on(explainer: Explainer) -> None:
    assert explainer.page.locator(METER).is_hidden()
    for way in ("button", "key"):
        for shown in (True, False):
            if way == "button":
                explainer.action("meter").click()
            else:
                explainer.page.keyboard.press("f")
            explainer.until("(shown) => document.querySelector('.meter').hidden !== shown", shown)
            assert explainer.action("meter").get_attribute("aria-pressed") == str(shown).lower()


def test_the_meter_tells_how_long_replies_take(explainer: Explainer) -> None:
    explainer.action("meter").click()
    explainer.stroke((6, 6), (14, 20), (22, 6))
    explainer.until("() => document.querySelector('[data-meter=round-trip]').textContent !== '–'")
    times = {}
    for name in ("round-trip", "server"):
        number, unit = explainer.page.locator(f"[data-meter={name}]").inner_text().split()
        assert unit == "ms"
        times[name] = float(number)
    assert times["round-trip"] >= times["server"] > 0


def test_the_meter_is_remembered_and_shared(explainer: Explainer) -> None:
    explainer.action("meter").click()
    explainer.until("() => explainer.store.get('meter')")
    assert explainer.reload().page.locator(METER).is_visible()
    explainer.reset().evaluate("() => history.replaceState(null, '', '#drawing=&meter=true')")
    assert explainer.reload().page.locator(METER).is_visible()
