"""The prior: digits written code by code, completed, scored, repaired and packed, against the REST interface."""

import json
import shutil
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import WebSocketRoute

from tests.browser.conftest import Visit
from tests.browser.details import post
from tests.browser.explainer import Explainer, number
from tests.browser.layout import wrong_boxes
from tests.browser.many_models import WITH_PRIOR
from tests.browser.test_models import choose
from tests.conftest import Server, tiny_prior
from tests.site.static_host import hosting
from vqvae_explainer.explain.prior_loading import open_prior
from vqvae_explainer.explain.sampling import FREE, Settings
from vqvae_explainer.explain.sampling import sample as sample_codes
from vqvae_explainer.explain.scoring import score
from vqvae_explainer.resources import resource
from vqvae_explainer.site.export import export_site

WRITING = "() => explainer.store.get('writing')?.known === 49 && explainer.store.get('previews')"
WRITTEN = """(written) => explainer.store.get('written') === written
  && explainer.store.get('writing')?.known === 49 && explainer.store.get('previews')?.row === Math.min(written, 48)"""


def opened(explainer: Explainer) -> Explainer:
    """The section of a model with a prior, once a grid has been sampled."""
    choose(explainer, WITH_PRIOR).set("generate", True)
    return explainer.until(WRITING).settled()


@pytest.fixture
def page(models_page: Explainer) -> Explainer:
    return opened(models_page)


@pytest.fixture
def url(many_models: Server) -> str:
    return many_models.url


def state(explainer: Explainer, key: str) -> Any:
    """A value of the store, its arrays as lists."""
    script = """(key) => JSON.parse(JSON.stringify(explainer.store.get(key),
      (_, value) => ArrayBuffer.isView(value) ? Array.from(value) : value))"""
    return explainer.evaluate(script, key)


def sample(url: str, **fields: Any) -> dict[str, Any]:
    return post(url, "sample", model=WITH_PRIOR, **fields)


def shares(explainer: Explainer) -> NDArray[np.float64]:
    """The heights of the bars, from 0 to 1."""
    heights = explainer.page.locator(".writer-bars .bar-column").evaluate_all(
        "(all) => all.map((bar) => bar.firstElementChild.getBoundingClientRect().height / bar.clientHeight)"
    )
    return np.array(heights)


def image(explainer: Explainer, selector: str) -> NDArray[np.float64]:
    return explainer.canvas(selector)[:, :, 0] / 255.0


def test_without_a_prior_the_section_says_so_and_offers_one(models_page: Explainer) -> None:
    models_page.page.keyboard.press("g")
    none = models_page.page.locator(".generate-none")
    none.wait_for()
    assert "has no prior" in none.inner_text()
    assert models_page.page.locator(".generate-body").is_hidden()
    none.locator("button").click()
    models_page.until("(name) => explainer.store.get('model').name === name", WITH_PRIOR).until(WRITING)
    assert none.is_hidden()
    assert models_page.page.locator(".generate-body").is_visible()


def test_a_digit_is_written_cell_by_cell(page: Explainer, url: str) -> None:
    expected = sample(url, seed=1)
    codes = np.array(expected["codes"]).ravel()
    colours = page.palette()
    blank = np.array(state(page, "blankCodes"))
    for written in (0, 1, 2, 3):
        page.until(WRITTEN, written).settled()
        shown = page.picture(".writer-grid canvas", 7 * 8).reshape(7, 8, 7, 8, 3)[:, 1, :, 1].reshape(49, 3)
        np.testing.assert_array_equal(shown[:written], colours[codes[:written]])
        grid = blank.ravel().copy()
        grid[:written] = codes[:written]
        picture = post(url, "decode", model=WITH_PRIOR, indices=grid.reshape(7, 7).tolist())["reconstruction"]
        np.testing.assert_allclose(image(page, ".writer-picture canvas"), picture, atol=0.51 / 255)
        distribution = np.array(expected["probabilities"][written])
        np.testing.assert_allclose(shares(page), distribution / distribution.max(), atol=0.03)
        assert f"code {codes[written]}:" in page.page.locator(".writer-says").inner_text()
        page.action("write-step").click()
    page.action("write-back").click()
    page.until(WRITTEN, 3)


def test_a_bar_overrules_and_a_cell_rewinds(page: Explainer, url: str) -> None:
    first = sample(url, seed=1)
    page.set("written", 10).until(WRITTEN, 10)
    drawn = first["codes"][1][3]
    other = (drawn + 1) % 20
    page.page.locator(f".writer-bars [data-item='{other}']").click()
    page.until(WRITTEN, 11)
    given: list[list[int | None]] = [[None] * 7 for _ in range(7)]
    given[0], given[1][:4] = first["codes"][0], [*first["codes"][1][:3], other]
    expected = sample(url, digit=first["digit"], seed=2, given=given)
    assert state(page, "writing")["codes"] == np.ravel(expected["codes"]).tolist()
    changed = page.page.locator(".writer-grid .cell[data-changed]")
    assert changed.evaluate_all("(all) => all.map(({ dataset }) => dataset.item)") == ["10"]
    page.page.locator(".writer-grid [data-item='4']").click()
    page.until(WRITTEN, 4)
    given = [[*expected["codes"][0][:4], None, None, None], *([None] * 7 for _ in range(6))]
    expected = sample(url, digit=first["digit"], seed=3, given=given)
    assert state(page, "writing")["codes"] == np.ravel(expected["codes"]).tolist()
    # By keyboard, to the right and down.
    page.page.locator(".writer-grid [data-item='0']").focus()
    for key in ("ArrowRight", "ArrowDown", "Enter"):
        page.page.keyboard.press(key)
    page.until(WRITTEN, 8)


def test_it_plays_to_the_end(page: Explainer) -> None:
    page.page.locator("select[name=pace]").select_option("25")
    page.set("written", 40)
    page.action("write-play").click()
    page.until("() => explainer.store.get('written') === 49 && !explainer.store.get('writes')").settled()
    assert "bits" in page.page.locator(".writer-says").inner_text()
    assert page.action("write-step").is_disabled()


def test_digit_temperature_and_seed_are_those_of_the_samples(page: Explainer, url: str) -> None:
    page.page.locator("select[name=digit]").select_option("3")
    page.page.locator("input[name=temperature]").fill("0.5")
    page.page.locator("input[name=seed]").fill("11")
    page.page.locator("input[name=seed]").press("Enter")
    page.until("() => explainer.store.get('seed') === 11").until(WRITING).settled()
    expected = sample(url, digit=3, temperature=0.5, seed=11)
    assert state(page, "writing")["codes"] == np.ravel(expected["codes"]).tolist()
    page.action("share").click()
    assert page.notice()
    assert all(part in page.page.url for part in ("generate=true", "digit=3", "temperature=0.5", "seed=11"))


def test_the_first_rows_are_completed(page: Explainer, url: str) -> None:
    page.until("() => explainer.store.get('completions').length === 4")
    page.evaluate("() => { globalThis.former = explainer.store.get('completions')[0]; }")
    page.page.locator("input[name=rows]").fill("2")
    page.until(
        "() => explainer.store.get('completions').length === 4 && explainer.store.get('completions')[0] !== former"
    )
    own = np.array(page.get("shownIndices"))
    given = [*own[:2].tolist(), *([None] * 7 for _ in range(5))]
    page.action("complete-more").click()
    page.until("() => explainer.store.get('completions').length === 8").settled()
    for n, completion in enumerate(state(page, "completions")):
        np.testing.assert_array_equal(completion["codes"][:14], own[:2].ravel())
        if n in (0, 5):
            codes = sample(url, seed=1 + n, given=given)["codes"]
            assert completion["codes"] == np.ravel(codes).tolist()
            picture = post(url, "decode", model=WITH_PRIOR, indices=codes)["reconstruction"]
            shown = image(page, f".completions figure:nth-child({n + 1}) img")
            np.testing.assert_allclose(shown, picture, atol=0.51 / 255)


def test_the_drawing_is_scored_repaired_and_packed(page: Explainer, url: str) -> None:
    page.until(
        "() => explainer.store.get('score') && explainer.store.get('packed') && explainer.store.get('fileSizes')"
    )
    codes = page.get("shownIndices")
    scored = post(url, "score", model=WITH_PRIOR, codes=codes)
    numbers = page.page.locator(".surprise")
    assert number(numbers.locator("[data-surprise=total]").inner_text()) == pytest.approx(scored["total"], abs=0.06)
    best = int(np.argmin(scored["class_bits"]))
    assert numbers.locator(".is-best b").inner_text() == str(best)
    bits = [number(text.split()[0]) for text in numbers.locator(".class-bits").all_inner_texts()]
    np.testing.assert_allclose(bits, scored["class_bits"], atol=0.06)

    packed = post(url, "compress", model=WITH_PRIOR, codes=codes)
    for form, size in {"raw": 6272, "codes": 212, "coded": packed["bits"]}.items():
        assert number(page.page.locator(f"[data-form={form}] .compression-size").inner_text()) == size
    assert len(page.page.locator(".compression-bits").inner_text()) == packed["bits"]
    assert "exactly the same 49 codes" in page.page.locator(".compression-says").inner_text()

    surprising = [row for row, value in enumerate(np.ravel(scored["bits"])) if value > 5]
    assert surprising
    page.action("restore").click()
    page.until("() => explainer.store.get('restored')")
    restored = state(page, "restored")
    assert restored["replaced"] == surprising
    kept = np.setdiff1d(np.arange(49), surprising)
    np.testing.assert_array_equal(np.ravel(restored["codes"])[kept], np.ravel(codes)[kept])
    assert numbers.locator(".surprise-repair canvas").is_visible()

    # Edited codes are scored, too; a blank page is not.
    page.draw((4, 4), (24, 24)).until("(total) => explainer.store.get('score').total !== total", scored["total"])
    assert page.get("restored") is None
    page.action("clear").click()
    numbers.locator(".surprise-blank").wait_for()
    assert numbers.locator(".surprise-body").is_hidden()


def test_strips_lead_from_noise_to_the_prior(page: Explainer) -> None:
    page.until("() => Object.values(explainer.store.get('strips')).flat().length === 40").settled()
    assert page.page.locator(".rung img").count() == 40
    bits = [number(text.split()[0]) for text in page.page.locator(".rung-bits").all_inner_texts()]
    metrics = state(page, "priors")[WITH_PRIOR]["metrics"]
    assert bits == [metrics[f"bits_{kind}"] for kind in ("uniform", "unigram", "position", "given_class")]


def check_widths(page: Explainer, widths: Iterable[int]) -> None:
    """Nothing is wrong at any of the widths, with a grid half written, completions and a repaired drawing."""
    page.until("() => explainer.store.get('completions').length === 4 && explainer.store.get('packed')")
    page.set("written", 20).action("restore").click()
    page.until("() => explainer.store.get('restored')").point_at_nothing()
    wrong = [problem for width in widths for problem in wrong_boxes(page, width)]
    assert wrong == []


def test_nothing_overlaps(page: Explainer) -> None:
    check_widths(page, (360, 700, 820, 1180, 1440, 2560))


def test_the_shipped_prior_recognizes_an_example(five: Explainer) -> None:
    five.page.keyboard.press("g")
    five.until("() => explainer.store.get('score') && explainer.store.get('priors')['residual-20']").settled()
    assert five.page.locator(".class-bars .is-best b").inner_text() == "5"


def test_errors_are_said_where_an_answer_is_missing_and_the_next_change_asks_again(visit: Visit, url: str) -> None:
    codes = {"sample": "no_prior", "score": "internal", "compress": "overloaded"}
    failing = True

    def attach(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def ask(text: str | bytes) -> None:
            request = json.loads(text)
            if failing and request["type"] in codes:
                error = {"type": "error", "seq": request["seq"], "code": codes[request["type"]], "message": "Too many."}
                socket.send(json.dumps(error))
            else:
                server.send(text)

        socket.on_message(ask)

    explainer = visit(url, prepare=lambda page: page.route_web_socket("**/ws", attach)).show_example(5)
    choose(explainer, WITH_PRIOR).set("generate", True)
    page = explainer.page
    places = [page.locator(f".{part}-says") for part in ("writer", "completion", "compression")]
    explainer.until("() => explainer.store.get('unanswered').size === 3").settled()
    assert {place.inner_text() for place in places} == {"There was no answer. The next change asks again."}
    assert {"Too many.", "The server failed on this request. Its log says why."} <= set(
        explainer.evaluate("() => notices")
    )
    assert page.locator(".rung:not([data-strip=prior]) img").count() == 30
    assert page.locator("[data-strip=prior] img").count() == 0
    assert "when the pen rests" in page.locator(".familiarity").inner_text()

    failing = False
    page.locator("input[name=seed]").fill("2")
    page.locator("input[name=seed]").press("Enter")
    explainer.draw((4, 4), (24, 24)).until("() => explainer.store.get('packed') && explainer.store.get('score')")
    explainer.until(WRITING).until("() => explainer.store.get('completions').length === 4").settled()
    assert "no answer" not in " ".join(place.inner_text() for place in places)
    assert page.locator("[data-strip=prior] img").count() == 10


def test_of_two_levels_the_coarse_picture_is_written_first(
    visit: Visit,
    make_server: Callable[..., AbstractContextManager[Server]],
    hierarchy_dir: Path,
    tmp_path: Path,
) -> None:
    folder = shutil.copytree(hierarchy_dir, tmp_path / "weights")
    tiny_prior(folder / "hierarchy.safetensors")
    with make_server(folder) as server:
        page = visit(server.url).show_example(5).set("generate", True)
        page.until("() => explainer.store.get('writing')?.known === 65 && explainer.store.get('blankCodes')").settled()
        sampled = post(server.url, "sample", seed=1)
        codes = np.array([*np.ravel(sampled["codes.top"]), *np.ravel(sampled["codes"])])
        blank = np.array(state(page, "blankCodes"))
        for written in (6, 16, 30):
            page.set("written", written)
            page.until("(row) => explainer.store.get('previews')?.row === row", written).settled()
            grid = np.where(np.arange(65) < written, codes, blank)
            levels = {"indices.top": grid[:16].reshape(4, 4).tolist(), "indices": None}
            if written > 16:
                levels["indices"] = grid[16:].reshape(7, 7).tolist()
            picture = post(server.url, "decode", **levels)["reconstruction"]
            np.testing.assert_allclose(image(page, ".writer-picture canvas"), picture, atol=0.51 / 255)
            assert ("top alone" in page.page.locator(".writer-picture figcaption").inner_text()) == (written <= 16)
            assert page.page.locator(".writer-says").inner_text().startswith("Top" if written < 16 else "Bottom")
            shown = page.page.locator(".writer-top figcaption").inner_text()
            assert shown.startswith(f"Top 4×4: {min(written, 16)} of 16 codes")
        page.page.locator(".writer-top [data-item='2']").click()
        page.until(
            "() => explainer.store.get('written') === 2 && explainer.store.get('writing').known === 65"
        ).settled()
        given = [[*codes[:2].tolist(), None, None], *[[None] * 4] * 3]
        again = post(server.url, "sample", digit=sampled["digit"], seed=2, **{"given.top": given})
        assert state(page, "writing")["codes"][:16] == np.ravel(again["codes.top"]).tolist()

        page.until("() => explainer.store.get('packed') && explainer.store.get('score')")
        own = {"codes.top": page.get("grids")["indices.top"], "codes": page.get("grids")["indices"]}
        total = post(server.url, "score", **own)["total"]
        assert number(page.page.locator("[data-surprise=total]").inner_text()) == pytest.approx(total, abs=0.06)
        assert "exactly the same 65 codes" in page.page.locator(".compression-says").inner_text()
        assert page.page.locator(".surprise-top canvas").is_visible()
        check_widths(page, (360, 1440))


def test_without_a_server_the_prior_runs_in_the_page(visit: Visit, tmp_path: Path) -> None:
    weights = tmp_path / "weights" / "residual-20.safetensors"
    weights.parent.mkdir()
    for path in resource("weights").glob("residual-20.*"):
        shutil.copy(path, weights.parent)
    tiny_prior(weights)
    prior = open_prior(weights)
    assert prior is not None
    export_site(tmp_path / "site", [weights])
    with hosting(tmp_path / "site") as host:
        explainer = visit(host.url).show_example(5)
        # Until the prior has been loaded, the error says how unusual the drawing is.
        familiarity = explainer.page.locator(".familiarity")
        assert "This error is" in familiarity.inner_text()
        assert explainer.get("score") is None
        familiarity.locator("button").click()
        explainer.until(WRITING).until("() => explainer.store.get('packed') && explainer.store.get('score')").settled()
        assert "The prior is" in familiarity.inner_text()
        (expected,) = sample_codes(prior.network, [Settings(None, 1, None, 1, np.full(49, FREE))])
        assert state(explainer, "writing")["codes"] == expected.codes.tolist()
        codes = np.array(explainer.get("shownIndices"))
        (scored,) = score(prior.network, [codes.ravel()])
        np.testing.assert_allclose(state(explainer, "score")["bits"], scored.bits, atol=1e-3)
        assert state(explainer, "packed")["exact"]
