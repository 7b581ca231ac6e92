"""The article below the figure: loaded when it is near, shares the page's state, can be read without JavaScript."""

from playwright.sync_api import Browser

from tests.browser.explainer import Explainer
from tests.browser.test_scenes import IN_SIGHT
from tests.conftest import Server

LIT = """() => [...document.querySelectorAll(".article-strip .is-lit, .part.is-linked, .term.is-linked")]
  .map((element) => element.matches(".term") ? "term" : `${element.tagName} ${element.dataset.stage}`).sort()"""


def test_it_comes_when_it_is_near(explainer: Explainer) -> None:
    explainer.reload()
    assert explainer.page.locator(".article-body").count() == 0
    explainer.page.locator("#title-article").scroll_into_view_if_needed()
    explainer.until("() => document.querySelector('.article-strip:not([hidden])')")
    shown = explainer.canvas(".article-strip [data-stage=input] canvas")
    assert not shown[:, :, :3].any()
    explainer.show_example(5)
    assert (explainer.canvas(".article-strip [data-stage=input] canvas")[:, :, 0] == explainer.ink("pixels")).all()


def test_words_light_the_figures_and_the_figures_words(five: Explainer) -> None:
    five.set("article", True).until("() => document.querySelector('.article-strip:not([hidden])')")
    five.page.locator(".article .term[data-term=features]").first.hover()
    five.until(f"() => ({LIT})().length")
    assert five.evaluate(LIT) == ["FIGURE features", "SECTION features", "term", "term"]
    five.page.locator(".article-strip [data-stage=indices]").hover()
    five.until(f"() => ({LIT})()[0] === 'FIGURE indices'")
    assert five.evaluate(LIT) == ["FIGURE indices", "SECTION indices", "term", "term", "term"]
    # A word of what has no tile lights those it is about.
    five.page.locator(".article .term[data-term=distances]").focus()
    five.until(f"() => ({LIT})()[0] === 'FIGURE features'")
    assert five.evaluate(LIT) == ["FIGURE features", "FIGURE indices", "term"]


def test_a_link_opens_its_view_each_time(five: Explainer) -> None:
    five.set("article", True).until("() => document.querySelector('.article-strip:not([hidden])')")
    link = five.page.locator(".article p a[href='#show=stop-gradient']")
    for _ in range(2):
        link.click()
        five.until(IN_SIGHT, ".flows")
    five.page.go_back()
    five.until("() => !location.hash")


def test_it_can_be_read_without_javascript(browser: Browser, shipped: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(shipped.url)
    page.locator("a[data-article]").click()
    assert page.locator("h3").count() >= 14
    assert page.locator(".article-body").inner_text().count(" ") > 2000
    assert not page.locator(".live").first.is_visible()
    link = page.locator("a[href$='#show=bypass']")
    assert link.evaluate("(link) => link.href") == f"{shipped.url}/#show=bypass"
    context.close()
