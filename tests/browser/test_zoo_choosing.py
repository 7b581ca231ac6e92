"""Choosing a model: without a reload, by address, by Back and Forward, and in the midst of things."""

import json
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import WebSocketRoute

from tests.browser.conftest import Visit
from tests.browser.explainer import Explainer
from tests.browser.zoo import DEFAULT, MODELS
from tests.conftest import Server

SHOWN = """(name) => {
  const { store } = explainer;
  const trace = store.get("trace");
  return store.get("model")?.name === name && trace?.model === name && trace.features
    && document.querySelector("[data-action=model]").value === name;
}"""
SHAPES = """() => Object.fromEntries(
  Array.from(document.querySelectorAll("[data-shape]"), (place) => [place.dataset.shape, place.textContent]),
)"""


def shows(explainer: Explainer, name: str) -> Explainer:
    """Wait until the page shows this model and its trace of the drawing."""
    return explainer.until(SHOWN, name).settled()


def choose(explainer: Explainer, name: str) -> Explainer:
    """Choose a model in the list, and wait until it is shown."""
    explainer.page.locator("[data-action=model]").select_option(name)
    return shows(explainer, name)


@pytest.fixture
def page(visit: Visit, zoo: Server) -> Explainer:
    """The page of the zoo with the example 5."""
    explainer = visit(zoo.url)
    explainer.example(5)
    return explainer


def test_every_model_is_offered_by_its_title(page: Explainer) -> None:
    options = page.page.locator("[data-action=model] option")
    told = page.evaluate("() => explainer.store.get('models').map(({ name, title }) => [name, title])")
    assert [name for name, _ in told] == sorted(MODELS, key=lambda name: (name != DEFAULT, name))
    assert options.all_inner_texts() == [title for _, title in told]
    assert page.page.locator("[data-action=model]").input_value() == DEFAULT


def test_a_single_model_leaves_nothing_to_choose(visit: Visit, zoo: Server) -> None:
    explainer = visit(zoo.url)
    explainer.evaluate("() => explainer.store.set('models', explainer.store.get('models').slice(0, 1))")
    explainer.until("() => document.querySelector('.chooser').hidden")


@pytest.mark.parametrize("name", [name for name in MODELS if name != DEFAULT])
def test_a_switch_keeps_the_drawing_and_redraws_everything(page: Explainer, zoo: Server, name: str) -> None:
    page.evaluate("() => { globalThis.sameDocument = true; }")
    drawn = page.ink()
    choose(page, name)
    assert page.evaluate("() => sameDocument")
    np.testing.assert_array_equal(page.ink(), drawn)
    stages = page.evaluate("() => explainer.store.get('model').stages")
    shapes = page.evaluate(SHAPES)
    assert {stage: "×".join(map(str, stages[stage])) for stage in shapes} == shapes
    height, width = stages["indices"]
    assert page.stage("indices").locator("[data-item]").count() == height * width
    assert page.stage("embeddings").locator("[data-item]").count() == stages["embeddings"][0]
    assert page.page.locator("input[name=channel]").get_attribute("max") == str(stages["features"][2] - 1)
    # The trace is what the server says of this very drawing and model.
    told: dict[str, Any] = page.page.request.post(
        f"{zoo.url}/api/trace",
        data=json.dumps(
            {
                "model": name,
                "pixels": page.evaluate("() => btoa(String.fromCharCode(...explainer.store.get('pixels')))"),
            }
        ),
        headers={"content-type": "application/json"},
    ).json()
    assert page.indices() == np.ravel(told["indices"]).tolist()
    page.stroke((4, 24), (24, 24))
    shows(page, name)
    choose(page, DEFAULT)
    assert page.page.locator("[data-shape=indices]").first.inner_text() == "7×7"


def test_by_keyboard(page: Explainer) -> None:
    select = page.page.locator("[data-action=model]")
    select.focus()
    drawn = page.ink()
    # Letters and digits mean options here, not the page's own keys.
    page.page.keyboard.press("m")
    page.until("() => explainer.store.get('model').name !== 'residual-20'")
    name = page.get("model")["name"]
    shows(page, name)
    assert name.startswith(("m", "M"))
    assert page.get("centre") is True
    np.testing.assert_array_equal(page.ink(), drawn)
    page.page.keyboard.press("ArrowUp")
    page.until("(name) => explainer.store.get('model').name !== name", name)


def test_an_address_names_the_model(visit: Visit, zoo: Server) -> None:
    explainer = shows(visit(f"{zoo.url}/#model=mlp-512"), "mlp-512")
    assert explainer.page.url.endswith("#model=mlp-512")
    explainer.stroke((6, 6), (22, 22))
    shows(explainer, "mlp-512")
    assert explainer.page.url.endswith("#model=mlp-512")
    explainer.action("share").click()
    assert explainer.notice()
    assert "model=mlp-512" in explainer.page.url
    somebody = shows(visit(explainer.page.url), "mlp-512")
    np.testing.assert_array_equal(somebody.ink(), explainer.ink())


def test_a_shared_drawing_names_the_default_too(page: Explainer, visit: Visit) -> None:
    """Another visitor's own choice may be another model."""
    page.action("share").click()
    assert page.notice()
    assert f"model={DEFAULT}" in page.page.url
    somebody = visit(page.page.url.split("#", maxsplit=1)[0])
    choose(somebody, "mlp-512")
    somebody.page.goto(page.page.url)
    shows(somebody, DEFAULT)
    np.testing.assert_array_equal(somebody.ink(), page.ink())


def test_back_and_forward(page: Explainer) -> None:
    drawn = page.ink()
    choose(page, "keras-64")
    choose(page, "mlp-512")
    assert page.page.url.endswith("#model=mlp-512")
    page.page.go_back()
    shows(page, "keras-64")
    page.page.go_back()
    shows(page, DEFAULT)
    page.page.go_forward()
    shows(page, "keras-64")
    np.testing.assert_array_equal(page.ink(), drawn)


def test_the_choice_is_remembered(page: Explainer) -> None:
    choose(page, "keras-64")
    page.page.goto(page.page.url.split("#", maxsplit=1)[0])
    page.page.reload()
    page.until("() => globalThis.explainer?.store.get('model')")
    shows(page, "keras-64")


@pytest.mark.parametrize("name", ["no-such-model", "x" * 64])
def test_a_name_that_does_not_exist(visit: Visit, zoo: Server, name: str) -> None:
    explainer = visit(f"{zoo.url}/#model={name}")
    notice = explainer.notice()
    assert name in notice
    assert "Residual" in notice
    shows(explainer, DEFAULT)
    explainer.until("() => !location.hash")
    explainer.stroke((6, 6), (22, 22))


@pytest.mark.parametrize("name", ["%3Cscript%3E", "..%2F..%2Fetc", "x" * 65, "UPPER"])
def test_a_name_without_sense(visit: Visit, zoo: Server, name: str) -> None:
    explainer = visit(f"{zoo.url}/#model={name}")
    assert "model" in explainer.notice()
    shows(explainer, DEFAULT)


def test_what_belongs_to_the_former_model_is_gone(page: Explainer) -> None:
    page.cell("indices", 24).click()
    page.until("() => explainer.store.get('pinned')")
    page.action("edit").click()
    page.page.locator(".palette [data-code='19']").click()
    page.until("() => explainer.store.get('edited') && explainer.store.get('editedReconstruction')")
    choose(page, "mlp-512")
    for key, value in {
        "edited": None,
        "editedReconstruction": None,
        "editing": False,
        "brushCode": None,
        "pinned": False,
        "selection": None,
        "variant": "normal",
        "reference": None,
    }.items():
        assert page.get(key) == value, key
    assert page.page.locator(".edit").is_hidden()
    assert page.page.locator(".notice").is_hidden()


def test_a_variant_ends_with_its_model(page: Explainer) -> None:
    page.page.keyboard.press("v")
    page.until("() => explainer.store.get('details')")
    page.action("wrong-reshape").click()
    page.until("() => explainer.store.get('trace')?.variant === 'wrong-reshape' && explainer.store.get('reference')")
    choose(page, "minimal-512")
    page.until("() => explainer.store.get('trace')?.variant === 'normal' && explainer.store.get('trace').distances")
    assert page.page.locator("[data-badge]:visible").count() == 0
    choose(page, "mlp-512")
    assert page.page.locator("[data-action=wrong-reshape]").is_disabled()
    assert "one cell" in page.page.locator("[data-variant=wrong-reshape]").inner_text()


def test_late_answers_of_the_former_model_are_ignored(visit: Visit, zoo: Server) -> None:
    explainer = visit(zoo.url)
    held: list[str] = []
    asked: list[dict[str, Any]] = []
    sockets: list[WebSocketRoute] = []
    holding = {"on": False}

    def attach(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        server = socket.connect_to_server()

        def ask(message: str | bytes) -> None:
            asked.append(json.loads(message))
            server.send(message)

        def answer(message: str | bytes) -> None:
            former = json.loads(message).get("model") == DEFAULT
            if holding["on"] and former:
                held.append(str(message))
            else:
                socket.send(message)

        socket.on_message(ask)
        server.on_message(answer)

    explainer.page.route_web_socket("**/ws", attach)
    explainer.page.reload()
    explainer.until("() => globalThis.explainer?.store.get('model')").settled()
    holding["on"] = True
    explainer.stroke((6, 6), (22, 22), settled=False)
    explainer.until("() => explainer.store.get('drawing')[14 * 28 + 14] > 100")
    choose(explainer, "mlp-512")
    assert asked[-1]["model"] == "mlp-512"
    for _ in range(100):
        if held:
            break
        explainer.page.wait_for_timeout(50)
    assert held
    seq = explainer.seq()
    for message in held:
        sockets[-1].send(message)
    explainer.stroke((6, 24), (22, 24))
    shows(explainer, "mlp-512")
    assert explainer.seq() > seq
    assert explainer.page.locator(".notice").is_hidden()


def test_the_newest_choice_wins(page: Explainer) -> None:
    """A description that arrives late yields to a newer choice."""
    page.page.route("**/api/models/minimal-512", lambda route: (page.page.wait_for_timeout(400), route.continue_()))
    page.page.locator("[data-action=model]").select_option("minimal-512")
    page.page.locator("[data-action=model]").select_option("keras-64")
    shows(page, "keras-64")
    page.page.wait_for_timeout(800)
    shows(page, "keras-64")


def test_a_description_that_does_not_come_leaves_the_model(visit: Visit, zoo: Server) -> None:
    explainer = visit(zoo.url, expected="Failed to load resource")
    explainer.page.route("**/api/models/keras-64", lambda route: route.abort())
    explainer.page.locator("[data-action=model]").select_option("keras-64")
    assert "stays" in explainer.notice()
    shows(explainer, DEFAULT)
    explainer.stroke((6, 6), (22, 22))


def test_a_count_of_one_is_singular(page: Explainer) -> None:
    tagline = page.page.locator(".tagline")
    assert "49 picks" in tagline.inner_text()
    choose(page, "mlp-512")
    assert "1 pick from a list of 512" in " ".join(tagline.inner_text().split())
    assert "One whole number".lower() in page.stage("indices").inner_text().lower()
    words = page.page.locator("main").inner_text()
    for wrong in ("1 picks", "1 cells", "1 codes", "1 rows", "1 whole numbers", "1 numbers"):
        assert wrong not in words
