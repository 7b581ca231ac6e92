"""Every width: nothing overlaps, nothing is cut off; code is seen together with what it makes."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.details import MATRICES, Details
from tests.browser.explainer import Explainer
from tests.browser.layout import boxes, check_widths, wrong_boxes

# Both sides of every change of the layout, and what people have. tests/soak has all widths and all models.
WIDTHS = (360, 700, 760, 940, 980, 1179, 1180, 1240, 1280, 1320, 1440, 2560)

# Each linked line in turn: whether its matrix, or a picture beside the line, is in the window and not covered.
LINES = """async () => {
  const frames = (n) => n ? new Promise(requestAnimationFrame).then(() => frames(n - 1)) : null;
  const seen = (element) => {
    const { left, right, top, bottom, width, height } = element.getBoundingClientRect();
    // A third of the way in, so that the middle of what is half in sight counts.
    const [x, y] = [left + width / 3, top + height / 3];
    if (!width || x < 0 || y < 0 || x > innerWidth || y > innerHeight) return false;
    const top0 = document.elementsFromPoint(x, y).find((one) => !one.matches(".wires, .flights"));
    return element.contains(top0) || getComputedStyle(element).pointerEvents === "none";
  };
  const unseen = [];
  for (const line of document.querySelectorAll(".listing:not([hidden]) .code-line[tabindex]")) {
    line.focus();
    await frames(2);
    const { stage } = line.dataset;
    const matrix = document.querySelector(`.matrix[data-stage=${stage}] .matrix-plot`);
    const peek = document.querySelector(".peek:not([hidden])");
    if (!(matrix && seen(matrix)) && !(peek && peek.textContent.includes(stage) && seen(peek))) unseen.push(stage);
  }
  return unseen;
}"""

# Lines of `forward` that are not wholly in the window, and in the listing's own frame. Functions that it calls follow.
HIDDEN_LINES = """() => {
  const panel = document.querySelector(".listing:not([hidden])");
  const frame = panel.getBoundingClientRect();
  const lines = Array.from(panel.querySelectorAll(".code-line"));
  const end = lines.findIndex((line, n) => n && Number(line.dataset.line) < Number(lines[n - 1].dataset.line));
  return lines.slice(0, end < 0 ? lines.length : end)
    .filter((line) => {
      const { top, bottom } = line.getBoundingClientRect();
      return top < frame.top - 1 || bottom > Math.min(frame.bottom, innerHeight) + 1;
    })
    .map((line) => line.dataset.line);
}"""


@pytest.mark.parametrize("model", ["residual-20", "minimal-512"])
def test_nothing_overlaps_at_telling_widths(explainer: Explainer, model: str) -> None:
    check_widths(explainer, model, WIDTHS)


def test_badges_and_the_palette_have_their_room(five: Explainer) -> None:
    """In the compact figure too, where a part is narrowest."""
    for opened in (False, True):
        five.set("details", opened)
        for variant in ("wrong-reshape", "bypass") if opened else ():
            five.set("variant", variant).until(
                "(variant) => explainer.store.get('trace')?.variant === variant", variant
            )
            wrong = [problem for width in (360, 1180, 1440) for problem in wrong_boxes(five, width)]
            assert wrong == [], variant
        five.set("variant", "normal").set("editing", True)
        wrong = [problem for width in (360, 1180, 1440) for problem in wrong_boxes(five, width)]
        assert wrong == [], f"editing, details {'open' if opened else 'closed'}"
        five.set("editing", False)


def test_a_theme_moves_nothing(five: Explainer) -> None:
    Details(five).open()
    for size in ({"width": 1280, "height": 720}, {"width": 390, "height": 844}):
        five.page.set_viewport_size(size)  # type: ignore[arg-type]
        five.until("(width) => innerWidth === width", size["width"])
        dark = boxes(five)
        five.set("theme", "light").until("() => document.documentElement.dataset.theme === 'light'")
        assert boxes(five) == dark, size
        five.set("theme", "dark").until("() => document.documentElement.dataset.theme === 'dark'")


def test_the_whole_forward_is_in_sight_on_a_laptop(five: Explainer) -> None:
    details = Details(five).open()
    details.page.locator(".details").evaluate("(details) => details.scrollIntoView({ behavior: 'instant' })")
    assert five.evaluate(HIDDEN_LINES) == []
    assert details.page.locator(".arithmetic").is_hidden()
    # The arithmetic takes its room from the code and moves no matrix.
    before = {stage: details.matrix(stage).bounding_box() for stage in MATRICES}
    details.point("distances", 24, 3)
    assert details.page.locator(".arithmetic").is_visible()
    assert {stage: details.matrix(stage).bounding_box() for stage in MATRICES} == before
    shown = details.line("distances").bounding_box()
    frame = details.page.locator("#listing-quantizer").bounding_box()
    assert shown
    assert frame
    assert frame["y"] <= shown["y"] <= frame["y"] + frame["height"]


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1024, 768), (800, 600), (390, 844)])
def test_a_line_never_lights_what_is_out_of_sight(five: Explainer, width: int, height: int) -> None:
    details = Details(five).open()
    details.page.set_viewport_size({"width": width, "height": height})
    five.until("(width) => innerWidth === width", width)
    for listing in ("quantizer", "loss"):
        five.set("listing", listing)
        for top in ("start", "center"):
            details.page.locator(".source").evaluate(
                "(source, block) => source.scrollIntoView({ behavior: 'instant', block })", top
            )
            assert five.evaluate(LINES) == [], (listing, top)
        five.evaluate("() => document.activeElement.blur()")


def test_matrices_are_beside_the_code_on_a_tablet(five: Explainer) -> None:
    details = Details(five).open()
    for width, height in ((1440, 900), (1280, 720), (1024, 768), (768, 1024)):
        details.page.set_viewport_size({"width": width, "height": height})
        five.until("(width) => innerWidth === width", width)
        details.page.locator(".details").evaluate("(details) => details.scrollIntoView({ behavior: 'instant' })")
        for selector in ("#listing-quantizer", *(f".matrix-{stage} .matrix-plot" for stage in MATRICES)):
            box = details.page.locator(selector).bounding_box()
            assert box
            assert box["y"] + box["height"] / 2 < height, (width, selector)


def test_the_steps_are_numbered_before_anybody_points(five: Explainer) -> None:
    details = Details(five).open()
    steps = ["features", "feature_vectors", "distances", "indices", "quantized_vectors", "quantized"]
    for n, stage in enumerate(steps, start=1):
        assert details.matrix(stage).locator(".step").inner_text() == str(n)
        beside = details.page.locator(f"#listing-quantizer .code-line[data-stage={stage}] .step")
        assert set(beside.all_inner_texts()) == {str(n)}, stage
    assert details.matrix("embeddings").locator(".step").count() == 0


def test_wires_follow_what_moves_after_they_were_measured(visit: Visit) -> None:
    """As when a longer text makes the head of a matrix higher."""
    explainer = visit(viewport={"width": 1280, "height": 720}).show_example(5)
    details = Details(explainer).open()
    details.pin("feature_vectors", 24, 2)
    plot = details.matrix("feature_vectors").locator(".matrix-plot")
    before = plot.bounding_box()
    details.page.locator("[data-action=reshape]").evaluate("({ style }) => { style.height = '80px'; }")
    explainer.until("() => true")
    after = plot.bounding_box()
    assert before
    assert after
    assert after["y"] > before["y"] + 10
    start = details.page.locator(".wires .link-line").evaluate(
        "(path) => path.getPointAtLength(0).y + path.ownerSVGElement.getBoundingClientRect().top"
    )
    assert start == pytest.approx(after["y"] + 24.5 * after["height"] / 49, abs=1)
