"""How unusual the drawing is: its error among those of the test digits, against NumPy."""

import numpy as np
import pytest

from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.explainer import Explainer
from tests.browser.test_look import examine
from tests.browser.test_zoo_choosing import choose
from tests.conftest import Server

# Sets the percentiles of the model that is shown, as if it had been measured so.
MEASURED = """(percentiles) => {
  const model = explainer.store.get("model");
  explainer.store.set("model", { ...model, metrics: { ...model.metrics, error_percentiles: percentiles } });
}"""


@pytest.fixture
def page(visit: Visit, zoo: Server) -> Explainer:
    explainer = visit(zoo.url)
    explainer.example(5)
    return explainer


def error(explainer: Explainer) -> float:
    """Mean squared error of the picture shown, from its numbers and the pixels given."""
    picture = explainer.tensor("reconstruction").astype(np.float64)
    return float(np.square(picture - explainer.ink("pixels") / 255).mean())


def word(explainer: Explainer) -> str:
    """What is said of the error."""
    return explainer.page.locator(".familiarity-word").inner_text()


def test_the_error_is_computed_from_pixels_and_picture(page: Explainer) -> None:
    shown = page.page.locator(".rest [data-fact=error]").inner_text()
    assert float(shown) == pytest.approx(error(page), abs=5.1e-5)
    page.stroke((4, 24), (24, 24))
    page.until("(before) => document.querySelector('.rest [data-fact=error]').textContent !== before", shown)
    assert float(page.page.locator(".rest [data-fact=error]").inner_text()) == pytest.approx(error(page), abs=5.1e-5)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.5, 1.5, 50.0), (0.9, 1.0005, 99.5), (0, 1.001, 99.9), (0.2, 0.9, 100), (2, 3, 0), (0, 10, 10)],
)
def test_the_percentile_is_interpolated(page: Explainer, low: float, high: float, expected: float) -> None:
    mine = error(page)
    percentiles = np.linspace(low * mine, high * mine, 101)
    page.evaluate(MEASURED, percentiles.tolist())
    page.until("(least) => explainer.store.get('model').metrics.error_percentiles[0] === least", percentiles[0])
    told = float(page.page.locator(".familiarity-word").get_attribute("data-percentile") or "nan")
    assert told == pytest.approx(np.interp(mine, percentiles, np.arange(101)), abs=0.2)
    assert told == pytest.approx(expected, abs=0.6)
    said = word(page)
    assert ("any test digit: the model has not seen anything like this" in said) == (mine > percentiles[-1])
    assert ("worse than 99% of test digits: the model" in said) == (told > 99 and mine <= percentiles[-1])
    assert ("smaller than that of any" in said) == (mine < percentiles[0])
    assert page.evaluate("() => document.querySelector('.familiarity').classList.contains('is-unlike')") == (told > 99)
    if 0 < told <= 90:
        assert f"worse than {round(told)}% of test digits: nothing unusual" in said


def test_equal_percentiles_are_no_division_by_zero(page: Explainer) -> None:
    mine = error(page)
    page.evaluate(MEASURED, [0.0] * 40 + [mine * 0.9] * 30 + [mine * 1.1] * 31)
    page.until("() => explainer.store.get('model').metrics.error_percentiles[0] === 0")
    told = float(page.page.locator(".familiarity-word").get_attribute("data-percentile") or "nan")
    assert told == pytest.approx(69.5, abs=0.1)


def test_it_follows_the_drawing_and_the_model(page: Explainer) -> None:
    for name in ("mlp-512", "minimal-512"):
        choose(page, name)
        told = float(page.page.locator(".familiarity-word").get_attribute("data-percentile") or "nan")
        percentiles = page.get("model")["metrics"]["error_percentiles"]
        assert told == pytest.approx(np.interp(error(page), percentiles, np.arange(101)), abs=0.5)
    page.action("clear").click()
    page.until("() => document.querySelector('.familiarity-word').textContent.includes('pad is empty')")


def test_experiments_are_not_compared_with_test_digits(page: Explainer) -> None:
    page.cell("indices", 24).click()
    page.until("() => explainer.store.get('pinned')")
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


def test_the_figures_of_the_drawing(page: Explainer) -> None:
    rest = page.page.locator(".rest")
    assert rest.locator("[data-fact=used]").inner_text() == str(len(set(page.indices())))
    assert rest.locator("[data-fact=bits]").inner_text() == "212"
    assert rest.locator("[data-fact=ratio]").inner_text() == "29.6×"
    choose(page, "mlp-512")
    assert rest.locator("[data-fact=bits]").inner_text() == "9"
    assert rest.locator("[data-fact=ratio]").inner_text() == "696.9×"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing(visit: Visit, zoo: Server, scheme: str, viewport: dict[str, int]) -> None:
    explainer = visit(zoo.url, color_scheme=scheme, viewport=viewport)
    explainer.example(5)
    for percentiles in ([0.0] * 101, [9.0] * 101):
        explainer.evaluate(MEASURED, percentiles)
        explainer.until("(one) => explainer.store.get('model').metrics.error_percentiles[0] === one", percentiles[0])
        examine(explainer, word(explainer))
