"""Codebook health: usage as bars, the codebook in two dimensions, and the drawing's features falling to their codes."""

import re
from decimal import Decimal

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.browser.conftest import Visit
from tests.browser.explainer import Explainer
from tests.browser.many_models import DEFAULT, perplexity
from tests.browser.test_models import choose
from tests.conftest import Server

DATA = ".codemap canvas.data"
OPENED = """() => explainer.store.get("health")
  && document.querySelectorAll(".usage-bars [data-item]").length === explainer.store.get("model").embeddings.length
  && Number(document.querySelector(".codemap canvas.data").dataset.paints) > 0"""
PAINTS = """() => Object.fromEntries(["data", "motion", "highlight"].map(
  (name) => [name, Number(document.querySelector(`.codemap canvas.${name}`).dataset.paints)]))"""
PAINTED = "([name, paints]) => Number(document.querySelector(`.codemap canvas.${name}`).dataset.paints) > paints"
BARS = """(bars) => bars.map((bar) => [
  bar.querySelector(".bar-fill").getBoundingClientRect().height,
  getComputedStyle(bar.querySelector(".bar-fill")).backgroundColor.match(/\\d+/g).map(Number),
])"""
SELECTED = "(code) => explainer.store.get('selection')?.code === code"
# Nothing has moved for a number of polls.
AT_REST = """() => {
  const now = document.querySelector(".codemap canvas.motion").dataset.paints;
  globalThis.steady = globalThis.last === now ? (globalThis.steady ?? 0) + 1 : 0;
  globalThis.last = now;
  return steady > 20;
}"""
MARGIN = 22

Points = NDArray[np.float64]


def health(explainer: Explainer) -> Explainer:
    """Open the section, and wait until it is painted."""
    if not explainer.get("health"):
        explainer.page.keyboard.press("h")
    return explainer.until(OPENED)


@pytest.fixture
def page(models_page: Explainer) -> Explainer:
    return health(models_page)


@pytest.fixture
def fresh(models_page: Explainer) -> Explainer:
    """With a map that has shown this drawing only: its scale covers all drawings since the model was chosen."""
    choose(models_page, "minimal-20")
    return health(choose(models_page, DEFAULT))


def figures(explainer: Explainer) -> tuple[int, float]:
    """Codes used and perplexity as shown."""
    texts = (explainer.page.locator(f"[data-health={name}]").inner_text() for name in ("used", "perplexity"))
    return int(next(texts)), float(next(texts))


def places(explainer: Explainer) -> tuple[Points, Points]:
    """Where codes (K, 2) and features (N, 2) should be on a fresh map in CSS pixels, computed with NumPy."""
    embeddings = np.array(explainer.model("embeddings"))
    features = explainer.tensor("features").astype(np.float64).reshape(-1, embeddings.shape[1])
    mean = embeddings.mean(0)
    axes = np.linalg.svd(embeddings - mean, full_matrices=False)[2][:2]
    # The sign of an axis is arbitrary: take the server's.
    axes *= np.sign((axes * np.array(explainer.model("projection")["axes"])).sum(1, keepdims=True))
    codes, dots = (embeddings - mean) @ axes.T, (features - mean) @ axes.T
    both = np.concatenate([codes, dots])
    low, high = both.min(0), both.max(0)
    width, height = explainer.evaluate(
        """() => {
          const { width, height } = document.querySelector(".codemap-plot").getBoundingClientRect();
          return [width, height];
        }"""
    )
    scale = min((width - 2 * MARGIN) / (high[0] - low[0]), (height - 2 * MARGIN) / (high[1] - low[1]))
    middle = np.array([width / 2, height / 2])

    def place(points: Points) -> Points:
        return middle + scale * (points - (low + high) / 2) * [1, -1]

    return place(codes), place(dots)


def point(explainer: Explainer, at: NDArray[np.float64]) -> None:
    """Move the mouse to a place on the map."""
    explainer.page.locator(".codemap-points").hover(position={"x": float(at[0]), "y": float(at[1])})


def alone(codes: Points, dots: Points, least: float = 30) -> list[int]:
    """Codes with nothing near them."""
    everything = np.concatenate([codes, dots])
    distances = np.linalg.norm(codes[:, None] - everything, axis=2)
    return [code for code, row in enumerate(distances) if np.sort(row)[1] > least]


def test_bars_are_the_measured_usage_in_the_codes_colours(page: Explainer) -> None:
    metrics = page.model("metrics")
    bars = page.page.locator(".usage-bars [data-item]").evaluate_all(BARS)
    usage = np.array(metrics["code_usage"])
    heights = np.array([height for height, _ in bars])
    np.testing.assert_allclose(heights / heights.max(), usage / usage.max(), atol=0.04)
    np.testing.assert_array_equal([color for _, color in bars], page.palette())
    before = figures(page)
    assert before == (metrics["codes_used"], pytest.approx(perplexity(usage), abs=0.051))
    assert before[1] == pytest.approx(metrics["perplexity"], abs=0.051)

    # The background can be left out.
    switch = page.page.locator("input[name=inked]")
    switch.check()
    page.until("() => explainer.store.get('inked')")
    inked = np.array(metrics["code_usage_inked"])
    assert figures(page) == (int((inked > 0).sum()), pytest.approx(perplexity(inked), abs=0.051))
    heights = np.array([height for height, _ in page.page.locator(".usage-bars [data-item]").evaluate_all(BARS)])
    np.testing.assert_allclose(heights / heights.max(), inked / inked.max(), atol=0.05)
    switch.press("Space")
    page.until("() => !explainer.store.get('inked')")
    assert figures(page) == before


def test_a_collapsed_codebook_is_called_so(page: Explainer) -> None:
    assert "No code is idle" in page.page.locator(".health-word").inner_text()
    choose(page, "minimal-20")
    page.until(OPENED)
    assert figures(page)[0] == 3
    text = page.page.locator(".health-word").inner_text()
    assert "Collapsed" in text
    assert "17 codes of 20" in text


def test_the_map_is_the_projection_on_the_principal_axes(fresh: Explainer) -> None:
    codes, dots = places(fresh)
    shown = fresh.canvas(DATA)
    palette = fresh.palette()
    lonely = alone(codes, dots, 24)
    assert len(lonely) >= 3
    for code in lonely:
        x, y = codes[code]
        # Beside the number, within the square.
        np.testing.assert_allclose(shown[round(y - 6), round(x - 7), :3].astype(int), palette[code], atol=3)
    shares = fresh.model("projection")["shares"]
    embeddings = np.array(fresh.model("embeddings"))
    variances = np.linalg.svd(embeddings - embeddings.mean(0), compute_uv=False) ** 2
    np.testing.assert_allclose(shares, (variances / variances.sum())[:2], atol=1e-3)
    caption = fresh.page.locator(".codemap figcaption").inner_text()
    total, first, second = (Decimal(text) for text in re.findall(r"(\d+\.\d+)%", caption))
    assert float(total) == pytest.approx(100 * sum(shares), abs=0.051)
    assert first + second == total

    fresh.stroke((4, 24), (24, 24))
    fresh.until(PAINTED, ["data", 1])
    assert (fresh.canvas(DATA) != shown).any()


def test_the_map_selects_codes_and_cells_and_shows_the_selection(fresh: Explainer) -> None:
    page = fresh
    codes, dots = places(page)
    code = alone(codes, dots)[0]
    before = page.evaluate(PAINTS)
    point(page, codes[code])
    page.until(SELECTED, code)
    assert page.page.locator(".usage-bars [data-mark]").get_attribute("data-item") == str(code)
    assert page.marks("embeddings")["selected"] == [code]
    users = page.indices().count(code)
    assert f"{users} of this drawing" in page.page.locator(".health-reading").inner_text()
    after = page.evaluate(PAINTS)
    assert after["data"] == before["data"]
    assert after["highlight"] > before["highlight"]

    page.point_at_nothing()
    page.cell("embeddings", code).hover()
    page.until(SELECTED, code)
    marked = page.canvas(".codemap canvas.highlight")
    x, y = np.round(codes[code]).astype(int)
    assert marked[y - 20 : y + 20, x - 20 : x + 20, 3].any()
    page.page.locator(f".usage-bars [data-item='{code}']").click()
    page.until("() => explainer.store.get('pinned')")
    assert page.marks("embeddings")["pinned"] == [code]
    page.page.keyboard.press("Escape")
    page.until("() => !explainer.store.get('pinned')")

    # A feature is a cell.
    distances = np.linalg.norm(dots[:, None] - np.concatenate([dots, codes]), axis=2)
    row = next(row for row, near in enumerate(distances) if np.sort(near)[1] > 16)
    point(page, dots[row])
    page.until("(cell) => String(explainer.store.get('selection')?.cell) === cell", f"{row // 7},{row % 7}")
    assert page.marks("indices") == {"selected": [row]}
    assert page.page.locator(".usage-bars [data-mark]").get_attribute("data-item") == str(page.indices()[row])
    page.page.locator(".codemap-points").click(position={"x": float(dots[row][0]), "y": float(dots[row][1])})
    page.until("() => explainer.store.get('pinned')")


def test_by_keyboard(fresh: Explainer) -> None:
    page = fresh
    here = page.page.locator(".codemap-points .entry")
    here.focus()
    codes, _ = places(page)
    for key, code in (("ArrowRight", 1), ("ArrowDown", 2), ("End", 19), ("ArrowLeft", 18), ("Home", 0)):
        page.page.keyboard.press(key)
        page.until(SELECTED, code)
        assert here.get_attribute("aria-label") == f"Code {code}"
        box, plot = here.bounding_box(), page.page.locator(".codemap-plot").bounding_box()
        assert box
        assert plot
        middle = [box["x"] + box["width"] / 2 - plot["x"], box["y"] + box["height"] / 2 - plot["y"]]
        np.testing.assert_allclose(middle, codes[code], atol=1.5)
    page.page.keyboard.press("Enter")
    page.until("() => explainer.store.get('pinned')")
    page.page.keyboard.press("Escape")
    page.until("() => !explainer.store.get('pinned')")
    page.page.locator(".usage-bars [data-item='0']").focus()
    page.page.keyboard.press("End")
    page.until(SELECTED, 19)


def test_features_fall_unless_motion_is_unwanted(page: Explainer) -> None:
    before = page.evaluate(PAINTS)["motion"]
    page.stroke((4, 4), (24, 4))
    assert page.evaluate(PAINTS)["motion"] == before

    page.page.emulate_media(reduced_motion="no-preference")
    page.stroke((4, 24), (24, 4))
    page.until(PAINTED, ["motion", before])
    # The motion ends, and then no frames are requested.
    page.until(AT_REST)
    assert not page.canvas(".codemap canvas.motion")[..., 3].any()


def test_closed_it_costs_nothing(visit: Visit, many_models: Server) -> None:
    explainer = visit(many_models.url)
    loaded = "() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('models/health.js'))"
    assert not explainer.evaluate(loaded)
    health(explainer)
    assert explainer.evaluate(loaded)
    explainer.page.keyboard.press("h")
    explainer.until("() => document.getElementById('section-health').hidden")
    before = explainer.evaluate(PAINTS)
    explainer.show_example(3)
    assert explainer.evaluate(PAINTS)["data"] == before["data"]
    health(explainer)
    explainer.until(PAINTED, ["data", before["data"]])


def test_the_pad_stays_in_view(page: Explainer) -> None:
    page.page.locator(".codemap").scroll_into_view_if_needed()
    pad = page.page.locator("canvas.pad").bounding_box()
    assert pad
    assert 0 <= pad["y"] < 300
    assert page.page.locator("#opened").is_hidden()


def test_bars_are_arranged_by_their_own_width(page: Explainer) -> None:
    columns = "() => Number(document.querySelector('.usage-bars .cells').style.getPropertyValue('--columns'))"
    bars = page.page.locator(".usage-bars")
    choose(page, "keras-64").until(OPENED)
    for width, wanted in (("1000px", 64), ("600px", 64), ("300px", 32)):
        bars.evaluate("(bars, width) => { bars.style.width = width; }", width)
        page.until(f"(wanted) => ({columns})() === wanted", wanted)
        numbered = bars.locator(".chip").first.inner_text() != ""
        assert numbered == (width == "1000px")
    bars.evaluate("(bars) => bars.removeAttribute('style')")
    page.until(f"() => ({columns})() === 64")


def test_every_shape_of_model(page: Explainer) -> None:
    for name in ("minimal-512", "mlp-512"):
        choose(page, name).until(OPENED)
        metrics = page.model("metrics")
        usage = np.array(metrics["code_usage"])
        assert figures(page) == (metrics["codes_used"], pytest.approx(perplexity(usage), abs=0.051))
        assert page.page.locator(".usage-bars [data-item]").count() == len(usage)
        page.page.locator(".codemap-points .entry").focus()
        page.page.keyboard.press("End")
        page.until(SELECTED, len(usage) - 1)
        # A code that is pointed at is told by its number, not by its colour alone.
        assert f"code {len(usage) - 1}" in page.page.locator(".health-reading").inner_text()
        page.page.evaluate("() => document.activeElement.blur()")


def test_a_finger_pins(models_phone: Explainer) -> None:
    choose(models_phone, "mlp-512")
    choose(models_phone, DEFAULT)
    models_phone.action("health").tap()
    models_phone.until(OPENED)
    codes, dots = places(models_phone)
    code = max(range(len(codes)), key=lambda n: np.sort(np.linalg.norm(codes - codes[n], axis=1))[1])
    models_phone.page.locator(".codemap-points").tap(position={"x": float(codes[code][0]), "y": float(codes[code][1])})
    models_phone.until("() => explainer.store.get('pinned')")
    assert models_phone.get("selection")["code"] == code
    assert len(dots) == 49
