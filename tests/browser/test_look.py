"""Both themes, every width, and what axe-core finds."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.explainer import Explainer

THEME = "() => getComputedStyle(document.documentElement).colorScheme"
BACKGROUND = "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"


def examine(explainer: Explainer, what: str) -> None:
    """Fail with what axe-core finds wrong."""
    results = Axe().run(explainer.page)
    assert not results.violations_count, f"{what}:\n{results.generate_report()}"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing(visit: Visit, scheme: str, viewport: dict[str, int]) -> None:
    explainer = visit(color_scheme=scheme, viewport=viewport)
    explainer.example(5)
    examine(explainer, "nothing selected")
    row = explainer.inked_row()
    explainer.cell("indices", row).click()
    explainer.until("() => explainer.store.get('pinned')")
    examine(explainer, "a cell pinned")
    explainer.cell("embeddings", explainer.indices()[row]).click()
    explainer.until("() => explainer.store.get('selection').code !== null")
    examine(explainer, "a code pinned")
    explainer.page.keyboard.press("Escape")
    explainer.action("difference").click()
    explainer.evaluate("() => explainer.store.set('connection', 'offline')")
    explainer.evaluate("() => explainer.store.set('connectionDetail', 'Nobody there.')")
    explainer.evaluate("() => explainer.store.set('notice', { kind: 'problem', text: 'Something.' })")
    explainer.notice()
    examine(explainer, "difference, offline, a notice")
    explainer.page.keyboard.press("?")
    examine(explainer, "help")


@pytest.mark.parametrize("width", [360, 390, 720, 1024, 1179, 1180, 1440, 1920, 2560])
def test_no_width_scrolls_sideways(explainer: Explainer, width: int) -> None:
    explainer.page.set_viewport_size({"width": width, "height": 900})
    explainer.until("(width) => innerWidth === width", width)
    explainer.cell("indices", 24).click()
    explainer.until("() => explainer.store.get('pinned')")
    over = explainer.evaluate("() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0
    outside = explainer.evaluate(
        """() => {
          const all = Array.from(document.querySelectorAll("h2, button, input, canvas, .cell, .connection"));
          return all.filter((element) => {
            const { left, right, width } = element.getBoundingClientRect();
            const scrolls = element.closest(".vectors, .codes, dialog");
            return width && !scrolls && (left < -1 || right > innerWidth + 1);
          }).map((element) => element.outerHTML.slice(0, 120));
        }"""
    )
    assert outside == []


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_text_is_large_enough(visit: Visit, viewport: dict[str, int]) -> None:
    explainer = visit(viewport=viewport)
    explainer.cell("indices", 24).click()
    explainer.until("() => explainer.store.get('pinned')")
    small = explainer.evaluate(
        """() => {
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          const small = [];
          for (let text = walker.nextNode(); text; text = walker.nextNode()) {
            const size = parseFloat(getComputedStyle(text.parentElement).fontSize);
            const seen = text.textContent.trim() && text.parentElement.checkVisibility();
            if (seen && size < 12) small.push([text.textContent, size]);
          }
          return small;
        }"""
    )
    assert small == []


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_theme_is_the_systems_until_chosen(visit: Visit, scheme: str) -> None:
    explainer = visit(color_scheme=scheme)
    other = {"dark": "light", "light": "dark"}[scheme]
    shown = explainer.evaluate(BACKGROUND)
    assert (sum(shown) > 3 * 127) == (scheme == "light")
    explainer.page.emulate_media(color_scheme=other)
    assert (sum(explainer.evaluate(BACKGROUND)) > 3 * 127) == (other == "light")
    explainer.page.emulate_media(color_scheme=scheme)

    explainer.action("theme").click()
    explainer.until("(theme) => explainer.store.get('theme') === theme", other)
    assert (sum(explainer.evaluate(BACKGROUND)) > 3 * 127) == (other == "light")
    assert explainer.action("theme").get_attribute("aria-label") == f"{scheme.title()} theme"
    explainer.page.reload()
    assert explainer.evaluate(THEME) == other
    explainer.until("() => globalThis.explainer?.store.get('model')")
    assert explainer.get("theme") == other


def test_data_are_not_painted_again_for_a_theme(five: Explainer) -> None:
    """They are black and white and the codes' colours in both."""
    paints = five.paints()
    five.action("theme").click()
    five.until("() => explainer.store.get('theme') === 'light'")
    assert five.paints() == paints


def test_reduced_motion_is_honoured(five: Explainer) -> None:
    five.cell("indices", five.inked_row()).click()
    five.until("() => explainer.store.get('pinned')")
    assert five.evaluate("() => document.getAnimations().length") == 0
    moving = five.evaluate(
        """() => Array.from(document.querySelectorAll("*")).filter((element) => {
          const { transitionDuration, animationDuration } = getComputedStyle(element);
          return [transitionDuration, animationDuration].some((time) => parseFloat(time) > 0.01);
        }).map((element) => element.outerHTML.slice(0, 120))"""
    )
    assert moving == []


def test_a_denser_screen_gets_denser_canvases(visit: Visit) -> None:
    explainer = visit(device_scale_factor=2)
    for selector in (".part-features canvas.data", ".part-indices canvas.data"):
        height, width, _ = explainer.canvas(selector).shape
        box = explainer.page.locator(selector).bounding_box()
        assert box
        assert width == pytest.approx(2 * box["width"], abs=2)
        assert height == pytest.approx(2 * box["height"], abs=2)
