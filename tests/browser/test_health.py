"""Codebook health: usage as bars, the codebook in two dimensions, and the drawing's features falling to their codes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.explainer import Explainer
from tests.browser.test_look import examine
from tests.browser.test_zoo_choosing import choose
from tests.browser.zoo import DEFAULT, perplexity
from tests.conftest import Server

DATA = ".codemap canvas.data"
OPENED = """() => explainer.store.get("health")
  && document.querySelectorAll(".usage-bars [data-item]").length === explainer.store.get("model").embeddings.length
  && Number(document.querySelector(".codemap canvas.data").dataset.paints) > 0"""
PAINTS = """() => Object.fromEntries(["data", "motion", "highlight"].map(
  (name) => [name, Number(document.querySelector(`.codemap canvas.${name}`).dataset.paints)]))"""
BARS = """(bars) => bars.map((bar) => [
  bar.querySelector(".mover-bar").getBoundingClientRect().height,
  getComputedStyle(bar.querySelector(".mover-bar")).backgroundColor,
])"""
MARGIN = 22

Points = NDArray[np.float64]


def health(explainer: Explainer) -> Explainer:
    """Open the section, and wait until it is painted."""
    if not explainer.get("health"):
        explainer.page.keyboard.press("h")
    return explainer.until(OPENED)


@pytest.fixture
def page(visit: Visit, zoo: Server) -> Explainer:
    explainer = visit(zoo.url)
    explainer.example(5)
    return health(explainer)


def figures(explainer: Explainer) -> tuple[int, float]:
    """Codes used and perplexity as shown."""
    told = (explainer.page.locator(f"[data-health={name}]").inner_text() for name in ("used", "perplexity"))
    return int(next(told)), float(next(told))


def places(explainer: Explainer) -> tuple[Points, Points]:
    """Where codes (K, 2) and features (N, 2) should stand on the map in CSS pixels, worked out with NumPy from scratch.

    For a map that has seen nothing but this drawing since the model was chosen.
    """
    embeddings = np.array(explainer.get("model")["embeddings"])
    features = explainer.tensor("features").astype(np.float64).reshape(-1, embeddings.shape[1])
    mean = embeddings.mean(0)
    axes = np.linalg.svd(embeddings - mean, full_matrices=False)[2][:2]
    # An axis has no direction: take the server's.
    axes *= np.sign((axes * np.array(explainer.get("model")["projection"]["axes"])).sum(1, keepdims=True))
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
    model = page.get("model")
    bars = page.page.locator(".usage-bars [data-item]").evaluate_all(BARS)
    usage = np.array(model["metrics"]["code_usage"])
    heights = np.array([height for height, _ in bars])
    np.testing.assert_allclose(heights / heights.max(), usage / usage.max(), atol=0.04)
    wanted = [fill.replace("rgb(", "").rstrip(")").split() for fill in model["palette"]["fill"]]
    shown = [color.replace("rgb(", "").rstrip(")").replace(",", "").split() for _, color in bars]
    assert shown == wanted
    assert figures(page) == (model["metrics"]["codes_used"], pytest.approx(perplexity(usage), abs=0.051))
    assert figures(page)[1] == pytest.approx(model["metrics"]["perplexity"], abs=0.051)


def test_the_background_can_be_left_out(page: Explainer) -> None:
    metrics = page.get("model")["metrics"]
    before = figures(page)
    page.page.locator("input[name=inked]").check()
    page.until("() => explainer.store.get('inked')")
    inked = np.array(metrics["code_usage_inked"])
    assert figures(page) == (int((inked > 0).sum()), pytest.approx(perplexity(inked), abs=0.051))
    heights = np.array([height for height, _ in page.page.locator(".usage-bars [data-item]").evaluate_all(BARS)])
    np.testing.assert_allclose(heights / heights.max(), inked / inked.max(), atol=0.05)
    page.page.locator("input[name=inked]").press("Space")
    page.until("() => !explainer.store.get('inked')")
    assert figures(page) == before


def test_a_collapsed_codebook_is_called_so(page: Explainer) -> None:
    assert page.page.locator(".health-word").inner_text().startswith("No code is idle")
    choose(page, "minimal-20")
    page.until(OPENED)
    assert figures(page)[0] == 3
    assert "Collapsed: 17 codes of 20 are never chosen" in page.page.locator(".health-word").inner_text()


def test_the_map_is_the_projection_on_the_principal_axes(page: Explainer) -> None:
    codes, _ = places(page)
    shown = page.canvas(DATA)
    palette = page.evaluate(
        "() => explainer.store.get('model').palette.fill.map((fill) => fill.match(/\\d+/g).map(Number))"
    )
    dots = places(page)[1]
    lonely = alone(codes, dots, 24)
    assert len(lonely) >= 3
    for code in lonely:
        x, y = codes[code]
        # Beside the number, within the square.
        np.testing.assert_allclose(shown[round(y - 6), round(x - 7), :3].astype(int), palette[code], atol=3)
    shares = page.evaluate("() => explainer.store.get('model').projection.shares")
    centered = np.array(page.get("model")["embeddings"])
    variances = np.linalg.svd(centered - centered.mean(0), compute_uv=False) ** 2
    np.testing.assert_allclose(shares, (variances / variances.sum())[:2], atol=1e-3)
    said = page.page.locator(".codemap figcaption").inner_text()
    assert f"{100 * sum(shares):.1f}% of the codebook’s variance" in said


def test_selection_goes_both_ways(page: Explainer) -> None:
    codes, dots = places(page)
    code = alone(codes, dots)[0]
    before = page.evaluate(PAINTS)
    point(page, codes[code])
    page.until("(code) => explainer.store.get('selection')?.code === code", code)
    assert page.page.locator(".usage-bars [data-mark]").get_attribute("data-item") == str(code)
    assert page.marks("embeddings")["selected"] == [code]
    users = page.indices().count(code)
    assert f"{users} of this drawing’s 49 cells" in page.page.locator(".health-reading").inner_text()
    after = page.evaluate(PAINTS)
    assert after["data"] == before["data"]
    assert after["highlight"] > before["highlight"]

    page.page.mouse.move(2, 2)
    page.until("() => !explainer.store.get('selection')")
    page.cell("embeddings", code).hover()
    page.until("(code) => explainer.store.get('selection')?.code === code", code)
    marked = page.canvas(".codemap canvas.highlight")
    x, y = np.round(codes[code]).astype(int)
    assert marked[y - 20 : y + 20, x - 20 : x + 20, 3].any()
    page.page.locator(f".usage-bars [data-item='{code}']").click()
    page.until("() => explainer.store.get('pinned')")
    assert page.marks("embeddings") == page.marks("embeddings") | {"pinned": [code]}


def test_a_feature_is_a_cell(page: Explainer) -> None:
    codes, dots = places(page)
    distances = np.linalg.norm(dots[:, None] - np.concatenate([dots, codes]), axis=2)
    row = next(row for row, near in enumerate(distances) if np.sort(near)[1] > 16)
    point(page, dots[row])
    page.until("(cell) => String(explainer.store.get('selection')?.cell) === cell", f"{row // 7},{row % 7}")
    assert page.marks("indices") == {"selected": [row]}
    assert page.page.locator(".usage-bars [data-mark]").get_attribute("data-item") == str(page.indices()[row])
    page.page.locator(".codemap-points").click(position={"x": float(dots[row][0]), "y": float(dots[row][1])})
    page.until("() => explainer.store.get('pinned')")


def test_by_keyboard(page: Explainer) -> None:
    here = page.page.locator(".scatter-point")
    here.focus()
    codes, _ = places(page)
    for key, code in (("ArrowRight", 1), ("ArrowDown", 2), ("End", 19), ("ArrowLeft", 18), ("Home", 0)):
        page.page.keyboard.press(key)
        page.until("(code) => explainer.store.get('selection')?.code === code", code)
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
    bar = page.page.locator(".usage-bars [data-item='0']")
    bar.focus()
    page.page.keyboard.press("End")
    page.until("() => explainer.store.get('selection')?.code === 19")


def test_it_follows_the_drawing(page: Explainer) -> None:
    before = page.canvas(DATA)
    page.stroke((4, 24), (24, 24))
    page.until("(paints) => Number(document.querySelector('.codemap canvas.data').dataset.paints) > paints", 1)
    assert (page.canvas(DATA) != before).any()


def test_features_fall_unless_motion_is_unwanted(visit: Visit, zoo: Server) -> None:
    still = visit(zoo.url)
    health(still)
    still.example(5)
    assert still.evaluate(PAINTS)["motion"] == 0

    moving = visit(zoo.url, reduced_motion="no-preference")
    health(moving)
    before = moving.evaluate(PAINTS)["motion"]
    moving.stroke((4, 24), (24, 4))
    moving.until("(paints) => Number(document.querySelector('.codemap canvas.motion').dataset.paints) > paints", before)
    # It comes to rest, and then asks the screen for nothing.
    moving.until("""() => {
      const now = document.querySelector(".codemap canvas.motion").dataset.paints;
      globalThis.steady = globalThis.last === now ? (globalThis.steady ?? 0) + 1 : 0;
      globalThis.last = now;
      return steady > 40;
    }""")
    assert not moving.canvas(".codemap canvas.motion")[..., 3].any()


def test_closed_it_costs_nothing(visit: Visit, zoo: Server) -> None:
    explainer = visit(zoo.url)
    loaded = "() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('models/health.js'))"
    assert not explainer.evaluate(loaded)
    health(explainer)
    assert explainer.evaluate(loaded)
    explainer.page.keyboard.press("h")
    explainer.until("() => document.getElementById('section-health').hidden")
    before = explainer.evaluate(PAINTS)
    explainer.example(3)
    assert explainer.evaluate(PAINTS)["data"] == before["data"]
    health(explainer)
    explainer.until(
        "(paints) => Number(document.querySelector('.codemap canvas.data').dataset.paints) > paints", before["data"]
    )


def test_the_pad_stays_in_sight(page: Explainer) -> None:
    page.page.locator(".codemap").scroll_into_view_if_needed()
    pad = page.page.locator("canvas.pad").bounding_box()
    assert pad
    assert 0 <= pad["y"] < 300
    assert page.page.locator("#opened").is_hidden()


@pytest.mark.parametrize("name", [DEFAULT, "minimal-512", "mlp-512"])
def test_every_shape_of_model(page: Explainer, name: str) -> None:
    if name != DEFAULT:
        choose(page, name)
        page.until(OPENED)
    model = page.get("model")
    metrics = model["metrics"]
    usage = np.array(metrics["code_usage"])
    assert figures(page) == (metrics["codes_used"], pytest.approx(perplexity(usage), abs=0.051))
    assert page.page.locator(".usage-bars [data-item]").count() == len(usage)
    page.page.locator(".scatter-point").focus()
    page.page.keyboard.press("End")
    page.until("(code) => explainer.store.get('selection')?.code === code", len(usage) - 1)
    # Whatever its colour, a code that is pointed at is told by its number.
    assert f"code {len(usage) - 1}" in page.page.locator(".health-reading").inner_text()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing(visit: Visit, zoo: Server, scheme: str, viewport: dict[str, int]) -> None:
    explainer = visit(zoo.url, color_scheme=scheme, viewport=viewport)
    explainer.example(5)
    health(explainer)
    over = explainer.evaluate("() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0
    examine(explainer, "health")
    explainer.page.locator(".usage-bars [data-item='3']").click()
    explainer.until("() => explainer.store.get('pinned')")
    examine(explainer, "health, a code pinned")


def test_a_finger_pins(visit: Visit, zoo: Server) -> None:
    explainer = visit(zoo.url, viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    explainer.example(5)
    explainer.action("health").tap()
    explainer.until(OPENED)
    codes, dots = places(explainer)
    code = max(range(len(codes)), key=lambda n: np.sort(np.linalg.norm(codes - codes[n], axis=1))[1])
    explainer.page.locator(".codemap-points").tap(position={"x": float(codes[code][0]), "y": float(codes[code][1])})
    explainer.until("() => explainer.store.get('pinned')")
    assert explainer.get("selection")["code"] == code
    assert len(dots) == 49
