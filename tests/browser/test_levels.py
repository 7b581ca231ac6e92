"""A model with two levels: both are shown, edited and exchanged as the server computes them."""

from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.browser.conftest import Share
from tests.browser.details import post
from tests.browser.explainer import Explainer
from tests.conftest import Server

NAME = "hierarchy-20"
USES = """(level) => Array.from(
  document.querySelectorAll(`.part-embeddings[data-level="${level}"] .code-figure`),
  (figure) => Number(figure.textContent.replace("·", "0")),
)"""
EDITED = "() => explainer.store.get('editedReconstruction')"
PRESSED = "() => document.querySelector('.inspector .level-switch [aria-pressed=true]')?.dataset.level"
FRAME = """() => {
  const { style } = document.querySelector("[data-stage=reconstruction] .frame");
  return ["top", "left", "height", "width"].map((key) => Math.round(0.28 * parseFloat(style[key])));
}"""
OTHER = """() => {
  const { indices, levels } = explainer.store.get("swappedTrace");
  return [levels.top.indices, indices];
}"""
SWAPPED = """(digit) => {
  const { store } = explainer;
  return store.get("swapped") === digit && store.get("swappedTrace") && Object.keys(store.get("mixtures")).length === 4;
}"""

MIXED = "() => Number(document.querySelector('.morph figure:last-child canvas').dataset.paints) > 0"
SAID = "(said) => document.querySelector('[data-health=perplexity]').textContent === said"


@pytest.fixture
def levels(five: Explainer) -> Explainer:
    """The page with the example 5 and the model with two levels."""
    return show(five)


def show(explainer: Explainer) -> Explainer:
    explainer.set("modelName", NAME)
    explainer.until("(name) => explainer.store.get('trace')?.model === name", NAME)
    explainer.until("() => document.querySelector('.part-indices[data-level=top] .cell')").settled()
    return explainer


def traced(explainer: Explainer, server: Server) -> dict[str, Any]:
    return post(server.url, "trace", model=NAME, pixels=explainer.base64_pixels())


def decoded(server: Server, top: list[list[int]] | None, bottom: list[list[int]] | None) -> NDArray[np.float64]:
    answer = post(server.url, "decode", model=NAME, indices=bottom, **{"indices.top": top})
    return np.array(answer["reconstruction"])


def picture(explainer: Explainer, selector: str) -> NDArray[np.float64]:
    return explainer.picture(selector)[..., 0] / 255


def cell(explainer: Explainer, level: str, row: int) -> Any:
    return explainer.page.locator(f".part-indices[data-level='{level}'] [data-item='{row}']")


def test_both_levels_are_rows(levels: Explainer, shipped: Server) -> None:
    trace = traced(levels, shipped)
    for level, stage in (("top", "indices.top"), ("", "indices")):
        assert levels.evaluate(USES, level) == np.bincount(np.ravel(trace[stage]), minlength=20).tolist()
    titles = levels.page.locator(".row-title").all_inner_texts()
    assert [title.split(":")[0] for title in titles] == ["Top, 4×4", "Bottom, 7×7"]
    top, bottom = (levels.page.locator(f".part-features[data-level='{level}']") for level in ("top", ""))
    assert [part.locator(".shape").inner_text() for part in (top, bottom)] == ["4×4×16", "7×7×16"]
    assert top.bounding_box()["y"] < bottom.bounding_box()["y"]  # type: ignore[index]
    assert "281" in levels.page.locator(".rest").inner_text()
    levels.set("modelName", "residual-20").until("() => explainer.store.get('trace')?.model === 'residual-20'")
    for gone in (top, levels.page.locator("#section-levels"), levels.page.locator(".inspector .level-switch")):
        assert not gone.is_visible()


def test_what_is_pointed_at_says_its_level(levels: Explainer) -> None:
    cell(levels, "top", 5).click()
    levels.until(PRESSED).until("() => explainer.store.get('pinned')")
    assert levels.evaluate(PRESSED) == "top"
    assert "Cell (1, 1)" in levels.page.locator(".inspector-title").inner_text()
    top, left, bottom, right = levels.evaluate("() => explainer.store.get('model').levels.top.fields.writes[1][1]")
    assert levels.evaluate(FRAME) == [top, left, bottom - top, right - left]
    levels.page.keyboard.press("v")
    levels.until("() => document.querySelector('.matrix-distances .shape')?.textContent === '16×20'")
    assert not levels.page.locator(".part-indices[data-level='']").is_visible()
    levels.page.keyboard.press("l")
    levels.until("() => document.querySelector('.matrix-distances .shape').textContent === '49×20'")
    assert levels.get("selection") is None
    levels.set("health", True)
    for level, measured in (("", levels.model("metrics")), ("top", levels.model("metrics")["levels"]["top"])):
        levels.set("level", level).until(SAID, f"{measured['perplexity']:.1f}")


def test_the_tour_tells_of_both_levels_and_shows_the_bottom(levels: Explainer) -> None:
    cell(levels, "top", 5).click()
    levels.set("tour", "bits").until("() => !document.querySelector('.tour').hidden && !explainer.store.get('level')")
    assert levels.page.locator("#title-tour").inner_text() == "65 numbers, 281 bits"
    ring, part = (
        levels.page.locator(selector).bounding_box() for selector in (".tour-ring", ".part-indices[data-level='']")
    )
    assert ring == pytest.approx(part, abs=1)


def test_a_top_code_changes_a_region_and_a_bottom_code_its_patch(levels: Explainer, shipped: Server) -> None:
    trace = traced(levels, shipped)
    own = np.array(trace["reconstruction"])
    levels.page.locator(".part-indices[data-level=top] [data-action=edit]").click()
    levels.until("() => explainer.store.get('editing') && explainer.store.get('shownLevel') === 'top'")
    regions = {}
    for level, row in (("top", 5), ("", 24)):
        grids = {"top": trace["indices.top"], "": trace["indices"]}
        width = len(grids[level][0])
        code = (grids[level][row // width][row % width] + 7) % 20
        grids[level] = [[*line] for line in grids[level]]
        grids[level][row // width][row % width] = code
        cell(levels, level, row).click()
        levels.until("(level) => explainer.store.get('pinned') && explainer.store.get('level') === level", level)
        levels.page.locator(f".palette [data-code='{code}']").click()
        levels.until(EDITED).settled()
        expected = decoded(shipped, grids["top"], grids[""])
        assert picture(levels, "[data-stage=reconstruction] canvas.data") == pytest.approx(expected, abs=0.005)
        changed = np.argwhere(abs(expected - own) > 0.02)
        regions[level] = changed.max(0) - changed.min(0) + 1
        levels.page.keyboard.press("u")
        levels.until("() => !explainer.store.get('edits')")
        levels.page.keyboard.press("Escape")
    assert min(regions["top"]) >= 9
    assert max(regions[""]) < max(regions["top"])


def test_levels_alone_and_exchanged(levels: Explainer, shipped: Server) -> None:
    trace = traced(levels, shipped)
    top, bottom = trace["indices.top"], trace["indices"]
    levels.page.locator("#section-levels .examples button").nth(7).click()
    levels.until(SWAPPED, 7)
    other = levels.evaluate(OTHER)
    shown = [picture(levels, f"#section-levels canvas >> nth={n}") for n in range(6)]
    grids = [(top, bottom), (top, None), (None, bottom), (top, bottom), (top, other[1]), (other[0], bottom)]
    for found, grid in zip(shown, grids, strict=True):
        assert found == pytest.approx(decoded(shipped, *grid), abs=0.005)
    assert "decides" in levels.page.locator("#section-levels .verdict").inner_text()
    # Of a mixture the top's cells are those of the other drawing first.
    levels.set("details", True).until(MIXED)
    levels.page.locator(".morph select").select_option("7")
    for cells, mixed in ((16, shown[5]), (65, decoded(shipped, *other))):
        levels.page.locator(".morph input").fill(str(cells))
        levels.settled()
        assert picture(levels, ".morph figure:last-child canvas") == pytest.approx(mixed, abs=0.005)


def test_a_narrow_page_has_no_wide_part(share: Share, shipped: Server) -> None:
    page = show(share(shipped.url, viewport={"width": 360, "height": 740}).show_example(5))
    for details in (False, True):
        page.set("details", details)
        assert page.overflow() <= 0


def test_playback_tells_how_the_codes_of_both_were_used(levels: Explainer, shipped: Server) -> None:
    levels.set("playback", True).set("runs", [NAME, "residual-20"])
    levels.until("(name) => explainer.store.get('playbacks')[name]", NAME).set("playhead", 1)
    last = httpx.get(f"{shipped.url}/api/models/{NAME}/playback").json()["snapshots"][-1]
    for of, use in (("", last), ("Top: ", last["levels"]["top"])):
        said = f"{of}{use['codes_used']} of 20 codes used, perplexity {use['perplexity']:.1f}."
        levels.until("(said) => document.querySelector('[data-run=left] .run-facts').innerText.includes(said)", said)
