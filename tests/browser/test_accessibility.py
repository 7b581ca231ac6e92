"""In every state of the page: axe-core finds nothing, text is large enough, and nothing scrolls sideways."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.details import MATRICES, Details
from tests.browser.explainer import Explainer
from tests.browser.many_models import WITH_PRIOR
from tests.browser.test_familiarity import FIRST, MEASURED
from tests.browser.test_models import choose

# Each scheme and each screen once. Colours do not depend on the screen, nor structure on the scheme.
LOOKS = (("dark", DESKTOP), ("light", PHONE))

# Exponents and indices of an equation are small by its layout.
SMALL_TEXTS = """() => {
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

# What lies outside the screen; vectors of numbers and long lists scroll inside their own frame.
OUTSIDE = """() => Array.from(
    document.querySelectorAll("h2, h3, button, input, canvas, .cell, .connection, .matrix, .listing, math"))
  .filter((element) => {
    const { left, right, width } = element.getBoundingClientRect();
    const scrolls = element.closest(".vectors, .pair, .codes, dialog");
    return width && !scrolls && (left < -1 || right > innerWidth + 1);
  })
  .map((element) => element.outerHTML.slice(0, 120))"""

# How far each thing that could scroll sideways does; a vector of numbers may, inside its own frame.
OVERFLOW = """() => [document.documentElement, ...document.querySelectorAll("main, .figure, .opened, .opened *")]
  .filter((element) => !element.closest(".pair, math, .visually-hidden, [hidden]"))
  .filter((element) => element === document.documentElement || /auto|scroll/.test(getComputedStyle(element).overflowX))
  .map((element) => [element.className || element.tagName, element.scrollWidth - element.clientWidth])
  .filter(([, over]) => over > 0)"""

# Elements that would move although the visitor asks for reduced motion.
MOVING = """() => Array.from(document.querySelectorAll("*")).filter((element) => {
  const { transitionDuration, animationDuration } = getComputedStyle(element);
  return [transitionDuration, animationDuration].some((time) => parseFloat(time) > 0.01);
}).map((element) => element.outerHTML.slice(0, 120))"""


def look(explainer: Explainer, scheme: str, size: dict[str, int]) -> None:
    """Show the page in a colour scheme on a screen."""
    explainer.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    explainer.page.set_viewport_size(size)  # type: ignore[arg-type]
    explainer.until("(width) => innerWidth === width", size["width"])


def problems(explainer: Explainer) -> list[str]:
    """What axe-core finds, and texts that are too small."""
    results = Axe().run(explainer.page)
    found = [results.generate_report()] if results.violations_count else []
    return [*found, *(f"small text: {text}" for text in explainer.evaluate(SMALL_TEXTS))]


def too_wide(explainer: Explainer) -> list[str]:
    """What makes the page scroll sideways, or cannot be reached because it does not scroll."""
    return [
        *(f"outside the screen: {element}" for element in explainer.evaluate(OUTSIDE)),
        *(f"scrolls sideways: {element}" for element in explainer.evaluate(OVERFLOW)),
    ]


# A model that was trained in the page.
TRAINED = """() => {
  const positions = [[-1, 0], [0, 1], [0, -1], [1, 0]];
  const snapshots = [0, 50].map((step) => ({
    step, epoch: 1, losses: { reconstruction: 0.1, codebook: 0.2, commitment: 0.2 }, perplexity: 3, codes_used: 3,
    usage: [0.5, 0.25, 0.25, 0], positions, features: positions, reconstructions: btoa("\\0".repeat(784)),
  }));
  const status = { state: "finished", reason: "stopped" };
  explainer.store.assign({
    lab: true, training: { id: "0".repeat(32), status, position: 0, codes: 4, codebook: "ema", snapshots },
  });
}"""

# The states. Each function brings a page with the example 5 into one.


def usual_drawing(explainer: Explainer) -> None:
    """The error is below those of all test digits."""
    explainer.evaluate(MEASURED, [9.0] * 101)
    explainer.until(FIRST, 9.0)


def unusual_drawing(explainer: Explainer) -> None:
    """The error is above those of all test digits."""
    explainer.evaluate(MEASURED, [0.0] * 101)
    explainer.until(FIRST, 0.0)


def cell_pinned(explainer: Explainer) -> None:
    explainer.pin("indices", explainer.inked_row())


def touring(explainer: Explainer) -> None:
    """A step of the tour whose act is done."""
    explainer.set("tour", "decode").until("() => !document.querySelector('.tour').hidden")
    explainer.action("difference").click()
    explainer.until("() => document.querySelector('.tour-act.is-done')")


def code_pinned_with_messages(explainer: Explainer) -> None:
    """And the difference, a notice, and the message that the server is away."""
    explainer.pin("embeddings", explainer.indices()[explainer.inked_row()])
    explainer.action("difference").click()
    explainer.set("connectionDetail", "Nobody there.").set("connection", "offline")
    explainer.set("notice", {"kind": "problem", "text": "Something."})


def help(explainer: Explainer) -> None:
    explainer.page.keyboard.press("?")
    explainer.page.locator("dialog.help").wait_for(state="visible")


def everything_open(explainer: Explainer) -> None:
    """The details with the editor, the backward pass and a pinned number."""
    details = Details(explainer).open()
    explainer.action("edit").click()
    explainer.action("backward").click()
    explainer.until("() => explainer.store.get('gradients')")
    details.pin("distances", explainer.inked_row(), 3)


def line_pinned_in_an_experiment(explainer: Explainer) -> None:
    """A line of code is pinned, the straight-through line is removed, the wrong reshape is shown."""
    details = Details(explainer).open()
    explainer.action("backward").click()
    explainer.until("() => explainer.store.get('gradients')")
    explainer.action("straight-through").click()
    explainer.until("() => explainer.store.get('gradients')?.straightThrough === false")
    explainer.action("wrong-reshape").click()
    explainer.until(
        "() => explainer.store.get('trace').variant === 'wrong-reshape' && explainer.store.get('reference')"
    )
    details.line("distances").click()
    explainer.until("() => explainer.store.get('pinned')")


def sections_open(explainer: Explainer) -> None:
    """Health with a pinned code, comparison and playback, and a training that was stopped."""
    offer = {"hindrance": "", "seconds": 180, "megabytes": 2048, "active": 0, "recorded": {}}
    explainer.page.route("**/api/trainings/prepare", lambda route: route.fulfill(json=offer))
    explainer.evaluate(TRAINED)
    for section in ("health", "compare", "playback"):
        explainer.set(section, True)
    explainer.until(
        """() => document.querySelectorAll(".usage-bars [data-item]").length
          && document.querySelectorAll("#section-compare tbody tr").length
          && document.querySelector(".lab-form:not([hidden])") && document.querySelector(".lab-results:not([hidden])")
          && explainer.store.get("runs").length === 2
          && explainer.store.get("runs").every((name) => explainer.store.get("playbacks")[name])"""
    )
    explainer.page.locator(".usage-bars [data-item='3']").click()
    explainer.until("() => explainer.store.get('pinned')")


def generating(explainer: Explainer) -> None:
    """A grid half written, completions, a repaired drawing."""
    choose(explainer, WITH_PRIOR).set("generate", True)
    explainer.until("() => explainer.store.get('completions').length === 4 && explainer.store.get('packed')")
    explainer.set("written", 20).action("restore").click()
    explainer.until("() => explainer.store.get('restored')")


def article_read(explainer: Explainer) -> None:
    """The article with all its figures."""
    explainer.set("scene", "batch").until("() => document.querySelector('[data-live=batch]:not([hidden])')")
    explainer.page.locator("[data-batch=count]").click()
    explainer.until("() => document.querySelector('[data-live=batch] table:not([hidden])')")


def many_codes(explainer: Explainer) -> None:
    """512 codes, with the details and a pinned cell."""
    Details(choose(explainer, "minimal-512")).open()
    explainer.pin("indices", 0)


def one_cell(explainer: Explainer) -> None:
    """A model of one cell, with the details and a pinned cell."""
    Details(choose(explainer, "mlp-512")).open()
    explainer.pin("indices", 0)


STATES: tuple[Callable[[Explainer], None], ...] = (
    usual_drawing,
    unusual_drawing,
    cell_pinned,
    touring,
    code_pinned_with_messages,
    help,
    everything_open,
    line_pinned_in_an_experiment,
    sections_open,
    generating,
    article_read,
)


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_accessible(models_page: Explainer, state: Callable[[Explainer], None]) -> None:
    state(models_page)
    wrong = []
    for scheme, size in LOOKS:
        look(models_page, scheme, size)
        found = problems(models_page) + too_wide(models_page)
        wrong += [f"{scheme}, {size['width']} px: {problem}" for problem in found]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("state", [pytest.param(many_codes, marks=pytest.mark.soak), one_cell])
def test_models_of_unusual_shapes_are_accessible(models_page: Explainer, state: Callable[[Explainer], None]) -> None:
    """In one look each, because axe-core takes seconds for 512 codes; their matrices may scroll in their own frame."""
    state(models_page)
    look(models_page, *LOOKS[state is one_cell])
    wrong = problems(models_page)
    assert not wrong, "\n".join(wrong)
    assert models_page.overflow() <= 0


def test_no_width_scrolls_sideways(five: Explainer) -> None:
    wrong = []
    for opened in (False, True):
        if opened:
            everything_open(five)
        else:
            cell_pinned(five)
        for width in (360, 390, 720, 1024, 1179, 1180, 1440, 1920, 2560):
            look(five, "dark", {"width": width, "height": 900})
            wrong += [(opened, width, element) for element in too_wide(five)]
        look(five, "dark", DESKTOP)
    assert wrong == []


def test_no_listing_and_no_experiment_scrolls_sideways(five: Explainer) -> None:
    everything_open(five)
    wrong = []
    for size in (DESKTOP, PHONE):
        look(five, "dark", size)
        for listing in ("quantizer", "encoder", "decoder", "loss"):
            five.set("listing", listing).until(f"() => !document.getElementById('listing-{listing}').hidden")
            wrong += [(listing, element) for element in too_wide(five)]
        for variant in ("bypass", "wrong-reshape"):
            five.action(variant).click()
            five.until("(variant) => explainer.store.get('trace').variant === variant", variant)
            five.until("() => explainer.store.get('reference')")
            wrong += [(variant, element) for element in too_wide(five)]
        five.action("wrong-reshape").click()
        five.until("() => explainer.store.get('trace').variant === 'normal'")
    assert wrong == []


def test_reduced_motion_is_honoured(five: Explainer) -> None:
    everything_open(five)
    assert five.evaluate("() => document.getAnimations().length") == 0
    assert five.evaluate(MOVING) == []


def test_code_is_beside_the_matrices_on_a_desktop_and_above_them_on_a_phone(five: Explainer) -> None:
    details = Details(five).open()
    code = details.page.locator(".source").bounding_box()
    assert code
    for stage in MATRICES:
        box = details.matrix(stage).bounding_box()
        assert box
        assert box["x"] > code["x"] + code["width"], stage

    look(five, "dark", PHONE)
    below = details.page.locator(".source").bounding_box()
    for stage in MATRICES:
        above, below = below, details.matrix(stage).locator(".matrix-plot").bounding_box()
        assert above
        assert below
        assert below["y"] >= above["y"] + above["height"], stage
    # The pad stays in view: a visitor can draw beside the numbers.
    details.matrix("quantized").scroll_into_view_if_needed()
    pad = details.page.locator("canvas.pad").bounding_box()
    assert pad
    assert 0 <= pad["y"] < 400
    five.stroke((5, 5), (20, 8))


# Opening the details.


def test_the_button_opens_and_closes_the_details(five: Explainer) -> None:
    button = five.action("details")
    assert button.inner_text() == "Reveal the vector quantizer"
    opened = five.page.locator("#opened")
    for expanded in (True, False):
        assert button.get_attribute("aria-expanded") == str(not expanded).lower()
        assert opened.is_visible() != expanded
        button.click()
        five.until("(opened) => explainer.store.get('details') === opened", expanded)
        assert button.get_attribute("aria-expanded") == str(expanded).lower()
        assert opened.is_visible() == expanded
        assert button.inner_text() == f"{'Hide' if expanded else 'Reveal'} the vector quantizer"


def test_a_reload_and_an_address_keep_the_details_open(five: Explainer) -> None:
    Details(five).open()
    five.reload()
    assert five.page.locator("#opened").is_visible()
    five.action("share").click()
    assert five.notice()
    address = five.page.url.split("#")[1]
    assert "details=true" in address
    five.reset()
    assert five.page.locator("#opened").is_hidden()
    five.evaluate("(address) => history.replaceState(null, '', `#${address}`)", address)
    five.reload().until("() => !document.getElementById('opened').hidden")


def test_closed_details_cost_nothing(explainer: Explainer) -> None:
    """What is not shown is neither requested nor drawn."""

    def stages() -> set[str]:
        explainer.settled()
        return {stage for message in explainer.watch.sent() for stage in message.get("stages", ())}

    explainer.reload().watch.forget_sent()
    explainer.draw((6, 6), (14, 20), (22, 6))
    assert stages() == {"features", "reconstruction"}
    assert {message["type"] for message in explainer.watch.sent()} == {"trace", "score"}
    assert {message.get("variant", "normal") for message in explainer.watch.sent()} == {"normal"}
    paints = explainer.page.locator(".opened canvas[data-paints]").evaluate_all(
        "(all) => all.map((canvas) => Number(canvas.dataset.paints))"
    )
    assert not any(paints)

    explainer.cell("indices", 24).hover()
    explainer.until("() => explainer.store.get('trace').distances")
    assert "distances" in stages()
    explainer.point_at_nothing()

    details = Details(explainer).open()
    explainer.watch.forget_sent()
    explainer.draw((6, 22), (22, 22))
    assert "distances" in stages()
    details.page.keyboard.press("v")
    explainer.until("() => !explainer.store.get('details')")
    explainer.watch.forget_sent()
    explainer.draw((6, 12), (22, 12))
    assert "distances" not in stages()
