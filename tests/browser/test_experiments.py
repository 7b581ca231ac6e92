"""Codes are edited, the quantizer is bypassed or its rows mixed up: what is shown is what the server computes."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from tests.browser.details import MATRICES, Details, post
from tests.browser.explainer import SIZE, Explainer
from tests.conftest import Server
from vqvae_explainer.explain.packing import unpack

Edit = Callable[[Explainer, int, int], None]

RECONSTRUCTION = "[data-stage=reconstruction] canvas.data"
VARIANTS = ("bypass", "wrong-reshape")
BADGES = {
    "bypass": {"indices", "quantized", "reconstruction"},
    "wrong-reshape": {"features", "indices", "quantized", "reconstruction"},
}
VARIANT_SHOWN = """(variant) => {
  const { store } = explainer;
  const trace = store.get("trace");
  return trace.variant === variant && (variant === "normal" || store.get("reference")?.pixels === trace.pixels);
}"""


# Line text, word in the last column, and whether it is struck through, of the lines that a what-if changes.
CHANGED = """() => Array.from(
  document.querySelectorAll("#listing-quantizer :is(.is-skipped, .is-instead)"),
  (row) => {
    const text = row.querySelector(".code-text");
    const line = getComputedStyle(text).textDecorationLine;
    return [text.textContent.trim(), row.querySelector(".code-mark")?.textContent ?? "", line === "line-through"];
  },
)"""
# Top, left, bottom and right of a frame, in pixels of the picture.
FRAME = """(frame) => {
  const [top, left, height, width] = ["top", "left", "height", "width"].map((key) => parseFloat(frame.style[key]));
  return [top, left, top + height, left + width].map((share) => (28 * share) / 100);
}"""


@pytest.fixture
def details(five: Explainer) -> Details:
    return Details(five).open()


# Editing codes.


def edit_with_the_mouse(explainer: Explainer, row: int, code: int) -> None:
    """Take a code on the brush and click a cell."""
    explainer.action("edit").click()
    explainer.page.locator(f".palette [data-code='{code}']").click()
    explainer.until("(code) => explainer.store.get('brushCode') === code", code)
    explainer.cell("indices", row).click()


def edit_with_the_keyboard(explainer: Explainer, row: int, code: int) -> None:
    """Pin a cell, then choose a code for it."""
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


def wait_for_edit(explainer: Explainer) -> None:
    """Wait until the edited grid has been decoded."""
    explainer.until("() => explainer.store.get('edited') && explainer.store.get('editedReconstruction')")


def another_code(explainer: Explainer, row: int) -> int:
    """A code other than the one in the cell: that of the blank corner."""
    indices = explainer.indices()
    assert indices[row] != indices[0]
    return indices[0]


def inner_row(explainer: Explainer) -> int:
    """An inked cell with neighbours on all sides."""
    row = explainer.inked_row()
    return int(np.clip(row // 7, 1, 5)) * 7 + int(np.clip(row % 7, 1, 5))


@pytest.mark.parametrize("edit", [edit_with_the_mouse, edit_with_the_keyboard])
@pytest.mark.parametrize("opened", [False, True], ids=["closed", "open"])
def test_an_edited_code_changes_the_picture_nearby(five: Explainer, shipped: Server, edit: Edit, opened: bool) -> None:
    """In the summary, whether the details are open or not."""
    details = Details(five)
    if opened:
        details.open()
    row = inner_row(five)
    code = another_code(five, row)
    own, before = five.indices(), details.reconstruction()
    canvas = five.canvas(RECONSTRUCTION)
    edit(five, row, code)
    wait_for_edit(five)
    grid = np.array(five.get("edited"))
    assert grid.ravel().tolist() == [*own[:row], code, *own[row + 1 :]]
    assert five.indices() == own  # what the model chose stays in the trace

    after = details.reconstruction()
    change = (after - before) ** 2
    assert change.max() > 0.01
    i, j = divmod(row, 7)
    window = change[max(0, 4 * i - 4) : 4 * i + 8, max(0, 4 * j - 4) : 4 * j + 8]
    assert window.sum() >= 0.9 * change.sum()
    decoded = np.array(post(shipped.url, "decode", indices=grid.tolist())["reconstruction"])
    assert np.abs(after - decoded).max() <= 1.01 / 255

    assert five.page.locator("[data-badge=indices]").inner_text() == "edited"
    assert five.page.locator("[data-badge=reconstruction]").is_visible()
    assert "1 of 49 codes" in five.page.locator(".edit-status").inner_text()
    cell = five.cell("indices", row)
    assert cell.get_attribute("data-changed") is not None
    cell.focus()
    label = cell.get_attribute("aria-label") or ""
    assert f"code {code}" in label
    assert str(own[row]) in label.split(f"code {code}")[1]

    five.page.mouse.move(2, 2)
    five.action("edit-reset").click()
    five.until("() => !explainer.store.get('edited')")
    np.testing.assert_array_equal(five.canvas(RECONSTRUCTION), canvas)
    assert five.page.locator("[data-badge=indices]").is_hidden()
    assert five.page.locator("[data-action=edit-reset]").is_hidden()
    assert "model’s own" in five.page.locator(".edit-status").inner_text()


def test_matrices_show_the_edited_grid(details: Details) -> None:
    explainer = details.explainer
    before = {stage: details.shown(stage) for stage in ("distances", "quantized_vectors", "quantized")}
    row = inner_row(explainer)
    edit_with_the_mouse(explainer, row, another_code(explainer, row))
    wait_for_edit(explainer)
    changed = (details.shown("quantized_vectors") != before["quantized_vectors"]).any((1, 2))
    assert np.flatnonzero(changed).tolist() == [row]
    details.check_greys("quantized_vectors", "quantized")
    np.testing.assert_array_equal(details.shown("distances"), before["distances"])


def test_drawing_restores_the_models_codes(five: Explainer) -> None:
    row = inner_row(five)
    edit_with_the_mouse(five, row, another_code(five, row))
    wait_for_edit(five)
    before = five.page.locator(".edit-status").inner_text()
    five.page.keyboard.press("Escape")
    five.stroke((4, 24), (24, 24))
    five.until("() => !explainer.store.get('edited') && !explainer.store.get('editedReconstruction')")
    assert np.abs(Details(five).reconstruction() - five.tensor("reconstruction")).max() <= 1.01 / 255
    assert five.page.locator("[data-badge=indices]").is_hidden()
    assert five.page.locator(".edit-status").inner_text() != before


def test_undo_takes_back_edits_one_by_one_and_keeps_the_drawing(five: Explainer) -> None:
    """Strokes, clears and edits are one list."""
    press = five.page.keyboard.press
    drawn, own = five.ink(), five.indices()
    row = inner_row(five)
    code = another_code(five, row)
    edit_with_the_mouse(five, row, code)
    wait_for_edit(five)
    first = five.get("edited")
    other = next(other for other in range(49) if other != row and own[other] != code)
    five.cell("indices", other).click()
    five.until("(n) => explainer.store.get('edited').flat().filter((code, row) => code !== n[row]).length === 2", own)
    second = five.get("edited")
    assert five.action("redo").is_disabled()

    for key, grid in (("Control+z", first), ("Control+z", None), ("Control+Shift+Z", first), ("Control+y", second)):
        press(key)
        five.settled()
        assert five.get("edited") == grid, key
        np.testing.assert_array_equal(five.ink(), drawn)
    five.action("undo").click()
    five.action("undo").click()
    five.settled()
    assert five.get("edited") is None
    five.action("redo").click()
    five.settled()
    assert five.get("edited") == first
    five.action("clear").click()
    five.settled()
    assert five.action("redo").is_disabled()
    assert not five.ink().any()
    press("Control+z")
    five.settled()
    assert five.get("edited") == first
    np.testing.assert_array_equal(five.ink(), drawn)
    five.reset()
    assert five.action("undo").is_disabled()


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
    wait_for_edit(five)
    grid = np.array(five.get("edited")).ravel().tolist()
    assert grid == [*own[:14], *[code] * 7, *own[21:]]
    five.page.keyboard.press("Control+z")  # a drag is one step
    assert five.get("edited") is None
    five.page.keyboard.press("Control+y")
    five.page.keyboard.press("Escape")
    assert five.get("brushCode") is None
    assert five.get("edited") is not None


def test_each_code_has_a_picture_of_what_it_draws(five: Explainer) -> None:
    five.action("edit").click()
    five.page.locator(".palette [data-code='19']").wait_for(state="visible")
    assert five.page.locator(".palette .code-drawing").count() == 20
    packed = five.model("code_pictures")
    pictures = unpack(packed)
    _, height, width = packed["shape"]
    assert height < SIZE
    for code in (0, 7, 19):
        shown = five.canvas(f".palette [data-code='{code}'] .code-drawing")[:, :, 0] / 255
        assert shown.shape == (height, width)
        assert np.abs(shown - pictures[code]).max() <= 1 / 255
    assert pictures.max() > 0.5


# What if the quantizer were bypassed, or its rows mixed up?


def switch(details: Details, action: str, variant: str) -> None:
    """Press a switch, and wait until the page shows that variant."""
    details.explainer.action(action).click()
    details.explainer.until(VARIANT_SHOWN, variant).settled()


def badges(details: Details) -> set[str]:
    """The parts of the summary that are labelled as not the model's own."""
    return set(
        details.page.locator("[data-badge]:visible").evaluate_all("(all) => all.map((badge) => badge.dataset.badge)")
    )


def test_variants_are_what_the_server_computes(details: Details, shipped: Server) -> None:
    explainer = details.explainer
    own = explainer.canvas(RECONSTRUCTION)
    pixels = explainer.base64_pixels()
    normal = post(shipped.url, "trace", pixels=pixels)
    for variant in VARIANTS:
        switch(details, variant, variant)
        expected = post(shipped.url, "trace", pixels=pixels, variant=variant)
        shown = details.reconstruction()
        assert np.abs(shown - np.array(expected["reconstruction"])).max() <= 1.01 / 255
        assert np.abs(shown - np.array(normal["reconstruction"])).max() > 0.02
        assert explainer.indices() == np.ravel(expected["indices"]).tolist()
        for key in ("features", "distances"):
            assert np.abs(explainer.tensor(key) - np.array(expected[key])).max() <= 1e-3 * np.ptp(expected[key])

        section = details.page.locator(f".experiment[data-variant={variant}]")
        for side, trace in (("normal", normal), ("variant", expected)):
            error = section.locator(f"[data-error={side}]").inner_text()
            assert float(error) == pytest.approx(trace["losses"]["reconstruction"], abs=1e-4)
            picture = explainer.picture(f"[data-variant={variant}] canvas.{side}")[:, :, 0] / 255
            assert np.abs(picture - np.array(trace["reconstruction"])).max() <= 1.01 / 255
        assert len(section.locator(".verdict").inner_text()) > 20
        assert badges(details) == BADGES[variant]

        switch(details, variant, "normal")
        assert badges(details) == set()
        assert section.locator(".comparison").is_hidden()
        np.testing.assert_array_equal(explainer.canvas(RECONSTRUCTION), own)


def test_the_wrong_reshape_is_that_very_mistake(details: Details) -> None:
    """Against NumPy: channels stay first, and the numbers are cut into rows all the same."""
    features = details.explainer.tensor("features").astype(np.float64)
    embeddings = details.embeddings()
    switch(details, "wrong-reshape", "wrong-reshape")
    rows = features.transpose(2, 0, 1).reshape(-1, features.shape[-1])
    np.testing.assert_allclose(details.features(), rows, atol=2 * np.ptp(rows) / 65535)
    distances = np.square(rows[:, None] - embeddings).sum(2)
    np.testing.assert_allclose(details.distances(), distances, atol=1e-3 * distances.max())
    assert details.explainer.indices() == distances.argmin(1).tolist()
    details.check_greys(*(set(MATRICES) - {"indices"}))
    error = details.page.locator("[data-variant=wrong-reshape] [data-quantization=variant]").inner_text()
    assert float(error) == pytest.approx(distances.min(1).mean() / features.shape[-1], rel=1e-3, abs=1e-4)


def test_one_experiment_at_a_time(details: Details) -> None:
    def pressed() -> set[str]:
        actions = (*VARIANTS, "edit")
        return {name for name in actions if details.explainer.action(name).get_attribute("aria-pressed") == "true"}

    for action, variant in (("bypass",) * 2, ("wrong-reshape",) * 2, ("edit", "normal"), ("bypass",) * 2):
        switch(details, action, variant)
        assert pressed() == {action}
        assert details.page.locator("[data-variant] .comparison:visible").count() == (action != "edit")


def test_a_variant_follows_the_drawing_and_ends_with_the_details(details: Details, shipped: Server) -> None:
    switch(details, "bypass", "bypass")
    details.explainer.stroke((4, 22), (24, 22))
    details.explainer.until(VARIANT_SHOWN, "bypass")
    pixels = details.explainer.base64_pixels()
    expected = post(shipped.url, "trace", pixels=pixels, variant="bypass")
    assert np.abs(details.reconstruction() - np.array(expected["reconstruction"])).max() <= 1.01 / 255
    normal = post(shipped.url, "trace", pixels=pixels)["losses"]["reconstruction"]
    shown = details.page.locator("[data-variant=bypass] [data-error=normal]").inner_text()
    assert float(shown) == pytest.approx(normal, abs=1e-4)
    details.page.keyboard.press("v")
    details.explainer.until(VARIANT_SHOWN, "normal")
    assert badges(details) == set()


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_listing_shows_what_ran(details: Details, variant: str) -> None:
    """The lines that the server names are struck through, and what ran is in their place."""
    explainer = details.explainer
    assert explainer.evaluate(CHANGED) == []
    before = details.page.locator("#listing-quantizer .code-line").count()
    switch(details, variant, variant)
    (listing,) = [listing for listing in explainer.model("listings") if listing["id"] == "quantizer"]

    def text(line: dict[str, Any]) -> str:
        return "".join(part for _, part in line["tokens"]).strip()

    expected = []
    for line in listing["lines"]:
        skipped = variant in line["skipped_in"]
        if skipped:
            expected.append([text(line), "skipped", True])
        for substitute in listing["substitutes"]:
            if substitute["what_if"] == variant and substitute["after"] == line["number"]:
                word = "ran instead" if skipped else "ran as well"
                expected += [[text(line), word, False] for line in substitute["lines"]]
    assert explainer.evaluate(CHANGED) == expected
    assert any(struck for _, _, struck in expected)

    # Only what ran is outlined, and the keyboard reaches it.
    stage = "features" if variant == "wrong-reshape" else "quantized"
    ran = details.page.locator(f"#listing-quantizer .is-instead[data-stage={stage}]")
    ran.hover()
    explainer.until("(stage) => explainer.store.get('selection')?.stage === stage", stage)
    assert ran.evaluate("(row) => row.classList.contains('is-linked')")
    assert details.page.locator("#listing-quantizer .is-skipped.is-linked").count() == 0
    details.page.mouse.move(2, 2)
    switch(details, variant, "normal")
    assert explainer.evaluate(CHANGED) == []
    assert details.page.locator("#listing-quantizer .code-line").count() == before


def test_rows_of_the_wrong_reshape_are_described_by_what_they_hold(details: Details) -> None:
    """A row is 16 consecutive numbers of the channels-first tensor: lens, arithmetic, captions and frames say so."""
    explainer = details.explainer
    caption = details.page.locator(".matrix-feature_vectors [data-caption]:visible")
    assert "Cell (i, j) becomes row" in caption.inner_text()
    switch(details, "wrong-reshape", "wrong-reshape")
    assert "Row r: 16 consecutive numbers" in caption.inner_text()
    assert details.page.locator("[data-action=reshape]").is_hidden()

    places = np.stack(np.unravel_index(np.arange(16 * 49), (16, 7, 7)), axis=1).reshape(49, 16, 3)
    fields = explainer.model("fields")
    for row, d in ((7, 1), (0, 0), (24, 15)):
        details.point("feature_vectors", row, d)
        channel, i, j = places[row, d]
        title = details.page.locator(".lens-title").inner_text()
        assert title.startswith(f"row {row}, number {d}, channel {channel} of cell ({i}, {j}): ")
        heading = details.page.locator(".arithmetic-title").inner_text()
        assert f"from row {row} (channel {places[row, 0, 0]} from ({places[row, 0, 1]}, {places[row, 0, 2]})" in heading
        assert "cell" not in heading
        cells = places[row, :, 1:]
        for field, picture in (("reads", ".given-picture"), ("writes", "[data-stage=reconstruction] .picture")):
            boxes = np.clip([fields[field][i][j] for i, j in cells], 0, 28)
            expected = [*boxes[:, :2].min(0), *boxes[:, 2:].max(0)]
            shown = details.page.locator(f"{picture} .frame").evaluate(FRAME)
            np.testing.assert_allclose(shown, expected, atol=0.01)
        lit = explainer.marks("reconstruction")["selected"]
        assert lit == sorted({int(7 * i + j) for i, j in cells})
    explainer.cell("indices", 7).focus()
    label = explainer.cell("indices", 7).get_attribute("aria-label") or ""
    assert label.startswith("Row 7 of the wrong reshape")


def test_the_parts_of_an_error_add_up_as_printed(details: Details) -> None:
    switch(details, "bypass", "bypass")
    section = details.page.locator(".experiment[data-variant=bypass]")
    normal, variant = (Decimal(section.locator(f"[data-error={side}]").inner_text()) for side in ("normal", "variant"))
    found = re.search(r"adds (\d\.\d+) to .*, (\d+)% of", section.locator(".verdict").inner_text())
    assert found
    assert variant + Decimal(found[1]) == normal
    assert round(100 * Decimal(found[1]) / normal) == int(found[2])
