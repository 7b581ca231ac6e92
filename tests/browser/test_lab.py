"""Training in the page: started, followed while it learns, stopped, compared, downloaded; or why it cannot be."""

import json
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from playwright.sync_api import Route

from tests.browser.explainer import Explainer
from vqvae_explainer.model.weights import load_weights

TRAINED_MS = 180_000  # on a busy machine, a process of the lowest priority learns slowly
READY = "() => document.querySelector('.lab-form:not([hidden])')"
STEPS = "(steps) => explainer.store.get('training')?.snapshots.at(-1)?.step > steps"
DIGIT = ".lab-digit canvas"
PAINTS = "() => Number(document.querySelector('.lab-results .run-map canvas').dataset.paints)"


@pytest.fixture
def lab(five: Explainer) -> Iterator[Explainer]:
    """The page with the example 5 and the open section; a training ends with the test."""
    five.action("lab").click()
    five.until("() => document.querySelector('.lab-advice').textContent")
    yield five
    five.set("training", None)


def shown(explainer: Explainer) -> tuple[np.ndarray, np.ndarray]:
    """The drawing and its reconstruction, as the training shows them: (28, 28) each."""
    pixels = explainer.canvas(DIGIT)[:, :, 0].astype(int)
    return pixels[:, :28], pixels[:, 28:]


@pytest.mark.usefixtures("data_dir")
def test_a_model_learns_is_stopped_and_downloaded(lab: Explainer, tmp_path: Path) -> None:
    page = lab.page
    lab.until(READY)
    page.locator("select[name=codes]").select_option("8")
    page.locator("select[name=codebook]").select_option("gradient")
    page.locator("[data-lab=start]").focus()
    page.keyboard.press("Enter")
    page.locator(".lab-results").wait_for(timeout=TRAINED_MS)
    assert page.locator("[data-lab=start]").is_disabled()
    page.wait_for_function(STEPS, arg=10, timeout=TRAINED_MS)
    first, before = lab.evaluate("() => explainer.store.get('training').snapshots[0]"), lab.evaluate(PAINTS)
    page.wait_for_function(STEPS, arg=60, timeout=TRAINED_MS)
    assert lab.evaluate(PAINTS) > before
    drawing, reconstruction = shown(lab)
    np.testing.assert_array_equal(drawing, lab.ink("pixels"))
    assert reconstruction.std() > 0
    assert (
        lab.evaluate("() => explainer.store.get('training').snapshots.at(-1).losses.reconstruction")
        < (first["losses"]["reconstruction"])
    )
    # The recorded training of the same kind of codebook is compared.
    assert page.locator("select[name=recorded]").input_value() == "minimal-20"
    lab.until("() => document.querySelector('.lab-facts').textContent.includes('Minimal, 20 codes')")

    # Another drawing is tried by the model that learns.
    lab.show_example(1)
    lab.until("() => explainer.store.get('training').snapshots.length > 3")
    page.wait_for_function(
        "(step) => explainer.store.get('training').snapshots.at(-1).step > step",
        arg=lab.evaluate("() => explainer.store.get('training').snapshots.at(-1).step"),
        timeout=TRAINED_MS,
    )
    np.testing.assert_array_equal(shown(lab)[0], lab.ink("pixels"))

    page.locator("[data-lab=stop]").evaluate("(button) => button.click()")
    assert page.locator(".lab-status").inner_text() in ("Stopping.", "Measuring the model on 10,000 test digits.")
    page.locator("[data-lab=download]").wait_for(timeout=TRAINED_MS)
    assert page.locator(".lab-status").inner_text() == "Stopped. The model is as far as it got."
    with page.expect_download() as download:
        page.locator("[data-lab=download]").click()
    assert download.value.suggested_filename == "mine-8-gradient.zip"
    with ZipFile(download.value.path()) as archive:
        archive.extractall(tmp_path)
    model, card = load_weights(tmp_path / "mine-8-gradient.safetensors")
    assert (model.config.num_embeddings, card.config.codebook) == (8, "gradient")
    assert page.locator("[data-lab=start]").is_enabled()


@pytest.mark.parametrize(("hindrance", "advice"), [("pytorch", "pip install"), ("mnist", "--data-dir")])
def test_what_the_server_lacks_is_said(five: Explainer, hindrance: str, advice: str) -> None:
    def answer(route: Route) -> None:
        route.fulfill(json={"hindrance": hindrance, "seconds": 180, "megabytes": 2048, "active": 0, "recorded": {}})

    five.page.route("**/api/trainings/prepare", answer)
    five.action("lab").click()
    five.until("(advice) => document.querySelector('.lab-advice').textContent.includes(advice)", advice)
    assert not five.page.locator(".lab-form").is_visible()
    five.page.unroute_all()


def test_a_full_server(lab: Explainer) -> None:
    lab.until(READY)
    full = json.dumps({"code": "busy", "detail": "Full."})
    lab.page.route("**/api/trainings", lambda route: route.fulfill(status=503, body=full))
    lab.watch.expect("503")
    lab.page.locator("[data-lab=start]").click()
    lab.until("() => document.querySelector('.lab-status').textContent.startsWith('Too many')")
    lab.page.unroute_all()
