"""The losses of this drawing, and a real backward pass through this model."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.browser.details import Details, Questions, post
from tests.browser.explainer import Explainer
from tests.conftest import Server

LOSSES = ("reconstruction", "codebook", "commitment")
CAME = """(straight) => {
  const { store } = explainer;
  const gradients = store.get("gradients");
  return gradients?.straightThrough === straight && gradients.pixels.every((n, at) => n === store.get("pixels")[at]);
}"""


@pytest.fixture
def details(five: Explainer) -> Details:
    return Details(five).open()


@pytest.fixture
def backward(details: Details) -> Iterator[Details]:
    """With the backward pass on."""
    details.explainer.action("backward").click()
    details.explainer.until(CAME, True)
    return details


def norms(details: Details) -> tuple[float, float]:
    """∂L/∂quantized and ∂L/∂features of the reconstruction loss."""
    quantized, features = (details.number(f"[data-gradient={end}]", "data-norm") for end in ("quantized", "features"))
    return quantized, features


def heat(details: Details, end: str) -> np.ndarray:
    """The grey of each cell of a heat map (7, 7)."""
    return details.explainer.picture(f"[data-gradient={end}] canvas.data", 7)[:, :, 0].astype(float)


def check_values(details: Details, shipped: Server) -> None:
    """Compare the losses with the REST interface."""
    told = post(shipped.url, "trace", pixels=details.pixels())["losses"]
    shown = {loss: details.number(f"[data-loss={loss}]") for loss in LOSSES}
    for loss in LOSSES:
        assert shown[loss] == pytest.approx(told[loss], rel=1e-4)
        assert float(details.page.locator(f"[data-loss={loss}]").inner_text()) == pytest.approx(shown[loss], abs=5.1e-5)
    assert shown["codebook"] == shown["commitment"]
    config = details.told("config")
    assert config["codebook"] == "ema"
    total = shown["reconstruction"] + config["beta"] * shown["commitment"]
    assert details.number("[data-loss=total]") == pytest.approx(total, rel=1e-9)


def test_the_losses_are_the_servers(details: Details, shipped: Server) -> None:
    check_values(details, shipped)
    details.explainer.stroke((4, 22), (24, 22))
    check_values(details, shipped)


def test_the_losses_are_those_of_the_numbers_shown(details: Details) -> None:
    vectors, chosen = details.features(), details.embeddings()[details.explainer.indices()]
    assert details.number("[data-loss=codebook]") == pytest.approx(np.square(vectors - chosen).mean(), rel=1e-3)
    error = np.square(details.explainer.tensor("reconstruction") - details.explainer.ink("pixels") / 255).mean()
    assert details.number("[data-loss=reconstruction]") == pytest.approx(error, rel=1e-3)


def test_they_stay_the_models_during_an_experiment(details: Details, shipped: Server) -> None:
    details.explainer.action("bypass").click()
    details.explainer.until(
        "() => explainer.store.get('trace').variant === 'bypass' && explainer.store.get('reference')"
    )
    check_values(details, shipped)
    assert details.page.locator(".losses-note").is_visible()


def test_terms_are_equations(details: Details) -> None:
    for term in (*(f"{loss}_loss" for loss in LOSSES), "total_loss"):
        math = details.page.locator(f".loss-term[data-term={term}] math")
        assert math.is_visible()
    sides = [details.page.locator(f"[data-term={loss}_loss] math").first.text_content() or "" for loss in LOSSES[1:]]
    assert all("sg" in side for side in sides)
    assert sides[0] != sides[1]
    weight = details.page.locator("[data-beta]").first.inner_text()
    assert float(weight) == details.told("config")["beta"]


def test_the_straight_through_line_hands_the_gradient_on(backward: Details, shipped: Server) -> None:
    quantized, features = norms(backward)
    assert quantized > 0
    assert features == pytest.approx(quantized, rel=1e-4)
    told = post(shipped.url, "backward", pixels=backward.pixels(), straight_through=True)
    assert quantized == pytest.approx(np.linalg.norm(told["quantized"]), rel=1e-2)
    np.testing.assert_array_equal(heat(backward, "quantized"), heat(backward, "features"))
    lengths = np.linalg.norm(told["quantized"], axis=2)
    assert np.abs(heat(backward, "quantized") - 255 * lengths / lengths.max()).max() <= 3
    assert backward.number("[data-gradient-loss=reconstruction]", "data-norm") == 0
    for loss in LOSSES:
        expected = np.linalg.norm(np.array(told["embeddings"][loss]))
        shown = backward.number(f"[data-gradient-loss={loss}]", "data-norm")
        assert shown == pytest.approx(expected, rel=1e-2)
    assert "straight_through(" in backward.page.locator(".bridge-line").inner_text()


def test_without_the_line_the_encoder_hears_nothing(backward: Details, shipped: Server) -> None:
    with_line = norms(backward)[0]
    backward.explainer.action("straight-through").click()
    backward.explainer.until(CAME, False)
    assert backward.page.locator("[data-gradient=features]").get_attribute("data-norm") == "0"
    quantized, features = norms(backward)
    assert features == 0
    assert quantized == pytest.approx(with_line, rel=1e-3)
    assert heat(backward, "features").max() == 0
    assert heat(backward, "quantized").max() == 255
    told = post(shipped.url, "backward", pixels=backward.pixels(), straight_through=False)
    embeddings = backward.number("[data-gradient-loss=reconstruction]", "data-norm")
    assert embeddings > 0
    assert embeddings == pytest.approx(np.linalg.norm(told["embeddings"]["reconstruction"]), rel=1e-2)
    assert "is-removed" in (backward.page.locator(".bridge-line").get_attribute("class") or "")

    backward.explainer.action("straight-through").click()
    backward.explainer.until(CAME, True)
    quantized, features = norms(backward)
    assert features == pytest.approx(quantized, rel=1e-4)


def test_only_used_codes_would_move(backward: Details) -> None:
    """The codebook loss pulls at codes that cells chose; the other two at none."""
    used = set(backward.explainer.indices())
    for loss, expected in (("reconstruction", set()), ("codebook", used), ("commitment", set())):
        bars = backward.page.locator(f"[data-gradient-loss={loss}] [data-item]")
        moved = bars.evaluate_all(
            "(items) => items.filter((item) => Number(item.dataset.norm) > 0).map((item) => Number(item.dataset.item))"
        )
        assert set(moved) == expected, loss
    ends = {
        (loss, to): backward.number(f"[data-flow-loss={loss}][data-flow-to={to}]", "data-norm")
        for loss in LOSSES
        for to in ("encoder", "codebook")
    }
    pulled = {end for end, length in ends.items() if length > 0}
    assert pulled == {("reconstruction", "encoder"), ("codebook", "codebook"), ("commitment", "encoder")}


def test_gradients_follow_the_drawing(backward: Details) -> None:
    before = norms(backward)
    backward.explainer.stroke((4, 22), (24, 22))
    backward.explainer.until(CAME, True)
    assert norms(backward) != before


def test_a_heat_map_lights_the_cell_everywhere(backward: Details) -> None:
    row = backward.explainer.inked_row()
    backward.page.locator(f"[data-gradient=features] [data-item='{row}']").hover()
    backward.explainer.until("() => explainer.store.get('selection')?.cell")
    assert backward.explainer.marks("indices") == {"selected": [row]}
    assert f"({row // 7}, {row % 7})" in backward.page.locator(".reading").inner_text()


def test_nothing_is_asked_while_nobody_looks(explainer: Explainer) -> None:
    questions = Questions(explainer)
    details = Details(explainer).open()
    explainer.stroke((6, 6), (22, 22))
    assert questions.count("backward") == 0
    explainer.action("backward").click()
    explainer.until(CAME, True)
    assert questions.count("backward") >= 1
    explainer.stroke((6, 22), (22, 6))
    explainer.until(CAME, True)

    explainer.action("backward").click()
    explainer.until("() => !explainer.store.get('backward')")
    assert details.page.locator(".backward").is_hidden()
    asked = questions.count("backward")
    explainer.stroke((14, 4), (14, 24))
    assert questions.count("backward") == asked

    # Switched on, but out of sight.
    explainer.action("backward").click()
    explainer.until(CAME, True)
    details.page.keyboard.press("v")
    explainer.until("() => !explainer.store.get('details') && !explainer.store.get('gradients')")
    asked = questions.count("backward")
    explainer.stroke((4, 14), (24, 14))
    assert questions.count("backward") == asked
