"""Choosing a model: without a reload, by address, by Back and Forward; and models of every shape."""

import numpy as np
import pytest
from playwright.sync_api import Route

from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.details import Details, post
from tests.browser.explainer import Explainer
from tests.browser.many_models import DEFAULT, MODELS
from tests.conftest import Server

# Those that differ most from the default: 512 codes of 256 numbers, one cell, 64 codes.
UNUSUAL = ("minimal-512", "mlp-512", "keras-64")
SECTIONS = ("details", "health", "playback", "compare")

SHOWN = """(name) => {
  const { store } = explainer;
  const trace = store.get("trace");
  return store.get("model")?.name === name && trace?.model === name && trace.features
    && document.querySelector("[data-action=model]").value === name;
}"""
SHAPES = """() => Object.fromEntries(
  Array.from(document.querySelectorAll("[data-shape]"), (place) => [place.dataset.shape, place.textContent]),
)"""
NEAREST_IN_VIEW = """() => {
  const host = document.querySelector("[data-stage=embeddings] .cells").getBoundingClientRect();
  const item = document.querySelector("[data-stage=embeddings] [data-mark=nearest]").getBoundingClientRect();
  return item.top >= host.top - 3 && item.bottom <= host.bottom + 3;
}"""


def shows(explainer: Explainer, name: str) -> Explainer:
    """Wait until the page shows this model and its trace of the drawing."""
    return explainer.until(SHOWN, name).settled()


def choose(explainer: Explainer, name: str) -> Explainer:
    """Choose a model in the list, and wait until it is shown."""
    explainer.page.locator("[data-action=model]").select_option(name)
    return shows(explainer, name)


def load(explainer: Explainer, address: str) -> Explainer:
    """Load the page with an address that ends in this after its #."""
    explainer.evaluate("(address) => history.replaceState(null, '', `#${address}`)", address)
    return explainer.reload()


def test_every_model_is_offered_by_its_title(models_page: Explainer) -> None:
    options = models_page.page.locator("[data-action=model] option")
    listed = models_page.evaluate("() => explainer.store.get('models').map(({ name, title }) => [name, title])")
    assert [name for name, _ in listed] == sorted(MODELS, key=lambda name: (name != DEFAULT, name))
    for shown, (_, title) in zip(options.all_inner_texts(), listed, strict=True):
        assert shown.startswith(title)
    assert models_page.page.locator("[data-action=model]").input_value() == DEFAULT


def test_a_single_model_leaves_nothing_to_choose(visit: Visit, many_models: Server) -> None:
    explainer = visit(many_models.url)
    explainer.evaluate("() => explainer.store.set('models', explainer.store.get('models').slice(0, 1))")
    explainer.until("() => document.querySelector('.chooser').hidden")


def test_a_switch_keeps_the_drawing_and_redraws_everything(models_page: Explainer, many_models: Server) -> None:
    page = models_page
    page.evaluate("() => { globalThis.sameDocument = true; }")
    for name in MODELS:
        if name == DEFAULT:
            continue
        drawn = page.ink()
        choose(page, name)
        np.testing.assert_array_equal(page.ink(), drawn)
        stages = page.model("stages")
        shapes = page.evaluate(SHAPES)
        assert {stage: "×".join(map(str, stages[stage])) for stage in shapes} == shapes
        height, width = stages["indices"]
        assert page.stage("indices").locator("[data-item]").count() == height * width
        assert page.stage("embeddings").locator("[data-item]").count() == stages["embeddings"][0]
        assert page.page.locator("input[name=channel]").get_attribute("max") == str(stages["features"][2] - 1)
        # The trace is what the server says of this very drawing and model.
        expected = post(many_models.url, "trace", model=name, pixels=page.base64_pixels())
        assert page.indices() == np.ravel(expected["indices"]).tolist()
        page.stroke((4, 24), (24, 24))
        shows(page, name)
    choose(page, DEFAULT)
    assert page.page.locator("[data-shape=indices]").first.inner_text() == "7×7"
    assert page.evaluate("() => sameDocument")


def test_by_keyboard(models_page: Explainer) -> None:
    page = models_page
    page.page.locator("[data-action=model]").focus()
    drawn = page.ink()
    # Letters and digits choose options here; they are not the page's own keys.
    page.page.keyboard.press("m")
    page.until("(name) => explainer.store.get('model').name !== name", DEFAULT)
    name = page.model("name")
    shows(page, name)
    assert name.startswith("m")
    assert page.page.locator("input[name=centre]").is_checked()
    np.testing.assert_array_equal(page.ink(), drawn)
    page.page.keyboard.press("ArrowUp")
    page.until("(name) => explainer.store.get('model').name !== name", name)


def test_an_address_names_the_model(models_page: Explainer) -> None:
    page = shows(load(models_page, "model=minimal-20"), "minimal-20")
    assert page.page.url.endswith("#model=minimal-20")
    page.stroke((6, 6), (22, 22))
    shows(page, "minimal-20")
    assert page.page.url.endswith("#model=minimal-20")
    page.action("share").click()
    assert page.notice()
    drawn, address = page.ink(), page.page.url.split("#")[1]
    assert "model=minimal-20" in address
    shows(load(page.reset(), address), "minimal-20")
    np.testing.assert_array_equal(page.ink(), drawn)


def test_a_shared_drawing_names_the_default_too(models_page: Explainer) -> None:
    """Another visitor may have chosen another model."""
    page = models_page
    page.action("share").click()
    assert page.notice()
    drawn, url = page.ink(), page.page.url
    assert f"model={DEFAULT}" in url
    choose(page.reset(), "minimal-20")
    page.page.goto(url)
    shows(page, DEFAULT)
    np.testing.assert_array_equal(page.ink(), drawn)


def test_a_switch_shows_that_it_is_loading_and_what_failed(models_page: Explainer) -> None:
    page = models_page
    main, loading = page.page.locator("main"), page.page.locator(".loading")
    assert main.get_attribute("aria-busy") == "false"
    held: list[Route] = []
    page.page.route("**/api/models/keras-64", lambda route: held.append(route))
    chooser = page.page.locator("[data-action=model]")
    for outcome in ("fails", "loads"):
        chooser.select_option("keras-64")
        page.until("() => document.querySelector('main').ariaBusy === 'true'")
        assert loading.inner_text() == f"Loading {chooser.locator('option:checked').inner_text()}."
        page.until("() => Number(getComputedStyle(document.querySelector('.part-features')).opacity) === 0.4")
        page.until("() => explainer.store.get('model').name === 'residual-20'")
        page.page.wait_for_timeout(1)  # Playwright hands over the request
        if outcome == "fails":
            page.watch.expect("Failed to load resource")
            held.pop().abort()
            title = chooser.locator("option[value=keras-64]").inner_text()
            assert page.notice().startswith(f"{title} could not be loaded")
            shows(page, DEFAULT)
        else:
            held.pop().continue_()
            shows(page, "keras-64")
        page.until("() => document.querySelector('main').ariaBusy === 'false'")
        assert loading.is_hidden()


def test_back_and_forward(models_page: Explainer) -> None:
    page = models_page
    drawn = page.ink()
    choose(page, "keras-64")
    choose(page, "minimal-20")
    assert page.page.url.endswith("#model=minimal-20")
    page.page.go_back()
    shows(page, "keras-64")
    page.page.go_back()
    shows(page, DEFAULT)
    page.page.go_forward()
    shows(page, "keras-64")
    np.testing.assert_array_equal(page.ink(), drawn)


def test_the_choice_is_remembered(models_page: Explainer) -> None:
    choose(models_page, "keras-64")
    shows(load(models_page, ""), "keras-64")


def test_names_that_do_not_exist_or_make_no_sense(models_page: Explainer) -> None:
    for name in ("no-such-model", "%3Cscript%3E"):
        page = load(models_page.reset(), f"model={name}")
        assert "model" in page.notice()
        shows(page, DEFAULT)
        page.until("() => !location.hash")
        page.stroke((6, 6), (22, 22))


def test_what_belongs_to_the_former_model_is_gone(models_page: Explainer) -> None:
    page = models_page
    page.pin("indices", 24)
    page.action("edit").click()
    page.page.locator(".palette [data-code='19']").click()
    page.until("() => explainer.store.get('edited') && explainer.store.get('editedReconstruction')")
    choose(page, "mlp-512")
    for key, value in {
        "edited": None,
        "editedReconstruction": None,
        "editing": False,
        "brushCode": None,
        "selection": None,
        "pinned": False,
        "variant": "normal",
        "reference": None,
        "gradients": None,
    }.items():
        assert page.get(key) == value, key
    assert page.page.locator("[data-badge]:visible").count() == 0
    assert page.page.locator(".edit").is_hidden()
    assert page.page.locator(".notice").is_hidden()


def test_experiments_end_with_the_model(models_page: Explainer) -> None:
    page = models_page
    Details(page).open()
    page.action("wrong-reshape").click()
    page.until("() => explainer.store.get('trace').variant === 'wrong-reshape' && explainer.store.get('reference')")
    choose(page, "minimal-512")
    page.until("() => explainer.store.get('trace')?.variant === 'normal' && explainer.store.get('trace').distances")
    assert page.page.locator("[data-badge]:visible").count() == 0
    choose(page, "mlp-512")
    assert page.page.locator("[data-action=wrong-reshape]").is_disabled()
    assert "one cell" in page.page.locator("[data-variant=wrong-reshape]").inner_text()


def test_a_count_of_one_is_singular(models_page: Explainer) -> None:
    tagline = models_page.page.locator(".tagline")
    assert "49 picks" in tagline.inner_text()
    choose(models_page, "mlp-512")
    assert "1 pick " in " ".join(tagline.inner_text().split())
    words = models_page.page.locator("main").inner_text()
    for wrong in ("1 picks", "1 cells", "1 codes", "1 rows", "1 whole numbers", "1 numbers"):
        assert wrong not in words


# Models of every shape: one cell, 512 codes, 256 numbers.


def test_nothing_is_wider_than_the_screen(models_page: Explainer) -> None:
    wide = []
    for name in UNUSUAL:
        choose(models_page, name)
        for key in SECTIONS:
            models_page.set(key, True)
        for size in (DESKTOP, PHONE):
            models_page.page.set_viewport_size(size)  # type: ignore[arg-type]
            models_page.until("(width) => innerWidth === width", size["width"])
            if models_page.overflow() > 0:
                wide.append((name, size["width"], models_page.overflow()))
        for key in SECTIONS:
            models_page.set(key, False)
        for size in (PHONE, DESKTOP):
            models_page.page.set_viewport_size(size)  # type: ignore[arg-type]
            models_page.until("(width) => innerWidth === width", size["width"])
            if models_page.overflow() > 0:
                wide.append((name, size["width"], "closed", models_page.overflow()))
    assert wide == []


def test_a_long_codebook_scrolls_to_the_code_pointed_at(models_page: Explainer) -> None:
    page = choose(models_page, "minimal-512")
    indices = page.indices()
    assert max(indices) > 100
    page.cell("indices", indices.index(max(indices))).hover()
    page.until("() => document.querySelector('[data-stage=embeddings] [data-mark=nearest]')").until(NEAREST_IN_VIEW)
    nearest = page.stage("embeddings").locator("[data-mark=nearest]")
    assert nearest.locator(".chip").inner_text() == str(max(indices))


def test_the_keyboard_reaches_512_codes(models_page: Explainer) -> None:
    page = choose(models_page, "minimal-512")
    page.cell("embeddings", 0).focus()
    for key, code in (("ArrowRight", 1), ("ArrowDown", 11), ("Control+End", 511), ("ArrowUp", 501), ("Home", 500)):
        page.page.keyboard.press(key)
        page.until("(code) => explainer.store.get('selection')?.code === code", code)
        assert f"code {code}" in page.page.locator(".inspector-title").inner_text().lower()
        box, host = (
            page.page.locator(selector).first.bounding_box()
            for selector in (f"[data-stage=embeddings] [data-item='{code}']", "[data-stage=embeddings] .cells")
        )
        assert box
        assert host
        assert host["y"] - 4 <= box["y"] <= host["y"] + host["height"], code


def test_codes_of_one_cell_can_be_edited(models_page: Explainer) -> None:
    page = choose(models_page, "mlp-512")
    before = page.canvas("[data-stage=reconstruction] canvas.data")
    page.action("edit").click()
    page.until("() => document.querySelectorAll('.palette [data-code]').length === 512")
    other = (page.indices()[0] + 1) % 512
    page.page.locator(f".palette [data-code='{other}']").click()
    page.cell("indices", 0).click()
    page.until("(code) => explainer.store.get('edited')?.[0][0] === code", other)
    page.until("() => explainer.store.get('editedReconstruction')")
    assert (page.canvas("[data-stage=reconstruction] canvas.data") != before).any()
    assert "1 of 1 code" in page.page.locator(".edit-status").inner_text()


@pytest.mark.parametrize("name", UNUSUAL)
def test_the_details_of_every_shape(models_page: Explainer, name: str) -> None:
    details = Details(choose(models_page, name)).open()
    stages = models_page.model("stages")
    for stage in ("feature_vectors", "distances", "quantized_vectors"):
        assert list(details.size(stage)) == stages[stage]
    assert list(details.size("embeddings")) == stages["embeddings"][::-1]
    # However thin, every row has a height and every column a width that can be pointed at.
    rows, columns = details.size("distances")
    box = details.matrix("distances").locator(".entries").bounding_box()
    assert box
    assert box["height"] / rows >= 5
    assert box["width"] / columns >= 2.9
    code = models_page.indices()[0]
    details.pin("distances", 0, code)
    assert f"distances[0, {code}]" in details.page.locator(".arithmetic-title").inner_text()

    models_page.action("backward").click()
    models_page.until("() => explainer.store.get('gradients')")
    bars = details.page.locator("[data-gradient-loss=codebook] [data-item]")
    assert bars.count() == stages["embeddings"][0]
    moved = bars.evaluate_all("(all) => all.filter((bar) => bar.dataset.norm !== '0').map((bar) => +bar.dataset.item)")
    assert set(moved) <= set(models_page.indices())
