"""The tour, gone through as a learner does: the act of every step, by keyboard, by address, from a blank page."""

from tests.browser.conftest import Visit
from tests.browser.details import Details
from tests.browser.explainer import Explainer
from tests.browser.test_sharing import load

STEPS = (
    *("draw", "patch", "nearest-code", "distance", "bits", "decode"),
    *("paint", "bypass", "straight-through", "losses", "collapse", "generate"),
)

# What each step talks about, and is never covered.
TARGETS = {
    "draw": ".pad, .tools, .examples",
    "patch": ".part-features .cube",
    "nearest-code": ".part-embeddings .codes",
    "distance": ".arithmetic",
    "bits": ".index-picture",
    "decode": ".part-reconstruction .picture, .part-reconstruction [data-action=difference]",
    "paint": ".index-picture",
    "bypass": "[data-variant=bypass]",
    "straight-through": "[data-action=straight-through], [data-gradient=features], [data-gradient=quantized]",
    "losses": ".flows table",
    "collapse": ".playback-controls",
    "generate": ".writer-controls, .writer-grid .picture",
}

# The step that is shown, once what it talks about is there and stands still.
SHOWN = """async ([step, selector]) => {
  const card = document.querySelector(".tour");
  const targets = Array.from(document.querySelectorAll(selector));
  if (card.hidden || card.dataset.step !== step || !targets.some((target) => target.checkVisibility())) return false;
  const place = () => JSON.stringify([scrollY, document.body.scrollHeight, card.getBoundingClientRect()]);
  const before = place();
  await new Promise((resolve) => setTimeout(resolve, 200));
  return before === place() && explainer.stream.isIdle();
}"""
DONE = "(step) => document.querySelector(`[data-step=${step}] .is-done`) && explainer.stream.isIdle()"

# Targets that are covered by the card, or not in the window.
COVERED = """(selector) => {
  const card = document.querySelector(".tour").getBoundingClientRect();
  const inside = card.left >= 0 && card.top >= 0 && card.right <= innerWidth + 0.5 && card.bottom <= innerHeight + 0.5;
  const shown = Array.from(document.querySelectorAll(selector)).filter((target) => target.checkVisibility());
  const covered = shown.map((target) => [target.className, target.getBoundingClientRect()]).filter(([, box]) =>
    box.top < 0 || box.bottom > innerHeight
    || (box.right > card.left && box.left < card.right && box.bottom > card.top && box.top < card.bottom));
  return [...(inside && shown.length ? [] : ["card or targets"]), ...covered];
}"""


class Tour:
    """The tour as a learner uses it."""

    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.page = explainer.page
        self.card = explainer.page.locator(".tour")

    def press(self, label: str) -> None:
        self.card.get_by_role("button", name=label, exact=True).click()

    def at(self, step: str) -> "Tour":
        self.explainer.until(SHOWN, [step, TARGETS[step]])
        return self

    def label(self) -> str:
        return self.card.locator(".tour-buttons button").last.inner_text()

    def covers_nothing(self, step: str) -> bool:
        covered = self.explainer.evaluate(COVERED, TARGETS[step])
        assert covered == [], step
        return True

    def act(self, step: str) -> None:
        """Do what the step asks for."""
        explainer, page = self.explainer, self.page
        if step == "draw":
            explainer.stroke((8, 5), (20, 6), (10, 22))
        elif step == "patch":
            explainer.cell("features", 24 if explainer.get("selection")["cell"] != [3, 3] else 23).click()
        elif step == "nearest-code":
            row = explainer.get("selection")["cell"]
            explainer.cell("embeddings", explainer.indices()[7 * row[0] + row[1]]).click()
        elif step == "distance":
            i, j = explainer.get("selection")["cell"]
            row = 7 * i + j
            Details(explainer).pin("distances", row, (explainer.indices()[row] + 1) % 20)
        elif step == "bits":
            explainer.cell("indices", 0).click()
        elif step == "decode":
            page.locator(".part-reconstruction [data-action=difference]").click()
        elif step == "paint":
            code = explainer.get("brushCode")
            explainer.cell("indices", explainer.evaluate(OTHER, code)).click()
        elif step in ("bypass", "straight-through"):
            explainer.action(step).click()
        elif step == "losses":
            page.locator(".flows th[data-term=reconstruction_loss]").focus()
            page.keyboard.press("Tab")
        elif step == "collapse":
            explainer.until("() => document.querySelector('[data-run=right] .run-facts').textContent")  # is loaded
            page.locator("[data-playback=play]").click()
        else:
            page.locator("select[name=digit]").select_option("7")
            page.locator("[data-action=write-play]").click()


# A cell that has another code.
OTHER = "(code) => explainer.store.get('trace').indices.flat().findIndex((other) => other !== code)"


def walk(explainer: Explainer) -> Tour:
    """Go from a blank page to the last step, and do what each asks for."""
    tour = Tour(explainer)
    explainer.action("tour").click()
    for n, step in enumerate(STEPS):
        assert tour.at(step).covers_nothing(step)
        assert f"{n + 1} of 12" in tour.card.inner_text()
        last = step == STEPS[-1]
        assert tour.label() == ("Finish" if last else "Skip")
        assert tour.card.locator(".tour-act.is-done").count() == 0, step
        tour.act(step)
        explainer.until(DONE, step)
        assert tour.label() == ("Finish" if last else "Next")
        tour.press(tour.label())
    explainer.until("() => document.querySelector('.tour').hidden")
    return tour


def test_every_step_is_done_by_its_act(explainer: Explainer) -> None:
    walk(explainer)
    assert explainer.get("toured") == "draw"
    assert explainer.evaluate("() => location.hash") == ""
    assert explainer.evaluate("() => document.activeElement.dataset.action") == "tour"


def test_the_card_covers_nothing_that_it_talks_about_on_a_phone(phone: Explainer) -> None:
    tour = Tour(phone.show_example(5))
    for step in STEPS:
        phone.set("tour", step)
        assert tour.at(step).covers_nothing(step)


def test_keyboard_address_and_history(explainer: Explainer) -> None:
    load(explainer, "tour=straight-through")
    tour = Tour(explainer).at("straight-through")
    press = explainer.page.keyboard.press
    # An example for the empty pad, and all that the step needs.
    assert explainer.ink().any()
    assert [explainer.get(key) for key in ("details", "backward", "straightThrough")] == [True, True, True]
    assert "step 9 of 12: Straight through." in explainer.get("announcement")
    assert explainer.evaluate("() => document.activeElement.id") == "title-tour"
    press("ArrowLeft")
    tour.at("bypass")
    assert explainer.page.url.endswith("#tour=bypass")
    explainer.page.go_back()
    tour.at("straight-through")
    # The learner does something else, and comes back.
    explainer.action("straight-through").click()
    explainer.until(DONE, "straight-through")
    explainer.until("() => explainer.store.get('announcement').includes('no gradient gets to the encoder')")
    press("v")
    press("g")
    explainer.until("() => !explainer.store.get('details')")
    tour.card.get_by_role("button", name="Show me").focus()
    press("Enter")
    tour.at("straight-through")
    assert [explainer.get(key) for key in ("details", "generate", "straightThrough")] == [True, False, True]
    assert explainer.evaluate("() => document.activeElement.dataset.action") == "straight-through"
    # Keys that belong to others.
    explainer.cell("indices", 24).focus()
    press("ArrowRight")
    explainer.page.locator("input[name=brush]").evaluate("(slider) => slider.focus()")
    press("ArrowRight")
    assert explainer.get("tour") == "straight-through"
    press("n")
    tour.at("losses")
    press("b")
    tour.at("straight-through")
    tour.press("Skip")
    tour.at("losses")
    # Escape closes the card that has the focus; the button opens it where it was, also on the next visit.
    press("Escape")
    explainer.until("() => document.querySelector('.tour').hidden")
    assert explainer.evaluate("() => document.activeElement.dataset.action") == "tour"
    assert explainer.reload().page.locator(".tour").is_hidden()
    explainer.action("tour").focus()
    press("Enter")
    tour.at("losses")
    press("ArrowRight")
    tour.at("collapse")


def test_a_newcomer_who_has_drawn_is_offered_the_tour(visit: Visit) -> None:
    explainer = visit(first=True).settled()
    offer = explainer.page.locator(".notice")
    assert offer.is_hidden()
    explainer.stroke((6, 6), (22, 22))
    offer.wait_for(state="visible")
    offer.get_by_role("button", name="Take the tour").click()
    Tour(explainer).at("draw")
    assert offer.is_hidden()


def test_a_step_without_what_it_needs_says_so(five: Explainer) -> None:
    explainer = five
    explainer.page.locator("[data-action=model]").select_option("mlp-512")
    explainer.until("() => explainer.store.get('trace')?.model === 'mlp-512'").settled()
    explainer.set("tour", "patch")
    tour = Tour(explainer).at("patch")
    assert "as a whole" in tour.card.inner_text()
    assert tour.label() == "Next"
    assert tour.card.get_by_role("button", name="Show me").count() == 0
    # Others can be done with one cell, too.
    explainer.set("tour", "nearest-code")
    tour.at("nearest-code")
    explainer.cell("embeddings", explainer.indices()[0]).click()
    explainer.until(DONE, "nearest-code")
