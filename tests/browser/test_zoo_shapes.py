"""Every model's grid, K and D can be read and worked with: one cell, 512 codes, 256 numbers."""

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.details import Details
from tests.browser.explainer import Explainer
from tests.browser.test_look import examine
from tests.browser.test_zoo_choosing import shows
from tests.conftest import Server

SHAPES = ("minimal-512", "mlp-512", "keras-64")
SIZES = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
SEEN = """() => {
  const host = document.querySelector("[data-stage=embeddings] .cells").getBoundingClientRect();
  const item = document.querySelector("[data-stage=embeddings] [data-mark=nearest]").getBoundingClientRect();
  return item.top >= host.top - 3 && item.bottom <= host.bottom + 3;
}"""


def look(visit: Visit, zoo: Server, name: str, **options: object) -> Explainer:
    """The page with a model and the example 5."""
    explainer = shows(visit(f"{zoo.url}/#model={name}", **options), name)
    explainer.example(5)
    return shows(explainer, name)


@SIZES
@pytest.mark.parametrize("name", SHAPES)
def test_nothing_is_wider_than_the_screen(visit: Visit, zoo: Server, name: str, viewport: dict[str, int]) -> None:
    explainer = look(visit, zoo, name, viewport=viewport)
    for key in ("", "details", "health", "playback", "compare"):
        if key:
            explainer.evaluate("(key) => explainer.store.set(key, true)", key)
            explainer.until("(key) => explainer.store.get(key)", key).settled()
        over = explainer.evaluate("() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, key


@pytest.mark.parametrize("name", ["minimal-512", "mlp-512"])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing(visit: Visit, zoo: Server, name: str, scheme: str) -> None:
    explainer = look(visit, zoo, name, color_scheme=scheme)
    explainer.cell("indices", 0).click()
    explainer.until("() => explainer.store.get('pinned')")
    examine(explainer, f"{name}, a cell pinned")
    Details(explainer).open()
    examine(explainer, f"{name}, details")


def test_a_long_codebook_scrolls_to_the_code_pointed_at(visit: Visit, zoo: Server) -> None:
    explainer = look(visit, zoo, "minimal-512")
    indices = explainer.indices()
    assert max(indices) > 100
    row = indices.index(max(indices))
    explainer.cell("indices", row).hover()
    explainer.until("() => document.querySelector('[data-stage=embeddings] [data-mark=nearest]')").until(SEEN)
    nearest = explainer.stage("embeddings").locator("[data-mark=nearest]")
    assert nearest.locator(".chip").inner_text() == str(max(indices))


def test_the_keyboard_walks_through_512_codes(visit: Visit, zoo: Server) -> None:
    explainer = look(visit, zoo, "minimal-512")
    first = explainer.cell("embeddings", 0)
    first.focus()
    for key, code in (("ArrowRight", 1), ("ArrowDown", 11), ("Control+End", 511), ("ArrowUp", 501), ("Home", 500)):
        explainer.page.keyboard.press(key)
        explainer.until("(code) => explainer.store.get('selection')?.code === code", code)
        assert f"code {code}" in explainer.page.locator(".inspector-title").inner_text()
        box, host = (
            explainer.page.locator(selector).first.bounding_box()
            for selector in (f"[data-stage=embeddings] [data-item='{code}']", "[data-stage=embeddings] .cells")
        )
        assert box
        assert host
        assert host["y"] - 4 <= box["y"] <= host["y"] + host["height"], code


def test_codes_of_one_cell_can_be_edited(visit: Visit, zoo: Server) -> None:
    explainer = look(visit, zoo, "mlp-512")
    before = explainer.canvas("[data-stage=reconstruction] canvas.data")
    explainer.action("edit").click()
    explainer.until("() => document.querySelectorAll('.palette [data-code]').length === 512")
    other = (explainer.indices()[0] + 1) % 512
    explainer.page.locator(f".palette [data-code='{other}']").click()
    explainer.cell("indices", 0).click()
    explainer.until("(code) => explainer.store.get('edited')?.[0][0] === code", other)
    explainer.until("() => explainer.store.get('editedReconstruction')")
    assert (explainer.canvas("[data-stage=reconstruction] canvas.data") != before).any()
    assert "You changed 1 of 1 code." in explainer.page.locator(".edit-status").inner_text()


@pytest.mark.parametrize("name", SHAPES)
def test_matrices_have_the_models_sizes(visit: Visit, zoo: Server, name: str) -> None:
    details = Details(look(visit, zoo, name)).open()
    stages = details.told("stages")
    for stage in ("feature_vectors", "distances", "quantized_vectors"):
        assert list(details.size(stage)) == stages[stage]
    assert list(details.size("embeddings")) == stages["embeddings"][::-1]
    # Thin as they are, every row has a height and every column a width that can be pointed at.
    rows, columns = details.size("distances")
    box = details.matrix("distances").locator(".entries").bounding_box()
    assert box
    assert box["height"] / rows >= 5
    assert box["width"] / columns >= 2.9
    code = details.explainer.indices()[0]
    details.point("distances", 0, code, click=True)
    assert f"distances[0, {code}]" in details.page.locator(".arithmetic-title").inner_text()


@pytest.mark.parametrize("name", SHAPES)
def test_backwards_too(visit: Visit, zoo: Server, name: str) -> None:
    details = Details(look(visit, zoo, name)).open()
    details.explainer.action("backward").click()
    details.explainer.until("() => explainer.store.get('gradients')")
    bars = details.page.locator("[data-gradient-loss=codebook] [data-item]")
    assert bars.count() == details.told("stages")["embeddings"][0]
    used = set(details.explainer.indices())
    told = bars.evaluate_all("(bars) => bars.filter((bar) => bar.dataset.norm !== '0').map((bar) => +bar.dataset.item)")
    assert set(told) <= used
