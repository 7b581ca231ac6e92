"""The table of all models: measured figures, what the reference says, and a way into each model."""

import pytest

from tests.browser.explainer import Explainer
from tests.browser.many_models import DEFAULT, MODELS
from tests.browser.test_models import shows
from vqvae_explainer.model.presets import PRESETS

SECTION = "#section-compare"
OPEN = f"() => document.querySelectorAll('{SECTION} tbody tr').length"


@pytest.fixture
def page(models_page: Explainer) -> Explainer:
    """The page with the table open."""
    models_page.action("compare").click()
    return models_page.until(OPEN)


def row(explainer: Explainer, name: str) -> dict[str, str]:
    """What the table says of a model, by column."""
    cells = explainer.page.locator(f"{SECTION} [data-model='{name}'] td")
    texts: dict[str, str] = cells.evaluate_all(
        "(cells) => Object.fromEntries(cells.map((cell) => [cell.dataset.title, cell.textContent]))"
    )
    return texts


def test_the_figures_are_those_of_the_cards(page: Explainer) -> None:
    listed = {model["name"]: model for model in page.get("models")}
    assert set(listed) == set(MODELS)
    for name, model in listed.items():
        metrics, texts = model["metrics"], row(page, name)
        assert float(texts["Test error"]) == pytest.approx(metrics["test_mse"], abs=5.1e-5)
        assert texts["Codes used"] == f"{metrics['codes_used']} of {model['num_embeddings']}"
        assert float(texts["Perplexity"]) == pytest.approx(metrics["perplexity"], abs=0.051)
        assert int(texts["Bits"]) - 1 < metrics["bits_per_image"] <= int(texts["Bits"]) + 1e-9
        assert texts["Compression"] == f"{6272 / int(texts['Bits']):.1f}×"  # of the bits shown
        assert int(texts["Parameters"].replace(",", "")) == metrics["parameters"]
        if PRESETS[name].claim:
            assert PRESETS[name].claim in texts.values()
        # What was found is put into words from the figures, whatever came out.
        used, size = metrics["codes_used"], model["num_embeddings"]
        found = f"All {size} codes" if used == size else f"{used} of {size} codes ({int(100 * used / size)}"
        assert found in " ".join(texts.values())
    assert page.page.locator(f"{SECTION} thead th").count() == len(texts) + 1


def test_a_row_chooses_its_model(page: Explainer) -> None:
    assert page.page.locator(f"{SECTION} .is-chosen").get_attribute("data-model") == DEFAULT
    page.page.locator(f"{SECTION} [data-model='mlp-512'] td").first.click()
    shows(page, "mlp-512")
    page.until(f"() => document.querySelector('{SECTION} .is-chosen').dataset.model === 'mlp-512'")
    button = page.page.locator(f"{SECTION} [data-model='keras-64'] button")
    button.focus()
    page.page.keyboard.press("Enter")
    shows(page, "keras-64")
    page.until(f"() => document.querySelector('{SECTION} .is-chosen').dataset.model === 'keras-64'")
    assert button.get_attribute("aria-pressed") == "true"
    assert page.page.locator(f"{SECTION} [aria-pressed=true]").count() == 1


def test_it_opens_and_closes(models_page: Explainer) -> None:
    models_page.reload()  # the table is made when it is opened first
    button = models_page.action("compare")
    assert button.get_attribute("aria-expanded") == "false"
    assert models_page.page.locator(SECTION).is_hidden()
    assert models_page.page.locator(f"{SECTION} tbody tr").count() == 0
    models_page.page.keyboard.press("z")
    models_page.until(OPEN)
    assert button.get_attribute("aria-expanded") == "true"
    models_page.reload().until(OPEN)
    models_page.page.keyboard.press("z")
    models_page.until(f"() => document.querySelector('{SECTION}').hidden")


def test_a_finger_chooses(models_phone: Explainer) -> None:
    models_phone.action("compare").tap()
    models_phone.until(OPEN)
    models_phone.page.locator(f"{SECTION} [data-model='minimal-512'] button").tap()
    shows(models_phone, "minimal-512")
