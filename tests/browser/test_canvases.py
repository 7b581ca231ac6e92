"""What the canvases show is what the model computed."""

import base64

import httpx
import numpy as np
import pytest

from tests.browser.explainer import SIZE, Explainer
from tests.conftest import Server

PALETTE = "() => explainer.store.get('model').palette.fill.map((fill) => fill.match(/\\d+/g).map(Number))"


def fronts(explainer: Explainer, stage: str, share: tuple[float, float] = (0.12, 0.12)) -> np.ndarray:
    """The colour in each cell of a view (49, 3), taken at a share of the cell from its top left corner."""
    selector = f"[data-stage={stage}] canvas.data"
    shown = explainer.canvas(selector)
    places = explainer.stage(stage).evaluate(
        """(view, [across, down]) => {
          const canvas = view.querySelector("canvas.data");
          const on = canvas.getBoundingClientRect();
          return Array.from(view.querySelectorAll("[data-item]"), (item) => {
            const box = item.getBoundingClientRect();
            return [
              ((box.top + down * box.height - on.top) / on.height) * canvas.height,
              ((box.left + across * box.width - on.left) / on.width) * canvas.width,
            ];
          });
        }""",
        share,
    )
    return np.array([shown[int(y), int(x), :3] for y, x in places])


@pytest.mark.parametrize("ratio", [1, 1.5])
def test_the_given_picture_is_what_the_model_gets(visit, ratio: float) -> None:
    explainer = visit(device_scale_factor=ratio)
    explainer.example(5)
    shown = explainer.picture("canvas.given")
    for channel in range(3):
        np.testing.assert_array_equal(shown[:, :, channel], explainer.ink("pixels"))


def test_the_reconstruction_is_the_decoders(five: Explainer) -> None:
    shown = five.picture("[data-stage=reconstruction] canvas.data")[:, :, 0].astype(float)
    computed = 255 * five.tensor("reconstruction")
    assert np.abs(shown - computed).max() <= 1
    given = five.ink("pixels").astype(float)
    assert np.corrcoef(shown.ravel(), given.ravel())[0, 1] > 0.8


def test_the_difference_is_between_the_two(five: Explainer) -> None:
    five.action("difference").click()
    five.until("() => explainer.store.get('difference')")
    shown = five.picture("[data-stage=reconstruction] canvas.data").astype(float)
    difference = five.tensor("reconstruction") - five.ink("pixels") / 255.0
    red, blue = shown[:, :, 0], shown[:, :, 2]
    lost, added = difference < -0.05, difference > 0.05
    assert lost.any()
    assert added.any()
    assert (red[lost] > blue[lost]).all()
    assert (blue[added] > red[added]).all()
    assert shown[np.abs(difference) < 1e-4].max(initial=0) < 5
    assert five.page.locator(".difference-key").is_visible()
    five.action("difference").click()
    five.until("() => !explainer.store.get('difference')")
    greys = five.picture("[data-stage=reconstruction] canvas.data")
    assert (greys[:, :, 0] == greys[:, :, 2]).all()


@pytest.mark.parametrize("stage", ["indices", "quantized"])
def test_each_code_has_its_one_colour(five: Explainer, stage: str) -> None:
    palette = np.array(five.evaluate(PALETTE))
    assert len({tuple(color) for color in palette}) == len(palette)
    np.testing.assert_array_equal(fronts(five, stage), palette[five.indices()])


def test_the_codebook_has_the_same_colours(five: Explainer) -> None:
    palette = five.evaluate(PALETTE)
    chips = (
        five.stage("embeddings")
        .locator(".cells .chip")
        .evaluate_all(
            """(chips) => chips.map((chip) => {
              return [chip.textContent, getComputedStyle(chip).backgroundColor.match(/\\d+/g).map(Number)];
            })"""
        )
    )
    assert chips == [[str(code), color] for code, color in enumerate(palette)]


def test_codes_are_told_by_number_too(five: Explainer) -> None:
    """Cells of one code look the same in their middle, where the number stands; cells of two codes do not."""
    indices = five.indices()
    middles = [tuple(map(tuple, fronts(five, "indices", (x, 0.5)))) for x in np.linspace(0.2, 0.8, 25)]
    seen = {}
    for row, code in enumerate(indices):
        colors = {middle[row] for middle in middles}
        assert len(colors) > 1, f"no number in cell {row}"
        seen.setdefault(code, row)
    for row, code in enumerate(indices):
        five.cell("indices", row).focus()
        assert five.cell("indices", row).get_attribute("aria-label").endswith(f"code {code}")
        if row > 10:
            break


def test_colours_follow_the_drawing(five: Explainer) -> None:
    before = fronts(five, "indices")
    five.action("clear").click()
    five.settled()
    after = fronts(five, "indices")
    assert (before != after).any()
    np.testing.assert_array_equal(after, np.array(five.evaluate(PALETTE))[five.indices()])


@pytest.mark.parametrize("channel", [0, 9])
def test_the_cube_shows_a_slice_of_the_features(five: Explainer, channel: int) -> None:
    five.page.locator("input[name=channel]").fill(str(channel))
    five.until("(channel) => explainer.store.get('channel') === channel", channel)
    scale = five.evaluate("() => explainer.store.get('model').scale")
    values = five.tensor("features")[:, :, channel].ravel()
    expected = np.clip(255 * (values - scale["low"]) / (scale["high"] - scale["low"]), 0, 255)
    shown = fronts(five, "features", (0.5, 0.5))
    assert np.abs(shown[:, 0] - expected).max() <= 1
    assert five.stage("features").locator("output").inner_text() == str(channel)


def test_the_stream_says_what_the_interface_says(five: Explainer, shipped: Server) -> None:
    pixels = five.ink("pixels")
    answer = httpx.post(f"{shipped.url}/api/trace", json={"pixels": base64.b64encode(pixels.tobytes()).decode()})
    trace = answer.raise_for_status().json()
    assert five.indices() == np.ravel(trace["indices"]).tolist()
    five.cell("indices", 24).hover()  # asks for the distances
    for key in ("features", "distances", "reconstruction"):
        told, shown = np.array(trace[key]), five.tensor(key)
        assert shown.shape == told.shape
        assert np.abs(shown - told).max() <= 1e-3 * np.ptp(told)
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
    shapes = five.evaluate("() => explainer.store.get('model').stages")
    for stage in ("input", "features", "embeddings", "indices", "quantized", "reconstruction"):
        shown = five.page.locator(f"[data-shape={stage}]").first.inner_text()
        assert shown == "×".join(map(str, shapes[stage]))
    assert shapes["input"] == [SIZE, SIZE]


def test_codes_are_counted(five: Explainer) -> None:
    indices = five.indices()
    shown = five.stage("embeddings").locator(".code-figure").all_inner_texts()
    assert shown == [str(indices.count(code) or "·") for code in range(len(shown))]
    assert five.marks("embeddings").get("unused", []) == [n for n in range(len(shown)) if n not in indices]
