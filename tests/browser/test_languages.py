"""The page in Spanish, and the way between the languages."""

import re

from playwright.sync_api import expect

from tests.browser.explainer import READY, Explainer
from tests.conftest import Server

# Middles of what stands in the top bar's first line.
LINE = """() => [...document.querySelectorAll(".top h1, .chooser, .model, .actions")].map((element) => {
  const { top, bottom, height } = element.getBoundingClientRect();
  return { middle: (top + bottom) / 2, height };
})"""


def shows_one_line(explainer: Explainer) -> None:
    explainer.page.set_viewport_size({"width": 1440, "height": 900})
    boxes = explainer.evaluate(LINE)
    assert len(boxes) == 4
    assert max(box["middle"] for box in boxes) - min(box["middle"] for box in boxes) < 2
    assert all(box["height"] < 34 for box in boxes), boxes


def test_spanish_and_back_with_the_same_drawing(explainer: Explainer, shipped: Server) -> None:
    page = explainer.page
    explainer.action("language").click()
    page.wait_for_url(re.compile(r"/es/$"))
    explainer.until(READY).settled()
    assert page.evaluate("() => document.documentElement.lang") == "es"
    explainer.draw((6, 6), (14, 20), (22, 6))
    expect(page.locator(".connection-word")).to_have_text("En vivo")
    explainer.action("details").click()
    expect(page.locator(".listings")).to_contain_text("escalar")  # in a part that is loaded later
    explainer.action("share").click()
    assert "el dibujo" in explainer.notice()
    drawing, shared = explainer.ink(), page.evaluate("() => location.hash")
    assert explainer.overflow() <= 0
    shows_one_line(explainer)

    explainer.action("language").click()
    page.wait_for_url(f"{shipped.url.rstrip('/')}/{shared}")
    explainer.until(READY).settled()
    assert page.evaluate("() => document.documentElement.lang") == "en"
    expect(page.locator(".connection-word")).to_have_text("Live")
    assert (explainer.ink() == drawing).all()
    assert explainer.get("details")
    shows_one_line(explainer)
