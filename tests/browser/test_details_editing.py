"""Codes are edited: the decoder draws the edited grid, the page says so, and the model's own comes back."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.browser.details import Details, post
from tests.browser.explainer import SIZE, Explainer
from tests.conftest import Server
from vqvae_explainer.explain.packing import unpack

Edit = Callable[[Explainer, int, int], None]


def with_the_mouse(explainer: Explainer, row: int, code: int) -> None:
    """Take a code on the brush and click a cell."""
    explainer.action("edit").click()
    explainer.page.locator(f".palette [data-code='{code}']").click()
    explainer.until("(code) => explainer.store.get('brushCode') === code", code)
    explainer.cell("indices", row).click()


def with_the_keyboard(explainer: Explainer, row: int, code: int) -> None:
    """Pin a cell, then pick a code for it."""
    explainer.page.keyboard.press("c")
    explainer.until("() => explainer.store.get('editing')")
    explainer.cell("indices", 0).focus()
    for _ in range(row // 7):
        explainer.page.keyboard.press("ArrowDown")
    for _ in range(row % 7):
        explainer.page.keyboard.press("ArrowRight")
    explainer.page.keyboard.press("Enter")
    explainer.until("() => explainer.store.get('pinned')")
    assert f"({row // 7}, {row % 7})" in explainer.page.locator(".edit-hint").inner_text()
    explainer.page.locator(".palette [tabindex='0']").focus()
    explainer.page.keyboard.press("Home")
    for _ in range(code):
        explainer.page.keyboard.press("ArrowRight")
    explainer.page.keyboard.press("Enter")


EDITS = [pytest.param(with_the_mouse, id="mouse"), pytest.param(with_the_keyboard, id="keyboard")]


@pytest.fixture(params=[False, True], ids=["closed", "open"])
def page(five: Explainer, request: pytest.FixtureRequest) -> Explainer:
    """Editing works in the summary, whether the details are open or not."""
    if request.param:
        Details(five).open()
    return five


def edited(explainer: Explainer) -> None:
    """Wait until the edited grid has been decoded."""
    explainer.until("() => explainer.store.get('edited') && explainer.store.get('editedReconstruction')")


def another_code(explainer: Explainer, row: int) -> int:
    """A code unlike the one in the cell: that of the blank corner."""
    indices = explainer.indices()
    assert indices[row] != indices[0]
    return indices[0]


def inner_row(explainer: Explainer) -> int:
    """An inked cell whose surroundings are all in the picture."""
    row = explainer.inked_row()
    return int(np.clip(row // 7, 1, 5)) * 7 + int(np.clip(row % 7, 1, 5))


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_code_changes_the_picture_nearby(page: Explainer, edit: Edit, shipped: Server) -> None:
    details = Details(page)
    row = inner_row(page)
    code = another_code(page, row)
    own, before = page.indices(), details.reconstruction()
    canvas = page.canvas("[data-stage=reconstruction] canvas.data")
    edit(page, row, code)
    edited(page)
    grid = np.array(page.get("edited"))
    assert grid.ravel().tolist() == [*own[:row], code, *own[row + 1 :]]
    assert page.indices() == own  # what the model chose stays in the trace

    after = details.reconstruction()
    change = (after - before) ** 2
    assert change.max() > 0.01
    i, j = divmod(row, 7)
    window = change[max(0, 4 * i - 4) : 4 * i + 8, max(0, 4 * j - 4) : 4 * j + 8]
    assert window.sum() >= 0.9 * change.sum()
    decoded = np.array(post(shipped.url, "decode", indices=grid.tolist())["reconstruction"])
    assert np.abs(after - decoded).max() <= 1.01 / 255

    assert page.page.locator("[data-badge=indices]").inner_text() == "edited"
    assert page.page.locator("[data-badge=reconstruction]").is_visible()
    assert "You changed 1 of 49 codes" in page.page.locator(".edit-status").inner_text()

    page.page.mouse.move(2, 2)
    page.action("edit-reset").click()
    page.until("() => !explainer.store.get('edited')")
    np.testing.assert_array_equal(page.canvas("[data-stage=reconstruction] canvas.data"), canvas)
    assert page.page.locator("[data-badge=indices]").is_hidden()
    assert page.page.locator("[data-action=edit-reset]").is_hidden()
    assert "model’s own" in page.page.locator(".edit-status").inner_text()


def test_the_cell_is_marked_and_its_label_tells_both_codes(five: Explainer) -> None:
    row = inner_row(five)
    own, code = five.indices()[row], another_code(five, row)
    with_the_mouse(five, row, code)
    edited(five)
    cell = five.cell("indices", row)
    assert cell.get_attribute("data-changed") is not None
    cell.focus()
    label = cell.get_attribute("aria-label") or ""
    assert f"code {code}" in label
    assert f"the model’s was {own}" in label


def test_matrices_show_the_edited_grid(five: Explainer) -> None:
    details = Details(five).open()
    before = {stage: details.shown(stage) for stage in ("distances", "quantized_vectors", "quantized")}
    row = inner_row(five)
    with_the_mouse(five, row, another_code(five, row))
    edited(five)
    changed = (details.shown("quantized_vectors") != before["quantized_vectors"]).any((1, 2))
    assert np.flatnonzero(changed).tolist() == [row]
    assert np.abs(details.shown("quantized_vectors")[..., 0] - details.greys("quantized_vectors")).max() <= 1
    assert np.abs(details.shown("quantized")[..., 0] - details.greys("quantized")).max() <= 1
    np.testing.assert_array_equal(details.shown("distances"), before["distances"])


def test_drawing_brings_the_models_codes_back(page: Explainer) -> None:
    row = inner_row(page)
    with_the_mouse(page, row, another_code(page, row))
    edited(page)
    page.page.keyboard.press("Escape")
    page.stroke((4, 24), (24, 24))
    page.until("() => !explainer.store.get('edited') && !explainer.store.get('editedReconstruction')")
    details = Details(page)
    assert np.abs(details.reconstruction() - page.tensor("reconstruction")).max() <= 1.01 / 255
    assert page.page.locator("[data-badge=indices]").is_hidden()
    assert "You drew" in page.page.locator(".edit-status").inner_text()


def test_a_brush_paints_several_cells(five: Explainer) -> None:
    own = five.indices()
    code = next(code for code in range(20) if code not in own[14:21])
    five.action("edit").click()
    five.page.locator(f".palette [data-code='{code}']").click()
    five.until("(code) => explainer.store.get('brushCode') === code", code)
    ends = [five.cell("indices", row).bounding_box() for row in (14, 20)]
    mouse = five.page.mouse
    for n, box in enumerate(ends):
        assert box
        mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        if n == 0:
            mouse.down()
    mouse.up()
    edited(five)
    grid = np.array(five.get("edited")).ravel().tolist()
    assert grid == [*own[:14], *[code] * 7, *own[21:]]
    five.page.keyboard.press("Escape")
    assert five.get("brushCode") is None
    assert five.get("edited") is not None


def test_each_code_has_a_picture_of_what_it_draws(five: Explainer) -> None:
    five.action("edit").click()
    five.page.locator(".palette [data-code='19']").wait_for(state="visible")
    drawings = five.page.locator(".palette .code-drawing")
    assert drawings.count() == 20
    packed = five.evaluate("() => explainer.store.get('model').code_pictures")
    pictures = unpack(packed)
    _, height, width = packed["shape"]
    assert height < SIZE
    for code in (0, 7, 19):
        shown = five.canvas(f".palette [data-code='{code}'] .code-drawing")[:, :, 0] / 255
        assert shown.shape == (height, width)
        assert np.abs(shown - pictures[code]).max() <= 1 / 255
    assert pictures.max() > 0.5
