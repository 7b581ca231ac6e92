"""The summary view: its canvases show what the model computed, and one selection drives every view."""

import re
from decimal import Decimal

import httpx
import numpy as np
import pytest

from tests.browser.conftest import Visit
from tests.browser.explainer import GRIDS, Explainer, number
from tests.conftest import Server

SELECTED = "(row) => explainer.store.get('selection')?.cell && explainer.store.get('trace').distances"
RECONSTRUCTION = "[data-stage=reconstruction] canvas.data"

# Where a point of each item lies on the canvas; `share` of the item's size from its top left corner.
PLACES = """(view, [across, down]) => {
  const canvas = view.querySelector("canvas.data");
  const on = canvas.getBoundingClientRect();
  return Array.from(view.querySelectorAll("[data-item]"), (item) => {
    const box = item.getBoundingClientRect();
    return [
      ((box.top + down * box.height - on.top) / on.height) * canvas.height,
      ((box.left + across * box.width - on.left) / on.width) * canvas.width,
    ];
  });
}"""


def fronts(explainer: Explainer, stage: str, share: tuple[float, float] = (0.12, 0.12)) -> np.ndarray:
    """The colour in each cell of a view (49, 3), taken at a share of the cell from its top left corner."""
    shown = explainer.canvas(f"[data-stage={stage}] canvas.data")
    places = explainer.stage(stage).evaluate(PLACES, share)
    return np.array([shown[int(y), int(x), :3] for y, x in places])


@pytest.fixture
def pointed(five: Explainer) -> Explainer:
    """The page with a cell pointed at."""
    five.cell("indices", five.inked_row()).hover()
    return five.until(SELECTED).settled()


# Canvases.


def test_the_given_picture_is_what_the_model_gets(five: Explainer, visit: Visit) -> None:
    for explainer in (five, visit(device_scale_factor=1.5).show_example(5)):
        shown = explainer.picture("canvas.given")
        for channel in range(3):
            np.testing.assert_array_equal(shown[:, :, channel], explainer.ink("pixels"))


def test_the_reconstruction_is_the_decoders(five: Explainer) -> None:
    shown = five.picture(RECONSTRUCTION)[:, :, 0].astype(float)
    computed = 255 * five.tensor("reconstruction")
    assert np.abs(shown - computed).max() <= 1
    given = five.ink("pixels").astype(float)
    assert np.corrcoef(shown.ravel(), given.ravel())[0, 1] > 0.8


def test_the_difference_is_between_input_and_reconstruction(five: Explainer) -> None:
    five.action("difference").click()
    five.until("() => explainer.store.get('difference')")
    shown = five.picture(RECONSTRUCTION).astype(float)
    difference = five.tensor("reconstruction") - five.ink("pixels") / 255.0
    red, blue = shown[:, :, 0], shown[:, :, 2]
    lost, added = difference < -0.05, difference > 0.05
    assert lost.any()
    assert added.any()
    assert (red[lost] > blue[lost]).all()
    assert (blue[added] > red[added]).all()
    same = np.abs(difference) < 1e-4
    np.testing.assert_allclose(shown[same], 92 / 255 * five.ink("pixels")[same][:, None].repeat(3, 1), atol=5)
    assert five.page.locator(".difference-key span").all_inner_texts() == ["ink lost", "ink added", "ink unchanged"]
    five.action("difference").click()
    five.until("() => !explainer.store.get('difference')")
    greys = five.picture(RECONSTRUCTION)
    assert (greys[:, :, 0] == greys[:, :, 2]).all()


def test_each_code_has_one_colour_everywhere(five: Explainer) -> None:
    palette = five.palette()
    assert len({tuple(color) for color in palette}) == len(palette)
    chips = (
        five.stage("embeddings")
        .locator(".cells .chip")
        .evaluate_all(
            """(chips) => chips.map((chip) => {
              return [chip.textContent, getComputedStyle(chip).backgroundColor.match(/\\d+/g).map(Number)];
            })"""
        )
    )
    assert chips == [[str(code), color] for code, color in enumerate(palette.tolist())]
    for stage in ("indices", "quantized"):
        np.testing.assert_array_equal(fronts(five, stage), palette[five.indices()], err_msg=stage)
    before = fronts(five, "indices")
    five.action("clear").click()
    five.settled()
    after = fronts(five, "indices")
    assert (before != after).any()
    np.testing.assert_array_equal(after, palette[five.indices()])


def test_codes_are_told_by_number_too(five: Explainer) -> None:
    """Cells of one code are not of one colour in their middle, because a number stands there."""
    indices = five.indices()
    middles = [tuple(map(tuple, fronts(five, "indices", (x, 0.5)))) for x in np.linspace(0.2, 0.8, 25)]
    for row in range(len(indices)):
        assert len({middle[row] for middle in middles}) > 1, f"no number in cell {row}"
    for row in (0, five.inked_row()):
        five.cell("indices", row).focus()
        assert five.cell("indices", row).get_attribute("aria-label").endswith(f"code {indices[row]}")


def test_the_cube_shows_a_channel_of_the_features(five: Explainer) -> None:
    scale = five.model("scale")
    for channel in (0, 9):
        five.page.locator("input[name=channel]").fill(str(channel))
        five.until("(channel) => explainer.store.get('channel') === channel", channel)
        values = five.tensor("features")[:, :, channel].ravel()
        expected = np.clip(255 * (values - scale["low"]) / (scale["high"] - scale["low"]), 0, 255)
        shown = fronts(five, "features", (0.5, 0.5))
        assert np.abs(shown[:, 0] - expected).max() <= 1, channel
        assert five.stage("features").locator("output").inner_text() == str(channel)


def test_the_stream_agrees_with_the_rest_interface(five: Explainer, shipped: Server) -> None:
    answer = httpx.post(f"{shipped.url}/api/trace", json={"pixels": five.base64_pixels()})
    trace = answer.raise_for_status().json()
    assert five.indices() == np.ravel(trace["indices"]).tolist()
    five.cell("indices", 24).hover()  # requests the distances
    for key in ("features", "distances", "reconstruction"):
        expected, shown = np.array(trace[key]), five.tensor(key)
        assert shown.shape == expected.shape
        assert np.abs(shown - expected).max() <= 1e-3 * np.ptp(expected)
    for name, loss in five.evaluate("() => explainer.store.get('trace').losses").items():
        assert loss == pytest.approx(trace["losses"][name], rel=1e-4)


def test_facts_are_those_of_the_trace(five: Explainer) -> None:
    facts = five.page.locator("[data-fact]").evaluate_all(
        "(all) => all.map((place) => [place.dataset.fact, place.textContent])"
    )
    error = np.square(five.tensor("reconstruction") - five.ink("pixels") / 255.0).mean()
    assert {text for name, text in facts if name == "used"} == {str(len(set(five.indices())))}
    (shown,) = {text for name, text in facts if name == "error"}
    assert float(shown) == pytest.approx(error, abs=1e-4)
    shapes = five.model("stages")
    for stage in ("input", "features", "embeddings", "indices", "quantized", "reconstruction"):
        shown = five.page.locator(f"[data-shape={stage}]").first.inner_text()
        assert shown == "×".join(map(str, shapes[stage]))


def test_codes_are_counted(five: Explainer) -> None:
    indices = five.indices()
    shown = five.stage("embeddings").locator(".code-figure").all_inner_texts()
    assert shown == [str(indices.count(code) or "·") for code in range(len(shown))]
    assert five.marks("embeddings").get("unused", []) == [n for n in range(len(shown)) if n not in indices]


def test_a_denser_screen_gets_denser_canvases(visit: Visit) -> None:
    explainer = visit(device_scale_factor=2)
    for selector in (".part-features canvas.data", ".part-indices canvas.data"):
        height, width, _ = explainer.canvas(selector).shape
        box = explainer.page.locator(selector).bounding_box()
        assert box
        assert width == pytest.approx(2 * box["width"], abs=2)
        assert height == pytest.approx(2 * box["height"], abs=2)


# Pointing.


def check_frames(explainer: Explainer, row: int) -> None:
    """The frames show what the cell reads and writes."""
    fields = explainer.model("fields")
    for field, picture in (("reads", ".given-picture"), ("writes", "[data-stage=reconstruction] .picture")):
        frame = explainer.page.locator(f"{picture} .frame").bounding_box()
        canvas = explainer.page.locator(f"{picture} canvas").bounding_box()
        assert frame
        assert canvas
        x, y = frame["x"] - canvas["x"], frame["y"] - canvas["y"]
        shown = np.array([y, x, y + frame["height"], x + frame["width"]]) * 28 / canvas["width"]
        np.testing.assert_allclose(shown, np.clip(fields[field][row // 7][row % 7], 0, 28), atol=0.2)
    assert explainer.page.locator(".pad-picture .frame").is_visible()


def test_a_cell_is_selected_in_every_view(five: Explainer) -> None:
    row = five.inked_row()
    paints = five.paints()
    assert min(paints[name] for name in paints if "small" not in name) > 0
    for stage in GRIDS:
        five.cell(stage, row).hover()
        five.until(SELECTED).settled()
        assert five.get("selection") == {"cell": [row // 7, row % 7], "code": None, "stage": stage}
        for view in GRIDS:
            assert five.marks(view) == {"selected": [row]}, (stage, view)
        marks = five.marks("embeddings")
        first, second = np.argsort(five.tensor("distances")[row])[:2]
        assert marks["nearest"] == [first] == [five.indices()[row]]
        assert marks["second"] == [second]
        check_frames(five, row)

        five.point_at_nothing()
        for view in GRIDS:
            assert five.marks(view) == {}, (stage, view)
        assert not five.page.locator(".figure .frame:visible").count()
    assert five.paints() == paints


def test_pointing_at_many_cells_paints_no_data(five: Explainer) -> None:
    paints = five.paints()
    for stage in GRIDS:
        for row in range(0, 49, 16):
            five.cell(stage, row).hover()
            five.until("(row) => document.querySelector(`[data-stage=indices] [data-item='${row}'][data-mark]`)", row)
    for code in range(0, 20, 6):
        five.cell("embeddings", code).hover()
    assert five.paints() == paints


def test_the_inspector_tells_the_vectors_in_numbers(pointed: Explainer) -> None:
    row = pointed.inked_row()
    code = pointed.indices()[row]
    distances = pointed.tensor("distances")[row]
    feature = pointed.tensor("features").reshape(49, -1)[row]
    embedding = np.array(pointed.model("embeddings")[code])
    title = pointed.page.locator(".inspector-title").inner_text()
    assert f"({row // 7}, {row % 7})" in title
    assert f"code {code}" in title
    expected = {"feature": feature, "code": embedding, "difference": np.square(feature - embedding)}
    for name, values in expected.items():
        texts = pointed.page.locator(f".vectors tr[data-row={name}] td:not(.sum)").all_inner_texts()
        np.testing.assert_allclose([number(text) for text in texts], values, rtol=0.06, atol=0.006)
    total = pointed.page.locator(".vectors tr[data-row=difference] .sum").inner_text()
    assert float(total.removeprefix("Σ ")) == pytest.approx(distances[code], rel=0.06, abs=0.01)
    assert sum(Decimal(text) for text in texts) == Decimal(total.removeprefix("Σ ")), "as printed"

    ranking = pointed.page.locator(".ranking li .chip").all_inner_texts()
    assert ranking == [f"code {code}" for code in np.argsort(distances, kind="stable")[: len(ranking)]]
    assert len(ranking) >= 3
    shown = [float(text) for text in pointed.stage("embeddings").locator(".code-figure").all_inner_texts()]
    np.testing.assert_allclose(shown, distances, rtol=0.05, atol=0.5)
    assert np.argmin(shown) == np.argmin(distances)


WITHOUT_DISTANCES = """(cell) => {
  const { store } = explainer;
  const { distances, ...trace } = store.get("trace");
  store.set("trace", trace);
  for (const key of ["selection", "pinned"]) store.set(key, { cell, code: null, stage: "indices" });
  store.flush();
  const places = [".inspector-text", ".ranking ol", "[data-level=''] .codebook-key"];
  return places.map((place) => document.querySelector(place).innerText);
}"""


def test_while_distances_are_on_their_way_the_inspector_says_so(five: Explainer) -> None:
    for shown in five.evaluate(WITHOUT_DISTANCES, [3, 3]):
        assert "The distances are loading" in shown
        assert not re.search(r"[Rr]unner-up|NaN|–|\d\.\d", shown)
    five.until("() => explainer.store.get('trace').distances").until("() => explainer.words.isIdle()")
    assert "Runner-up" in five.page.locator(".inspector-text").inner_text()
    assert five.page.locator(".ranking li .chip").count() == 5


def test_every_channel_can_be_read_on_a_laptop(pointed: Explainer) -> None:
    row = pointed.inked_row()
    pointed.cell("indices", row).click()
    pointed.until("() => explainer.store.get('pinned')")
    for width in (1180, 1280):
        pointed.page.set_viewport_size({"width": width, "height": 720})
        pointed.until("(width) => innerWidth === width", width)
        wrong = pointed.page.locator(".vectors").evaluate(
            """(vectors) => [
              ...(vectors.scrollWidth > vectors.clientWidth ? ["scrolls"] : []),
              ...Array.from(vectors.querySelectorAll("td:not(.sum)"), (cell) => {
                const range = document.createRange();
                range.selectNodeContents(cell);
                return [cell.textContent, range.getBoundingClientRect().width - cell.clientWidth];
              }).filter(([, over]) => over > 0),
            ]"""
        )
        assert wrong == [], width


def test_the_lookup_is_drawn_as_a_path(pointed: Explainer) -> None:
    """From the cell of the features to its code, and from there to the cell of the quantized."""
    row = pointed.inked_row()
    line = pointed.page.locator(".links .link-line")
    assert line.is_visible()
    ends = line.evaluate(
        """(path) => {
          const svg = path.ownerSVGElement.getBoundingClientRect();
          const [first, second] = path.getAttribute("d").split("M").filter(Boolean).map((part) => {
            const numbers = part.match(/-?[\\d.]+(e-?\\d+)?/g).map(Number);
            return [numbers.slice(0, 2), numbers.slice(-2)];
          });
          return [...first, ...second].map(([x, y]) => [x + svg.left, y + svg.top]);
        }"""
    )
    code = pointed.indices()[row]
    places = [("features", row), ("embeddings", code), ("embeddings", code), ("quantized", row)]
    for (x, y), (stage, item) in zip(ends, places, strict=True):
        box = pointed.cell(stage, item).bounding_box()
        assert box
        assert box["x"] - 2 <= x <= box["x"] + box["width"] + 2, stage
        assert box["y"] - 2 <= y <= box["y"] + box["height"] + 2, stage


def test_the_cubes_show_the_cells_vector(five: Explainer) -> None:
    highlights = {stage: f"[data-stage={stage}] canvas.highlight" for stage in ("features", "quantized")}
    for selector in highlights.values():
        assert five.page.locator(selector).first.is_hidden()
    five.cell("indices", five.inked_row()).hover()
    five.until(SELECTED)
    for selector in highlights.values():
        assert five.page.locator(selector).first.is_visible()
        assert five.canvas(selector).any()


def test_a_code_lights_the_cells_that_use_it(five: Explainer) -> None:
    indices = five.indices()
    paints = five.paints()
    unused = [code for code in range(20) if code not in indices][:1]
    for code in [*sorted(set(indices))[:3], *unused]:
        five.cell("embeddings", code).hover()
        five.until("(code) => explainer.store.get('selection')?.code === code", code)
        users = [row for row in range(49) if indices[row] == code]
        for stage in GRIDS:
            marks = five.marks(stage)
            assert marks.get("lit", []) == users
            assert marks["dim"] == [row for row in range(49) if row not in users]
        assert five.marks("embeddings")["selected"] == [code]
        assert str(code) in five.page.locator(".inspector-title").inner_text()
        assert f"{len(users)} of this drawing" in five.page.locator(".inspector-text").inner_text()
    assert five.page.locator(".links").is_hidden()
    assert five.paints() == paints


def test_a_click_pins_and_another_unpins(five: Explainer) -> None:
    row = five.inked_row()
    five.pin("indices", row)
    five.cell("features", 3).hover()
    assert five.marks("features") == {"pinned": [row]}
    five.cell("quantized", row).click()
    five.until("() => !explainer.store.get('pinned')")


def test_a_pin_stays_while_drawing_and_follows_the_trace(five: Explainer) -> None:
    row = five.inked_row()
    five.pin("indices", row)
    five.stroke((3, 25), (25, 25))
    assert five.marks("features") == {"pinned": [row]}
    assert five.marks("embeddings")["nearest"] == [five.indices()[row]]
    five.action("clear").click()
    five.settled()
    assert five.marks("embeddings")["nearest"] == [five.indices()[row]]
    five.action("unpin").click()
    five.until("() => !explainer.store.get('pinned')")
    assert five.marks("features") == {}


def test_a_tap_pins_moves_the_pin_and_unpins(phone: Explainer) -> None:
    phone.show_example(5)
    row = phone.inked_row()
    cell = phone.cell("indices", row)
    cell.tap()
    phone.until("() => explainer.store.get('pinned')")
    assert phone.marks("features") == {"pinned": [row]}
    assert phone.marks("embeddings")["nearest"] == [phone.indices()[row]]
    assert f"({row // 7}, {row % 7})" in phone.page.locator(".inspector-title").inner_text()
    cell.tap()
    phone.until("() => !explainer.store.get('pinned')")
    assert phone.get("selection") is None

    phone.cell("features", 10).tap()
    phone.until("() => explainer.store.get('pinned')")
    phone.cell("reconstruction", 20).tap()
    phone.until("() => explainer.store.get('selection')?.stage === 'reconstruction'")
    assert phone.get("pinned")
    assert phone.marks("indices") == {"pinned": [20]}
    phone.cell("embeddings", phone.indices()[10]).tap()
    phone.until("() => explainer.store.get('selection')?.code !== null")
    assert phone.get("pinned")
    phone.action("unpin").tap()
    phone.until("() => !explainer.store.get('pinned') && !explainer.store.get('selection')")
