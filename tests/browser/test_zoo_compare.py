"""The table of all models: measured figures, what the reference says, and a way into each model."""

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.explainer import Explainer
from tests.browser.test_look import examine
from tests.browser.test_zoo_choosing import shows
from tests.browser.zoo import DEFAULT, MODELS
from tests.conftest import Server
from vqvae_explainer.model.presets import PRESETS

OPEN = "(key) => explainer.store.get(key) && document.querySelectorAll('#section-compare tbody tr').length"
SIZES = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])


def compare(explainer: Explainer) -> Explainer:
    """Open the table."""
    explainer.action("compare").click()
    return explainer.until(OPEN, "compare")


def row(explainer: Explainer, name: str) -> dict[str, str]:
    """What the table says of a model, by its column."""
    cells = explainer.page.locator(f"#section-compare [data-model='{name}'] td")
    told: dict[str, str] = cells.evaluate_all(
        "(cells) => Object.fromEntries(cells.map((cell) => [cell.dataset.title, cell.textContent]))"
    )
    return told


@pytest.fixture
def page(visit: Visit, zoo: Server) -> Explainer:
    return visit(zoo.url)


def test_the_figures_are_those_of_the_cards(page: Explainer) -> None:
    compare(page)
    listed = {model["name"]: model for model in page.get("models")}
    assert set(listed) == set(MODELS)
    for name, model in listed.items():
        metrics, told = model["metrics"], row(page, name)
        assert float(told["Test error"]) == pytest.approx(metrics["test_mse"], abs=5.1e-5)
        assert told["Codes used"] == f"{metrics['codes_used']} of {model['num_embeddings']}"
        assert float(told["Perplexity"]) == pytest.approx(metrics["perplexity"], abs=0.051)
        assert int(told["Bits"]) - 1 < metrics["bits_per_image"] <= int(told["Bits"]) + 1e-9
        assert float(told["Compression"][:-1]) == pytest.approx(metrics["compression_ratio"], abs=0.051)
        assert int(told["Parameters"].replace(",", "")) == metrics["parameters"]
        assert told["Reported in the reference"] == (PRESETS[name].claim or "The reference reports no result.")
    assert page.page.locator("#section-compare thead th").count() == len(told) + 1


def test_a_row_chooses_its_model(page: Explainer) -> None:
    compare(page)
    assert page.page.locator("#section-compare .is-chosen").get_attribute("data-model") == DEFAULT
    page.page.locator("#section-compare [data-model='mlp-512'] td").first.click()
    shows(page, "mlp-512")
    page.until("() => document.querySelector('#section-compare .is-chosen').dataset.model === 'mlp-512'")
    button = page.page.locator("#section-compare [data-model='keras-64'] button")
    button.focus()
    page.page.keyboard.press("Enter")
    shows(page, "keras-64")
    page.until("() => document.querySelector('#section-compare .is-chosen').dataset.model === 'keras-64'")
    assert button.get_attribute("aria-pressed") == "true"
    assert page.page.locator("#section-compare [aria-pressed=true]").count() == 1


def test_it_opens_and_closes(page: Explainer) -> None:
    button = page.action("compare")
    assert button.get_attribute("aria-expanded") == "false"
    assert page.page.locator("#section-compare").is_hidden()
    assert page.page.locator("#section-compare tbody tr").count() == 0
    page.page.keyboard.press("z")
    page.until(OPEN, "compare")
    assert button.get_attribute("aria-expanded") == "true"
    page.page.reload()
    page.until("() => globalThis.explainer?.store.get('model')").until(OPEN, "compare")
    page.page.keyboard.press("z")
    page.until("() => document.getElementById('section-compare').hidden")


@SIZES
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_it_can_be_read(visit: Visit, zoo: Server, scheme: str, viewport: dict[str, int]) -> None:
    explainer = compare(visit(zoo.url, color_scheme=scheme, viewport=viewport))
    over = explainer.evaluate(
        """() => [document.scrollingElement, document.querySelector(".compare-table")]
          .map((element) => element.scrollWidth - element.clientWidth)"""
    )
    assert max(over) <= 0
    examine(explainer, "the table of models")


def test_a_finger_chooses(visit: Visit, zoo: Server) -> None:
    explainer = compare(visit(zoo.url, viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2))
    explainer.page.locator("#section-compare [data-model='minimal-512'] button").tap()
    shows(explainer, "minimal-512")
