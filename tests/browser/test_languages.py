"""The page in Spanish, and the way between the languages."""

import re

from playwright.sync_api import expect

from tests.browser.explainer import READY, Explainer
from tests.conftest import Server


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

    explainer.action("language").click()
    page.wait_for_url(f"{shipped.url.rstrip('/')}/{shared}")
    explainer.until(READY).settled()
    assert page.evaluate("() => document.documentElement.lang") == "en"
    expect(page.locator(".connection-word")).to_have_text("Live")
    assert (explainer.ink() == drawing).all()
    assert explainer.get("details")
