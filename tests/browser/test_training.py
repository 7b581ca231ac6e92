"""The losses of this drawing, and a real backward pass through this model."""

from decimal import Decimal

import numpy as np
import pytest

from tests.browser.details import Details, post
from tests.browser.explainer import Explainer
from tests.conftest import Server

LOSSES = ("reconstruction", "codebook", "commitment")
GRADIENTS_SHOWN = """(straight) => {
  const { store } = explainer;
  const gradients = store.get("gradients");
  return gradients?.straightThrough === straight && gradients.pixels.every((n, at) => n === store.get("pixels")[at]);
}"""


@pytest.fixture
def details(five: Explainer) -> Details:
    return Details(five).open()


@pytest.fixture
def backward(details: Details) -> Details:
    """With the backward pass on."""
    details.explainer.action("backward").click()
    details.explainer.until(GRADIENTS_SHOWN, True)
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
    expected = post(shipped.url, "trace", pixels=details.explainer.base64_pixels())["losses"]

    def printed(loss: str) -> Decimal:
        return Decimal(details.page.locator(f"[data-loss={loss}]").inner_text())

    shown = {loss: details.number(f"[data-loss={loss}]") for loss in (*LOSSES, "total")}
    for loss in shown:
        assert shown[loss] == pytest.approx(expected[loss], rel=1e-4)
        assert float(printed(loss)) == pytest.approx(shown[loss], abs=5.1e-5)
    assert shown["codebook"] == pytest.approx(shown["commitment"], rel=1e-6)
    config = details.explainer.model("config")
    assert config["codebook"] == "ema"
    total = shown["reconstruction"] + config["beta"] * shown["commitment"]
    assert shown["total"] == pytest.approx(total, rel=1e-6)
    # As printed, too: the sum of the printed terms rounds to the printed total.
    sum_of_printed = printed("reconstruction") + Decimal(str(config["beta"])) * printed("commitment")
    decimals = len(str(printed("total")).partition(".")[2])
    assert abs(sum_of_printed - printed("total")) <= Decimal(f"0.5e-{decimals}")
    assert printed("codebook") == printed("commitment")


def test_the_losses_are_the_servers_and_those_of_the_numbers_shown(details: Details, shipped: Server) -> None:
    check_values(details, shipped)
    details.explainer.stroke((4, 22), (24, 22))
    check_values(details, shipped)
    vectors, chosen = details.features(), details.embeddings()[details.explainer.indices()]
    assert details.number("[data-loss=codebook]") == pytest.approx(np.square(vectors - chosen).mean(), rel=1e-3)
    error = np.square(details.explainer.tensor("reconstruction") - details.explainer.ink("pixels") / 255).mean()
    assert details.number("[data-loss=reconstruction]") == pytest.approx(error, rel=1e-3)
    # They stay the model's own during an experiment.
    details.explainer.action("bypass").click()
    details.explainer.until(
        "() => explainer.store.get('trace').variant === 'bypass' && explainer.store.get('reference')"
    )
    check_values(details, shipped)
    assert details.page.locator(".losses-note").is_visible()


# A model that minimizes something else than the sum that the page prints.
OTHER_TOTAL = """() => {
  const { store } = explainer;
  const trace = store.get("trace");
  store.set("trace", { ...trace, losses: { ...trace.losses, total: 0.5 } });
}"""


def test_the_total_is_the_models_and_no_sum_of_the_page(details: Details) -> None:
    details.explainer.evaluate(OTHER_TOTAL)
    details.explainer.until("() => document.querySelector('[data-loss=total]').dataset.exact === '0.5'")
    assert float(details.page.locator("[data-loss=total]").inner_text()) == 0.5


def test_terms_are_equations(details: Details) -> None:
    for term in (*(f"{loss}_loss" for loss in LOSSES), "total_loss"):
        math = details.page.locator(f".loss-term[data-term={term}] math")
        assert math.is_visible()
    sides = [details.page.locator(f"[data-term={loss}_loss] math").first.text_content() or "" for loss in LOSSES[1:]]
    assert all("sg" in side for side in sides)
    assert sides[0] != sides[1]
    weight = details.page.locator("[data-beta]").first.inner_text()
    assert float(weight) == details.explainer.model("config")["beta"]


def test_the_straight_through_line_copies_the_gradient(backward: Details, shipped: Server) -> None:
    pixels = backward.explainer.base64_pixels()
    quantized, features = norms(backward)
    assert quantized > 0
    assert features == pytest.approx(quantized, rel=1e-4)
    expected = post(shipped.url, "backward", pixels=pixels, straight_through=True)
    assert quantized == pytest.approx(np.linalg.norm(expected["quantized"]), rel=1e-2)
    np.testing.assert_array_equal(heat(backward, "quantized"), heat(backward, "features"))
    lengths = np.linalg.norm(expected["quantized"], axis=2)
    assert np.abs(heat(backward, "quantized") - 255 * lengths / lengths.max()).max() <= 3
    assert backward.number("[data-gradient-loss=reconstruction]", "data-norm") == 0
    for loss in LOSSES:
        norm = np.linalg.norm(np.array(expected["embeddings"][loss]))
        assert backward.number(f"[data-gradient-loss={loss}]", "data-norm") == pytest.approx(norm, rel=1e-2)
    assert "straight_through(" in backward.page.locator(".bridge-line").inner_text()
    start = {"pytorch": "Computed by PyTorch", "numpy": "Computed by the chain rule written out in NumPy"}
    assert backward.page.locator(".computed-by").inner_text().startswith(start[expected["computed_by"]])

    # Without it the encoder gets no gradient from the reconstruction.
    backward.explainer.action("straight-through").click()
    backward.explainer.until(GRADIENTS_SHOWN, False)
    assert backward.page.locator("[data-gradient=features]").get_attribute("data-norm") == "0"
    without, features = norms(backward)
    assert features == 0
    assert without == pytest.approx(quantized, rel=1e-3)
    assert heat(backward, "features").max() == 0
    assert heat(backward, "quantized").max() == 255
    expected = post(shipped.url, "backward", pixels=pixels, straight_through=False)
    embeddings = backward.number("[data-gradient-loss=reconstruction]", "data-norm")
    assert embeddings > 0
    assert embeddings == pytest.approx(np.linalg.norm(expected["embeddings"]["reconstruction"]), rel=1e-2)
    assert "is-removed" in (backward.page.locator(".bridge-line").get_attribute("class") or "")
    # The listing names the line; it is struck through, and what the decoder got instead is below it.
    line = backward.page.locator("#listing-quantizer .is-skipped")
    assert (
        line.locator(".code-text").inner_text().strip().startswith(backward.page.locator(".bridge-line").inner_text())
    )
    assert line.locator(".code-mark").inner_text() == "skipped"
    below = backward.page.locator("#listing-quantizer .is-skipped + .is-instead")
    assert below.locator(".code-text").inner_text().strip().startswith("quantized = quantized_vectors.reshape(")

    backward.explainer.action("straight-through").click()
    backward.explainer.until(GRADIENTS_SHOWN, True)
    quantized, features = norms(backward)
    assert features == pytest.approx(quantized, rel=1e-4)
    assert not backward.page.locator("#listing-quantizer .is-skipped").count()


def test_only_used_codes_would_move(backward: Details) -> None:
    """The codebook loss moves the codes that cells chose; the other two losses move none."""
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
    reached = {end for end, length in ends.items() if length > 0}
    assert reached == {("reconstruction", "encoder"), ("codebook", "codebook"), ("commitment", "encoder")}


def test_gradients_follow_the_drawing_and_the_pointer(backward: Details) -> None:
    before = norms(backward)
    backward.explainer.stroke((4, 22), (24, 22))
    backward.explainer.until(GRADIENTS_SHOWN, True)
    assert norms(backward) != before
    row = backward.explainer.inked_row()
    backward.page.locator(f"[data-gradient=features] [data-item='{row}']").hover()
    backward.explainer.until("() => explainer.store.get('selection')?.cell")
    assert backward.explainer.marks("indices") == {"selected": [row]}
    assert f"({row // 7}, {row % 7})" in backward.page.locator(".reading").inner_text()


def test_no_gradients_are_requested_while_none_are_shown(explainer: Explainer) -> None:
    def count() -> int:
        explainer.settled()
        return sum(message["type"] == "backward" for message in explainer.watch.sent())

    details = Details(explainer).open()
    explainer.draw((6, 6), (22, 22))
    assert count() == 0
    explainer.action("backward").click()
    explainer.until(GRADIENTS_SHOWN, True)
    assert count() >= 1
    explainer.draw((6, 22), (22, 6))
    explainer.until(GRADIENTS_SHOWN, True)

    explainer.action("backward").click()
    explainer.until("() => !explainer.store.get('backward')")
    assert details.page.locator(".backward").is_hidden()
    asked = count()
    explainer.draw((14, 4), (14, 24))
    assert count() == asked

    # Switched on, but out of sight.
    explainer.action("backward").click()
    explainer.until(GRADIENTS_SHOWN, True)
    details.page.keyboard.press("v")
    explainer.until("() => !explainer.store.get('details') && !explainer.store.get('gradients')")
    asked = count()
    explainer.draw((4, 14), (24, 14))
    assert count() == asked
