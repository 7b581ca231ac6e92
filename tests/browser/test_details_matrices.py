"""The matrices show the numbers of the trace, live; pointing at one lights its vector everywhere."""

import math

import numpy as np
import pytest

from tests.browser.conftest import Visit
from tests.browser.details import FRONTS, MATRICES, PAINTS, ROWS, Details
from tests.browser.explainer import GRIDS, Explainer

GREY = tuple(stage for stage in MATRICES if stage != "indices")
LEGEND = ".scale-text"


@pytest.fixture
def details(five: Explainer) -> Details:
    return Details(five).open()


def test_their_shapes_are_those_of_the_stages(details: Details) -> None:
    stages = details.told("stages")
    height, width, _ = stages["features"]
    for stage in MATRICES:
        expected = tuple(stages[stage])
        if stage == "embeddings":
            expected = expected[::-1]  # lies on its side
        elif stage == "indices":
            expected = (height * width, 1)
        assert details.size(stage) == expected[:2]
        assert details.matrix(stage).locator(".shape").inner_text() == "×".join(map(str, stages[stage]))


@pytest.mark.parametrize("stage", GREY)
def test_vectors_are_shown_from_black_to_white(details: Details, stage: str) -> None:
    shown = details.shown(stage).astype(int)
    assert (shown[..., 0] == shown[..., 1]).all()
    assert (shown[..., 0] == shown[..., 2]).all()
    assert np.abs(shown[..., 0] - details.greys(stage)).max() <= 1
    if stage in ROWS:
        vectors = details.vectors(stage)
        rows = np.arange(len(vectors))
        assert (shown[rows, vectors.argmax(1), 0] == 255).all()
        assert (shown[rows, vectors.argmin(1), 0] == 0).all()


def test_each_rows_argmin_is_outlined_in_its_codes_colour(details: Details) -> None:
    indices = details.explainer.indices()
    assert indices == details.distances().argmin(1).tolist()
    pixels = details.explainer.canvas(".matrix[data-stage=distances] canvas.data")[:, :, :3].astype(int)
    rows, columns = details.size("distances")
    down, across = pixels.shape[0] / rows, pixels.shape[1] / columns
    palette = details.palette()
    colored = np.ptp(pixels, axis=2) > 12
    for row, code in enumerate(indices):
        corner = pixels[math.ceil(row * down), math.ceil(code * across)]
        assert np.abs(corner - palette[code]).max() <= 2, (row, code)
        for other in set(range(columns)) - {code - 1, code, code + 1}:
            inside = colored[math.ceil(row * down + 1) : int((row + 1) * down - 1), int((other + 0.5) * across)]
            assert not inside.any(), (row, other)


def test_indices_have_their_codes_colours(details: Details) -> None:
    pixels = details.explainer.canvas(".matrix[data-stage=indices] canvas.data")
    rows, _ = details.size("indices")
    down = pixels.shape[0] / rows
    shown = np.array([pixels[int((row + 0.5) * down), 4, :3] for row in range(rows)])
    np.testing.assert_array_equal(shown, details.palette()[details.explainer.indices()])


def test_they_move_with_every_stroke(details: Details) -> None:
    mouse = details.page.mouse
    details.explainer.action("clear").click()
    details.explainer.settled()
    mouse.move(*details.explainer.at((6, 6)))
    mouse.down()
    # The pen is still down.
    before = details.paints()
    mouse.move(*details.explainer.at((20, 20)), steps=4)
    moving = [name for name in before if "matrix-feature_vectors" in name or "matrix-distances" in name]
    assert len(moving) >= 2
    seen = [name for name in moving if "code-labels" not in name]
    details.explainer.until(
        f"(before) => {{ const now = ({PAINTS})(); return before.every(([name, n]) => now[name] > n); }}",
        [[name, before[name]] for name in seen],
    )
    mouse.up()
    for end in ((22, 6), (6, 22)):
        details.explainer.settled()
        shown = {stage: details.shown(stage) for stage in MATRICES}
        details.explainer.stroke((14, 14), end)
        for stage in set(GREY) - {"embeddings"}:
            assert (details.shown(stage) != shown[stage]).any(), stage
            assert np.abs(details.shown(stage)[..., 0] - details.greys(stage)).max() <= 1, stage
        np.testing.assert_array_equal(details.shown("embeddings"), shown["embeddings"])


def test_one_scale_for_all(details: Details) -> None:
    by_row = {stage: details.shown(stage) for stage in GREY}
    assert "own lowest" in details.page.locator(LEGEND).inner_text()
    details.page.locator("[data-scaling=shared]").click()
    details.explainer.until("() => explainer.store.get('scaling') === 'shared'")
    assert details.page.locator("[data-scaling=shared]").get_attribute("aria-pressed") == "true"
    assert details.page.locator("[data-scaling=row]").get_attribute("aria-pressed") == "false"

    distances = details.distances()
    scale = details.told("scale")
    for stage in GREY:
        ends = (distances.min(), distances.max()) if stage == "distances" else (scale["low"], scale["high"])
        shown = details.shown(stage)
        assert (shown != by_row[stage]).any(), stage
        assert np.abs(shown[..., 0] - details.greys(stage, ends)).max() <= 1, stage
    legend = details.page.locator(LEGEND).inner_text().replace("−", "-")
    assert legend.startswith("vectors ")
    vectors, told = legend.removeprefix("vectors ").split(", distances ")
    np.testing.assert_allclose([float(n) for n in vectors.split(" … ")], [scale["low"], scale["high"]], rtol=0.05)
    np.testing.assert_allclose(
        [float(n) for n in told.split(" … ")], [distances.min(), distances.max()], rtol=0.05, atol=0.05
    )

    details.page.reload()
    details.explainer.until("() => globalThis.explainer?.store.get('model')").settled()
    details.open()
    assert details.explainer.get("scaling") == "shared"
    details.page.locator("[data-scaling=row]").click()
    details.explainer.until("() => explainer.store.get('scaling') === 'row'")
    np.testing.assert_array_equal(details.shown("distances"), by_row["distances"])


def test_the_legend_tells_the_range_of_a_row(details: Details) -> None:
    row = details.explainer.inked_row()
    details.point("distances", row, 3)
    text = details.page.locator(LEGEND).inner_text().replace("−", "-")
    feature, distance = text.removeprefix(f"row {row}: feature ").split(", distances ")
    for told, values in ((feature, details.features()[row]), (distance, details.distances()[row])):
        ends = [float(n) for n in told.split(" … ")]
        np.testing.assert_allclose(ends, [values.min(), values.max()], rtol=0.05, atol=0.05)


def test_pointing_paints_no_data(details: Details) -> None:
    before = details.paints()
    assert len(before) > len(MATRICES)
    for stage in MATRICES:
        rows, columns = details.size(stage)
        for row in range(0, rows, max(1, rows // 3)):
            details.point(stage, row, row % columns)
    for stage in MATRICES:
        details.line(stage).hover()
        details.explainer.until("(stage) => explainer.store.get('selection')?.stage === stage", stage)
    details.point("distances", 24, 3, click=True)
    details.page.keyboard.press("ArrowDown")
    details.page.keyboard.press("Escape")
    details.leave()
    assert details.paints() == before


@pytest.mark.parametrize("stage", [*ROWS, *FRONTS])
def test_a_row_is_the_same_vector_everywhere(details: Details, stage: str) -> None:
    row = details.explainer.inked_row()
    height, width = details.told("stages")["indices"]
    cell = [row // width, row % width]
    if stage in FRONTS:
        details.point(stage, *cell)
    else:
        details.point(stage, row, 0)
    code = None if stage != "distances" else 0
    assert details.explainer.get("selection") == {"cell": cell, "code": code, "stage": stage}

    for view in GRIDS:
        assert details.explainer.marks(view) == {"selected": [row]}
    for view in ("features", "quantized"):
        assert details.explainer.canvas(f".part-{view} canvas.highlight").any()
    for matrix in ROWS:
        alpha = details.explainer.canvas(f".matrix[data-stage={matrix}] canvas.highlight")[:, :, 3]
        band = np.flatnonzero(alpha.any(1)) / alpha.shape[0] * height * width
        assert row - 0.6 <= band.min() <= row + 0.1, matrix
        assert row + 0.9 <= band.max() + 1 / alpha.shape[0] <= row + 1.6, matrix
    for matrix in FRONTS:
        alpha = details.explainer.canvas(f".matrix[data-stage={matrix}] canvas.highlight")[:, :, 3]
        for axis, (place, count) in enumerate(zip(cell, (height, width), strict=True)):
            band = np.flatnonzero(alpha.any(1 - axis)) / alpha.shape[axis] * count
            assert place - 0.4 <= band.min() <= band.max() <= place + 1.4, matrix

    wires = details.page.locator(".wires")
    assert wires.is_visible()
    path = wires.locator(".link-line").get_attribute("d") or ""
    first = [float(n) for n in path.split("L")[0].removeprefix("M").split()]
    box = details.matrix("feature_vectors").locator(".matrix-plot").bounding_box()
    frame = wires.bounding_box()
    assert box
    assert frame
    assert first[1] + frame["y"] == pytest.approx(box["y"] + (row + 0.5) * box["height"] / (height * width), abs=2)

    details.leave()
    assert details.explainer.marks("features") == {}
    assert details.matrix("distances").locator("canvas.highlight").is_hidden()
    assert wires.is_hidden()


def test_a_column_of_the_codebook_lights_its_rows(details: Details) -> None:
    indices = details.explainer.indices()
    code = indices[details.explainer.inked_row()]
    details.point("embeddings", 4, code)
    users = [row for row, used in enumerate(indices) if used == code]
    assert details.explainer.marks("indices")["lit"] == users
    assert f"{len(users)} row" in details.page.locator(".arithmetic-hint").inner_text()
    picture = details.page.locator(".arithmetic .code-picture")
    assert picture.is_visible()
    assert str(code) in picture.locator("figcaption").inner_text()


def test_a_cell_of_the_summary_lights_its_row(details: Details) -> None:
    row = details.explainer.inked_row()
    details.explainer.cell("features", row).hover()
    details.explainer.until("() => explainer.store.get('selection')?.cell")
    alpha = details.explainer.canvas(".matrix[data-stage=quantized_vectors] canvas.highlight")[:, :, 3]
    band = np.flatnonzero(alpha.any(1)) / alpha.shape[0] * 49
    assert row - 0.6 <= band.min() < band.max() <= row + 1.6


@pytest.mark.parametrize("stage", MATRICES)
def test_numbers_are_read_under_a_lens(details: Details, stage: str) -> None:
    lens = details.page.locator(".lens")
    assert lens.is_hidden()
    rows, columns = details.size(stage)
    row, column = rows // 2, columns // 2
    details.point(stage, row, column)
    assert lens.is_visible()
    here = lens.locator("td.is-here")
    assert here.count() == 1
    vectors = details.vectors(stage)
    if stage == "embeddings":
        value = vectors[column, row]
    elif stage in FRONTS:
        value = vectors[row * columns + column, 0]
    else:
        value = vectors[row, column]
    assert float(here.inner_text().replace("−", "-")) == pytest.approx(value, rel=0.06, abs=0.006)
    box, view = lens.bounding_box(), details.page.viewport_size
    assert box
    assert view
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= view["width"]

    details.leave()
    assert lens.is_hidden()
    details.matrix(stage).locator(".entry").focus()
    details.explainer.until("() => explainer.store.get('entry')")
    assert stage in details.page.locator(".lens-spoken").inner_text()


def test_numbers_are_walked_by_keyboard(details: Details) -> None:
    entry = details.matrix("distances").locator(".entry")
    entry.focus()
    for key, at in (
        ("ArrowDown", (1, 0)),
        ("ArrowRight", (1, 1)),
        ("End", (1, 19)),
        ("ArrowRight", (1, 19)),
        ("Control+End", (48, 19)),
        ("ArrowUp", (47, 19)),
        ("Home", (47, 0)),
        ("Control+Home", (0, 0)),
    ):
        details.page.keyboard.press(key)
        details.explainer.until(
            "(at) => [explainer.store.get('entry')].every(({ row, column }) => row === at[0] && column === at[1])",
            at,
        )
        row, column = at
        assert details.explainer.get("selection") == {"cell": [row // 7, row % 7], "code": column, "stage": "distances"}
        assert f"row {row}" in (entry.get_attribute("aria-label") or "")
        assert entry.get_attribute("aria-colindex") == str(column + 1)
    details.page.keyboard.press("Enter")
    details.explainer.until("() => explainer.store.get('pinned')")
    details.page.keyboard.press("Escape")
    details.explainer.until("() => !explainer.store.get('pinned')")


def test_a_channel_is_chosen_for_the_fronts(details: Details) -> None:
    details.explainer.evaluate("() => explainer.store.set('channel', 9)")
    details.explainer.until("() => explainer.store.get('channel') === 9")
    for stage in FRONTS:
        assert np.abs(details.shown(stage)[..., 0] - details.greys(stage)).max() <= 1


def test_a_phone_shows_the_same(visit: Visit) -> None:
    explainer = visit(viewport={"width": 390, "height": 844}, device_scale_factor=2)
    explainer.example(5)
    details = Details(explainer).open()
    for stage in GREY:
        assert np.abs(details.shown(stage)[..., 0] - details.greys(stage)).max() <= 1, stage
