"""How the details open, fit and can be read: two screens, both themes, by keyboard; and what they ask while closed."""

from itertools import pairwise

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.details import MATRICES, Details, Questions
from tests.browser.explainer import Explainer
from tests.browser.test_look import examine

SIZES = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
GRADIENTS = "() => explainer.store.get('gradients')"

# How far each thing that could scroll sideways does; a vector of numbers may, inside its own frame.
OVER = """() => [document.documentElement, ...document.querySelectorAll("main, .figure, .opened, .opened *")]
  .filter((element) => !element.closest(".pair, math, .visually-hidden, [hidden]"))
  .filter((element) => element === document.documentElement || /auto|scroll/.test(getComputedStyle(element).overflowX))
  .map((element) => [element.className || element.tagName, element.scrollWidth - element.clientWidth])
  .filter(([, over]) => over > 0)"""

OUTSIDE = """() => Array.from(document.querySelectorAll("h2, h3, button, canvas, .cell, .matrix, .listing, math"))
  .filter((element) => {
    const { left, right, width } = element.getBoundingClientRect();
    return width && !element.closest(".pair, .codes, dialog") && (left < -1 || right > innerWidth + 1);
  })
  .map((element) => element.outerHTML.slice(0, 120))"""

# Exponents and indices of an equation are small by its layout.
SMALL = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const small = [];
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const parent = text.parentElement;
    if (!text.textContent.trim() || parent.closest("math, sub")) continue;
    const size = parseFloat(getComputedStyle(parent).fontSize);
    if (size < 12) small.push([text.textContent, size]);
  }
  return small;
}"""


def everything(explainer: Explainer) -> Details:
    """The details with the editor, the backward pass and a pinned number."""
    explainer.example(5)
    details = Details(explainer).open()
    explainer.action("edit").click()
    explainer.action("backward").click()
    explainer.until(GRADIENTS)
    details.point("distances", explainer.inked_row(), 3, click=True)
    explainer.until("() => explainer.store.get('pinned')")
    return details


@SIZES
def test_nothing_scrolls_sideways(visit: Visit, viewport: dict[str, int]) -> None:
    explainer = visit(viewport=viewport)
    explainer.example(5)
    details = Details(explainer).open()
    for what in ("opened", "everything"):
        if what == "everything":
            everything(explainer)
        for listing in ("quantizer", "encoder", "decoder", "loss"):
            explainer.evaluate("(id) => explainer.store.set('listing', id)", listing)
            explainer.until("(id) => !document.getElementById(`listing-${id}`).hidden", listing)
            assert explainer.evaluate(OVER) == [], (what, listing)
            assert explainer.evaluate(OUTSIDE) == [], (what, listing)
    for variant in ("bypass", "wrong-reshape"):
        details.explainer.action(variant).click()
        explainer.until(
            "(variant) => explainer.store.get('reference') && explainer.store.get('variant') === variant", variant
        )
        assert explainer.evaluate(OVER) == [], variant
        assert explainer.evaluate(OUTSIDE) == [], variant


def test_code_stands_beside_the_matrices_on_a_desktop(explainer: Explainer) -> None:
    details = Details(explainer).open()
    code = details.page.locator(".source").bounding_box()
    boxes = [details.matrix(stage).bounding_box() for stage in MATRICES]
    assert code
    for box in boxes:
        assert box
        assert box["x"] > code["x"] + code["width"]
    assert details.page.locator(".wires").count() == 1


def test_all_is_stacked_on_a_phone(visit: Visit) -> None:
    explainer = visit(viewport=PHONE)
    explainer.example(5)
    details = Details(explainer).open()
    boxes = [details.page.locator(".source").bounding_box()]
    boxes += [details.matrix(stage).locator(".matrix-plot").bounding_box() for stage in MATRICES]
    for above, below in pairwise(boxes):
        assert above
        assert below
        assert below["y"] >= above["y"] + above["height"]
    # The pad stays in sight: drawing goes on beside the numbers.
    details.matrix("quantized").scroll_into_view_if_needed()
    pad = details.page.locator("canvas.pad").bounding_box()
    assert pad
    assert 0 <= pad["y"] < 400
    explainer.stroke((5, 5), (20, 8))


@SIZES
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing(visit: Visit, scheme: str, viewport: dict[str, int]) -> None:
    explainer = visit(color_scheme=scheme, viewport=viewport)
    details = everything(explainer)
    examine(explainer, "a number pinned, backward on, editor open")
    details.page.keyboard.press("Escape")
    details.line("distances").click()
    explainer.until("() => explainer.store.get('pinned')")
    examine(explainer, "a line pinned")
    details.page.keyboard.press("Escape")
    explainer.action("straight-through").click()
    explainer.until("() => explainer.store.get('gradients')?.straightThrough === false")
    explainer.action("wrong-reshape").click()
    explainer.until(
        "() => explainer.store.get('trace').variant === 'wrong-reshape' && explainer.store.get('reference')"
    )
    examine(explainer, "no straight-through line, wrong reshape")


@SIZES
def test_text_is_large_enough(visit: Visit, viewport: dict[str, int]) -> None:
    details = everything(visit(viewport=viewport))
    small = details.page.evaluate(SMALL)
    assert small == []


def test_the_button_opens_and_closes(five: Explainer) -> None:
    button = five.action("details")
    opened = five.page.locator("#opened")
    assert button.get_attribute("aria-expanded") == "false"
    assert opened.is_hidden()
    button.click()
    five.until("() => explainer.store.get('details')")
    assert button.get_attribute("aria-expanded") == "true"
    assert five.page.locator("main").get_attribute("data-details") == "open"
    assert opened.is_visible()
    button.click()
    five.until("() => !explainer.store.get('details')")
    assert opened.is_hidden()
    assert five.page.locator("main").get_attribute("data-details") == "closed"


def test_a_reload_and_an_address_keep_them_open(five: Explainer, visit: Visit) -> None:
    Details(five).open()
    five.page.reload()
    five.until("() => globalThis.explainer?.store.get('model')").settled()
    assert five.get("details")
    five.action("share").click()
    assert five.notice()
    assert "details=true" in five.page.url
    somebody = visit(five.page.url)
    assert somebody.get("details")
    Details(somebody).open()


def test_reduced_motion_is_honoured(explainer: Explainer) -> None:
    details = everything(explainer)
    assert details.page.evaluate("() => document.getAnimations().length") == 0


def test_closed_details_cost_nothing(explainer: Explainer) -> None:
    """What is not shown is neither asked for nor drawn."""
    questions = Questions(explainer)
    explainer.stroke((6, 6), (14, 20), (22, 6))
    assert questions.stages() == {"features", "reconstruction"}
    assert {message["type"] for message in questions.asked} == {"trace"}
    assert {message.get("variant", "normal") for message in questions.asked} == {"normal"}
    paints = explainer.page.locator(".opened canvas[data-paints]").evaluate_all(
        "(all) => all.map((canvas) => Number(canvas.dataset.paints))"
    )
    assert not any(paints)

    explainer.cell("indices", 24).hover()
    explainer.until("() => explainer.store.get('trace').distances")
    assert "distances" in questions.stages()
    explainer.page.mouse.move(2, 2)
    explainer.until("() => !explainer.store.get('selection')")

    details = Details(explainer).open()
    questions.asked.clear()
    explainer.stroke((6, 22), (22, 22))
    assert "distances" in questions.stages()
    details.page.keyboard.press("v")
    explainer.until("() => !explainer.store.get('details')")
    questions.asked.clear()
    explainer.stroke((6, 12), (22, 12))
    assert "distances" not in questions.stages()
