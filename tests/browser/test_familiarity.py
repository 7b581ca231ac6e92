"""How unusual the drawing is: its error among those of the test digits, against NumPy."""

import numpy as np
import pytest

from tests.browser.explainer import Explainer
from tests.browser.test_models import choose

# Sets the percentiles of the model that is shown, as if they had been measured.
MEASURED = """(percentiles) => {
  const model = explainer.store.get("model");
  explainer.store.set("model", { ...model, metrics: { ...model.metrics, error_percentiles: percentiles } });
}"""
FIRST = "(least) => explainer.store.get('model').metrics.error_percentiles[0] === least"


def error(explainer: Explainer) -> float:
    """Mean squared error of the picture shown, from its numbers and the pixels given."""
    picture = explainer.tensor("reconstruction").astype(np.float64)
    return float(np.square(picture - explainer.ink("pixels") / 255).mean())


def percentile(explainer: Explainer) -> float:
    """The percentile that the page computed."""
    return float(explainer.page.locator(".familiarity-word").get_attribute("data-percentile") or "nan")


def word(explainer: Explainer) -> str:
    """What is said of the error."""
    return explainer.page.locator(".familiarity-word").inner_text()


@pytest.fixture
def page(models_page: Explainer) -> Explainer:
    """The page, without the invented percentiles of the test before."""
    return models_page


def test_the_error_is_computed_from_pixels_and_picture(page: Explainer) -> None:
    place = page.page.locator(".rest [data-fact=error]")
    shown = place.inner_text()
    assert float(shown) == pytest.approx(error(page), abs=5.1e-5)
    page.stroke((4, 24), (24, 24))
    page.until("(before) => document.querySelector('.rest [data-fact=error]').textContent !== before", shown)
    assert float(place.inner_text()) == pytest.approx(error(page), abs=5.1e-5)


def test_an_unusual_error_is_marked(page: Explainer) -> None:
    mine = error(page)
    words = []
    for low, high, expected in ((0.5, 1.5, 50.0), (0.2, 0.9, 100)):
        percentiles = np.linspace(low * mine, high * mine, 101)
        page.evaluate(MEASURED, percentiles.tolist())
        page.until(FIRST, percentiles[0]).settled()
        shown = percentile(page)
        assert shown == pytest.approx(np.interp(mine, percentiles, np.arange(101)), abs=0.2)
        assert shown == pytest.approx(expected, abs=0.6)
        marked = page.evaluate("() => document.querySelector('.familiarity').classList.contains('is-unlike')")
        assert marked == (shown > 99)
        words.append(word(page))
    assert "50%" in words[0]
    assert words[0] != words[1]


def test_it_follows_the_drawing_and_the_model(page: Explainer) -> None:
    rest = page.page.locator(".rest")
    assert rest.locator("[data-fact=used]").inner_text() == str(len(set(page.indices())))
    assert rest.locator("[data-fact=bits]").inner_text() == "212"
    assert rest.locator("[data-fact=ratio]").inner_text() == "29.6×"
    for name in ("minimal-512", "mlp-512"):
        choose(page, name)
        percentiles = page.model("metrics")["error_percentiles"]
        assert percentile(page) == pytest.approx(np.interp(error(page), percentiles, np.arange(101)), abs=0.5)
    assert rest.locator("[data-fact=bits]").inner_text() == "9"
    assert rest.locator("[data-fact=ratio]").inner_text() == "696.9×"
    page.action("clear").click()
    page.until("() => document.querySelector('.familiarity-word').textContent.includes('empty')")


def test_experiments_are_not_compared_with_test_digits(page: Explainer) -> None:
    page.pin("indices", 24)
    page.action("edit").click()
    code = (page.indices()[24] + 1) % 20
    page.page.locator(f".palette [data-code='{code}']").click()
    page.until("() => explainer.store.get('editedReconstruction')")
    page.page.keyboard.press("Escape")
    page.until("() => !explainer.store.get('selection')")
    assert "your experiment" in word(page)


def test_the_separation_is_the_measured_one(page: Explainer) -> None:
    text = page.page.locator(".familiarity-measured").inner_text()
    assert "87.5%" in text
    assert "0.875" in text
