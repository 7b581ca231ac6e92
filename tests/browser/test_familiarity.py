"""How unusual the drawing is: its error among those of the test digits, against NumPy."""

import numpy as np
import pytest

from tests.browser.explainer import Explainer
from tests.browser.many_models import DEFAULT
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


def test_the_error_is_computed_from_pixels_and_picture(models_page: Explainer) -> None:
    place = models_page.page.locator(".rest [data-fact=error]")
    shown = place.inner_text()
    assert float(shown) == pytest.approx(error(models_page), abs=5.1e-5)
    models_page.stroke((4, 24), (24, 24))
    models_page.until("(before) => document.querySelector('.rest [data-fact=error]').textContent !== before", shown)
    assert float(place.inner_text()) == pytest.approx(error(models_page), abs=5.1e-5)


def test_an_unusual_error_is_marked(models_page: Explainer) -> None:
    mine = error(models_page)
    words = []
    for low, high, expected in ((0.5, 1.5, 50.0), (0.2, 0.9, 100)):
        percentiles = np.linspace(low * mine, high * mine, 101)
        models_page.evaluate(MEASURED, percentiles.tolist())
        models_page.until(FIRST, percentiles[0]).settled()
        shown = percentile(models_page)
        assert shown == pytest.approx(np.interp(mine, percentiles, np.arange(101)), abs=0.2)
        assert shown == pytest.approx(expected, abs=0.6)
        marked = models_page.evaluate("() => document.querySelector('.familiarity').classList.contains('is-unlike')")
        assert marked == (shown > 99)
        words.append(word(models_page))
    assert "50%" in words[0]
    assert words[0] != words[1]


def test_it_follows_the_drawing_and_the_model(models_page: Explainer) -> None:
    rest = models_page.page.locator(".rest")
    assert rest.locator("[data-fact=used]").inner_text() == str(len(set(models_page.indices())))
    assert rest.locator("[data-fact=bits]").inner_text() == "212"
    assert rest.locator("[data-fact=ratio]").inner_text() == "29.6×"
    for name in ("minimal-512", "mlp-512"):
        choose(models_page, name)
        percentiles = models_page.model("metrics")["error_percentiles"]
        assert percentile(models_page) == pytest.approx(
            np.interp(error(models_page), percentiles, np.arange(101)), abs=0.5
        )
    assert rest.locator("[data-fact=bits]").inner_text() == "9"
    assert rest.locator("[data-fact=ratio]").inner_text() == "696.9×"
    models_page.action("clear").click()
    models_page.until("() => document.querySelector('.familiarity-word').textContent.includes('empty')")


def test_experiments_are_not_compared_with_test_digits(models_page: Explainer) -> None:
    models_page.pin("indices", 24)
    models_page.action("edit").click()
    code = (models_page.indices()[24] + 1) % 20
    models_page.page.locator(f".palette [data-code='{code}']").click()
    models_page.until("() => explainer.store.get('editedReconstruction')")
    models_page.page.keyboard.press("Escape")
    models_page.until("() => !explainer.store.get('selection')")
    assert "your experiment" in word(models_page)


def test_the_separation_is_the_measured_one(models_page: Explainer) -> None:
    text = models_page.page.locator(".familiarity-measured").inner_text()
    assert "87.5%" in text
    assert "0.875" in text


# Sets the measured figures of the model that is shown.
OUTCOME = """(metrics) => {
  const model = explainer.store.get("model");
  explainer.store.set("model", { ...model, metrics: { ...model.metrics, ...metrics } });
}"""


def told(explainer: Explainer) -> list[str]:
    """What is said of the model at its name and beside the error."""
    return explainer.page.locator(".condition:visible .condition-text").all_inner_texts()


def test_a_collapsed_model_is_told_as_such(models_page: Explainer) -> None:
    page = models_page
    assert told(page) == []
    option = page.page.locator("[data-action=model] option[value=minimal-512]")
    assert option.inner_text().endswith("(collapsed)")
    choose(page, "minimal-512")
    used = page.model("metrics")["codes_used"]
    sentence = f"{used} of 512 codes are used: this codebook collapsed."
    assert told(page) == [sentence, sentence]
    assert "collapsed" in word(page)
    assert "usual drawing" not in word(page)

    page.evaluate(OUTCOME, {"test_mse": 0.11396})
    page.until("() => explainer.store.get('condition').black").settled()
    assert told(page) == [f"{sentence} The model draws black."] * 2
    assert "draws black" in word(page)
    page.page.locator(".figure [data-opens=health]").click()
    page.until("() => explainer.store.get('health') && !document.querySelector('#section-health').hidden")
    choose(page, DEFAULT)
    assert told(page) == []


def test_the_prior_says_how_unusual_a_drawing_is_from_the_start(explainer: Explainer) -> None:
    place = explainer.page.locator(".familiarity-word")
    explainer.show_example(5).until("() => explainer.store.get('score')").settled()
    assert "usual drawing" in word(explainer)
    assert "surprises it more" in explainer.page.locator(".familiarity-measured").inner_text()
    assert explainer.page.locator(".familiarity button").is_hidden()
    score, metrics = explainer.get("score"), explainer.model("prior_metrics")
    excess = score["total"] - score["unigramBits"]
    expected = np.interp(excess, metrics["excess_percentiles"], np.arange(101))
    assert percentile(explainer) == pytest.approx(expected, abs=0.01)

    explainer.watch.forget_sent()
    explainer.draw((4, 6), (24, 5), (6, 14), (23, 16), (5, 24), (22, 23), (8, 4))
    explainer.until("(total) => explainer.store.get('score').total > total + 40", score["total"]).settled()
    assert "anything like this drawing" in place.inner_text()
    sent = [message["type"] for message in explainer.watch.sent()]
    assert sent.count("trace") > sent.count("score") == 1  # when the pen rests
    explainer.action("clear").click()
    explainer.until("() => document.querySelector('.familiarity-word').textContent.includes('empty')")
    assert place.get_attribute("data-percentile") is None
