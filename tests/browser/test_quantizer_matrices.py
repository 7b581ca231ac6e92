"""The matrices show the numbers of the trace, live; pointing at one highlights its vector everywhere."""

import io
import math

import numpy as np
import pytest

from tests.browser.details import FRONTS, MATRICES, PAINTS, ROWS, Details
from tests.browser.explainer import GRIDS, Explainer, number

GREY = tuple(stage for stage in MATRICES if stage != "indices")
LEGEND = ".scale-text"

# Run at once, from the click to the last measurement: what they measure disappears after a while.
BANDS = """(button) => {
  button.click();
  return Array.from(document.querySelectorAll(".flights .band"), (band) => {
    const { x, y, width, height } = band.getBoundingClientRect();
    return { x, y, width, height };
  });
}"""
ENDS = """(button) => {
  button.click();
  return Array.from(document.querySelectorAll(".flights .flyer"), (flyer) => {
    const [flight] = flyer.getAnimations();
    flight.pause();
    return [0, 1].map((end) => {
      flight.currentTime = end ? flight.effect.getComputedTiming().endTime : 0;
      const { x, y, width, height } = flyer.getBoundingClientRect();
      return [x, y, width, height];
    });
  });
}"""
LANDED = "() => !document.querySelector('.flights').children.length"

# As in a browser that forbids copying; `restore` puts the clipboard back.
FORBID_COPYING = """() => {
  const { clipboard } = navigator;
  const original = clipboard.writeText;
  clipboard.writeText = () => Promise.reject(new Error("forbidden"));
  globalThis.restore = () => { clipboard.writeText = original; };
}"""


@pytest.fixture
def details(five: Explainer) -> Details:
    return Details(five).open()


# What they show.


def test_their_shapes_are_those_of_the_stages(details: Details) -> None:
    stages = details.explainer.model("stages")
    height, width, _ = stages["features"]
    for stage in MATRICES:
        expected = tuple(stages[stage])
        if stage == "embeddings":
            expected = expected[::-1]  # transposed
        elif stage == "indices":
            expected = (height * width, 1)
        assert details.size(stage) == expected[:2]
        assert details.matrix(stage).locator(".shape").inner_text() == "×".join(map(str, stages[stage]))


def test_vectors_are_shown_from_black_to_white(details: Details) -> None:
    for stage in GREY:
        shown = details.shown(stage).astype(int)
        assert (np.ptp(shown, axis=2) == 0).all(), stage
        assert np.abs(shown[..., 0] - details.greys(stage)).max() <= 1, stage
        if stage in ROWS:
            vectors = details.vectors(stage)
            rows = np.arange(len(vectors))
            assert (shown[rows, vectors.argmax(1), 0] == 255).all(), stage
            assert (shown[rows, vectors.argmin(1), 0] == 0).all(), stage


def test_each_argmin_is_outlined_in_its_codes_colour(details: Details) -> None:
    indices = details.explainer.indices()
    assert indices == details.distances().argmin(1).tolist()
    pixels = details.explainer.canvas(".matrix[data-stage=distances] canvas.data")[:, :, :3].astype(int)
    rows, columns = details.size("distances")
    box = details.matrix("distances").locator("canvas.data").bounding_box()
    assert box
    down, across = box["height"] / rows, box["width"] / columns
    palette = details.explainer.palette()
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
    np.testing.assert_array_equal(shown, details.explainer.palette()[details.explainer.indices()])


def test_they_change_with_every_stroke(details: Details) -> None:
    explainer, mouse = details.explainer, details.page.mouse
    explainer.action("clear").click()
    explainer.settled()
    mouse.move(*explainer.at((6, 6)))
    mouse.down()
    before = details.paints()
    mouse.move(*explainer.at((20, 20)), steps=4)
    # The pen is still down.
    moving = [name for name in before if "matrix-feature_vectors data" in name or "matrix-distances data" in name]
    assert moving
    explainer.until(f"([names, before]) => names.every((name) => ({PAINTS})()[name] > before[name])", [moving, before])
    mouse.up()
    explainer.settled()
    for end in ((22, 4), (4, 22)):
        shown = {stage: details.shown(stage) for stage in GREY}
        explainer.stroke((14, 14), end)
        for stage in set(GREY) - {"embeddings"}:
            assert (details.shown(stage) != shown[stage]).any(), stage
        details.check_greys(*GREY)
        np.testing.assert_array_equal(details.shown("embeddings"), shown["embeddings"])


def test_one_scale_for_all(details: Details) -> None:
    explainer = details.explainer
    by_row = {stage: details.shown(stage) for stage in GREY}
    legend_by_row = details.page.locator(LEGEND).inner_text()
    details.page.locator("[data-scaling=shared]").click()
    explainer.until("() => explainer.store.get('scaling') === 'shared'")
    assert details.page.locator("[data-scaling=shared]").get_attribute("aria-pressed") == "true"
    assert details.page.locator("[data-scaling=row]").get_attribute("aria-pressed") == "false"

    distances = details.distances()
    scale = explainer.model("scale")
    for stage in GREY:
        ends = (distances.min(), distances.max()) if stage == "distances" else (scale["low"], scale["high"])
        shown = details.shown(stage)
        assert (shown != by_row[stage]).any(), stage
        assert np.abs(shown[..., 0] - details.greys(stage, ends)).max() <= 1, stage
    legend = details.page.locator(LEGEND).inner_text()
    assert legend != legend_by_row
    vectors, rest = legend.removeprefix("vectors ").split(", distances ")
    np.testing.assert_allclose([number(n) for n in vectors.split(" … ")], [scale["low"], scale["high"]], rtol=0.05)
    np.testing.assert_allclose(
        [number(n) for n in rest.split(" … ")], [distances.min(), distances.max()], rtol=0.05, atol=0.05
    )

    explainer.reload()
    details.open()
    assert details.page.locator("[data-scaling=shared]").get_attribute("aria-pressed") == "true"
    details.page.locator("[data-scaling=row]").click()
    explainer.until("() => explainer.store.get('scaling') === 'row'")
    np.testing.assert_array_equal(details.shown("distances"), by_row["distances"])


def test_the_legend_tells_the_range_of_a_row(details: Details) -> None:
    row = details.explainer.inked_row()
    details.point("distances", row, 3)
    text = details.page.locator(LEGEND).inner_text()
    feature, distance = text.removeprefix(f"row {row}: feature ").split(", distances ")
    for shown, values in ((feature, details.features()[row]), (distance, details.distances()[row])):
        ends = [number(n) for n in shown.split(" … ")]
        np.testing.assert_allclose(ends, [values.min(), values.max()], rtol=0.05, atol=0.05)


def test_a_channel_is_chosen_for_the_fronts(five: Explainer) -> None:
    five.page.locator("input[name=channel]").fill("9")
    five.until("() => explainer.store.get('channel') === 9")
    Details(five).open().check_greys(*FRONTS)


def test_a_phone_shows_the_same(phone: Explainer) -> None:
    Details(phone.show_example(5)).open().check_greys(*GREY)


# Pointing.


def test_pointing_paints_no_data(details: Details) -> None:
    before = details.paints()
    assert len(before) > len(MATRICES)
    for stage in MATRICES:
        rows, columns = details.size(stage)
        for row in (0, rows // 2):
            details.point(stage, row, row % columns)
        details.line(stage).hover()
        details.explainer.until("(stage) => explainer.store.get('selection')?.stage === stage", stage)
    details.point("distances", 24, 3, click=True)
    details.page.keyboard.press("ArrowDown")
    details.page.keyboard.press("Escape")
    details.explainer.point_at_nothing()
    assert details.paints() == before


def test_a_row_is_the_same_vector_everywhere(details: Details) -> None:
    explainer = details.explainer
    row = explainer.inked_row()
    height, width = explainer.model("stages")["indices"]
    cell = [row // width, row % width]
    wires = details.page.locator(".wires")
    for stage in (*ROWS, *FRONTS):
        details.point(stage, *(cell if stage in FRONTS else (row, 0)))
        code = 0 if stage == "distances" else None
        assert explainer.get("selection") == {"cell": cell, "code": code, "stage": stage}

        for view in GRIDS:
            assert explainer.marks(view) == {"selected": [row]}, (stage, view)
        for view in ("features", "quantized"):
            assert explainer.canvas(f".part-{view} canvas.highlight").any(), (stage, view)
        for matrix in ROWS:
            alpha = explainer.canvas(f".matrix[data-stage={matrix}] canvas.highlight")[:, :, 3]
            band = np.flatnonzero(alpha.any(1)) / alpha.shape[0] * height * width
            assert row - 0.6 <= band.min() <= row + 0.1, (stage, matrix)
            assert row + 0.9 <= band.max() + 1 / alpha.shape[0] <= row + 1.6, (stage, matrix)
        for matrix in FRONTS:
            alpha = explainer.canvas(f".matrix[data-stage={matrix}] canvas.highlight")[:, :, 3]
            for axis, (place, count) in enumerate(zip(cell, (height, width), strict=True)):
                band = np.flatnonzero(alpha.any(1 - axis)) / alpha.shape[axis] * count
                assert place - 0.4 <= band.min() <= band.max() <= place + 1.4, (stage, matrix)

        assert wires.is_visible()
        path = wires.locator(".link-line").get_attribute("d") or ""
        first = [float(n) for n in path.split("L")[0].removeprefix("M").split()]
        box = details.matrix("feature_vectors").locator(".matrix-plot").bounding_box()
        frame = wires.bounding_box()
        assert box
        assert frame
        assert first[1] + frame["y"] == pytest.approx(box["y"] + (row + 0.5) * box["height"] / (height * width), abs=2)

        explainer.point_at_nothing()
        assert explainer.marks("features") == {}
        assert details.matrix("distances").locator("canvas.highlight").is_hidden()
        assert wires.is_hidden()

    explainer.cell("features", row).hover()
    explainer.until("() => explainer.store.get('selection')?.cell")
    alpha = explainer.canvas(".matrix[data-stage=quantized_vectors] canvas.highlight")[:, :, 3]
    band = np.flatnonzero(alpha.any(1)) / alpha.shape[0] * 49
    assert row - 0.6 <= band.min() < band.max() <= row + 1.6


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


def test_numbers_are_read_under_a_lens(details: Details) -> None:
    lens = details.page.locator(".lens")
    assert lens.is_hidden()
    for stage in MATRICES:
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
        assert number(here.inner_text()) == pytest.approx(value, rel=0.06, abs=0.006), stage
        box, view = lens.bounding_box(), details.page.viewport_size
        assert box
        assert view
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= view["width"]

        details.explainer.point_at_nothing()
        assert lens.is_hidden()
        details.matrix(stage).locator(".entry").focus()
        details.explainer.until("(stage) => explainer.store.get('entry')?.stage === stage", stage)
        assert stage in details.page.locator(".lens-spoken").inner_text()
        details.page.evaluate("() => document.activeElement.blur()")


def test_numbers_are_reached_by_keyboard(details: Details) -> None:
    entry = details.matrix("distances").locator(".entry")
    entry.focus()
    for key, at in (
        ("Control+Home", (0, 0)),
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


# Copying.


def expected(details: Details, stage: str) -> np.ndarray:
    """What a copy of a stage should hold: the shape of the stage, and for cubes a line for each cell."""
    vectors = details.vectors(stage)
    return vectors.reshape(details.explainer.model("stages")["indices"]) if stage == "indices" else vectors


def test_numbers_are_copied_as_csv(details: Details) -> None:
    explainer = details.explainer
    details.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for stage in MATRICES:
        explainer.evaluate("() => { notices.length = 0; }")
        details.page.locator(f"[data-action=copy-csv][data-stage={stage}]").click()
        notice = explainer.notice()
        copied = np.loadtxt(io.StringIO(explainer.evaluate("() => navigator.clipboard.readText()")), delimiter=",")
        values = expected(details, stage)
        assert copied.shape == values.shape, stage
        np.testing.assert_allclose(copied, values, rtol=1e-7, atol=1e-9, err_msg=stage)
        assert stage in notice
        assert f"{values.shape[0]} rows of {values.shape[1]}" in notice


def test_numbers_are_shown_where_copying_is_forbidden(details: Details) -> None:
    details.explainer.evaluate(FORBID_COPYING)
    details.page.locator("[data-action=copy-csv][data-stage=distances]").click()
    field = details.page.locator("dialog.copy textarea")
    field.wait_for(state="visible")
    shown = np.loadtxt(io.StringIO(field.input_value()), delimiter=",")
    np.testing.assert_allclose(shown, expected(details, "distances"), rtol=1e-7, atol=1e-9)
    start, end = field.evaluate("(field) => [field.selectionStart, field.selectionEnd]")
    assert end - start == len(field.input_value())
    details.page.locator("dialog.copy button").click()
    field.wait_for(state="hidden")
    details.explainer.evaluate("() => restore()")


# The reshape.


def test_without_motion_bands_show_the_reshape(details: Details) -> None:
    details.explainer.action("reshape").click()
    details.explainer.until("() => document.querySelector('.flights .band')")
    assert details.page.locator(".flights .flyer").count() == 0
    assert details.page.evaluate("() => document.getAnimations().length") == 0
    details.explainer.until(LANDED)


def test_a_band_covers_its_cell_and_its_row(details: Details) -> None:
    row = details.explainer.inked_row()
    details.pin("feature_vectors", row, 3)
    button = details.explainer.action("reshape")
    assert f"({row // 7}, {row % 7})" in button.inner_text()
    found = button.evaluate(BANDS)
    assert len(found) == 4
    for n, (stage, rows, columns, i, j) in enumerate(
        (
            ("features", 7, 7, row // 7, row % 7),
            ("feature_vectors", 49, 1, row, 0),
            ("quantized", 7, 7, row // 7, row % 7),
            ("quantized_vectors", 49, 1, row, 0),
        )
    ):
        plot, band = details.matrix(stage).locator(".matrix-plot").bounding_box(), found[n]
        assert plot
        assert band["y"] == pytest.approx(plot["y"] + i * plot["height"] / rows, abs=1), stage
        assert band["x"] == pytest.approx(plot["x"] + j * plot["width"] / columns, abs=1), stage
        assert band["width"] == pytest.approx(plot["width"] / columns, abs=1), stage


def test_cells_fly_to_their_rows(details: Details) -> None:
    details.page.emulate_media(reduced_motion="no-preference")
    plots = {
        stage: details.matrix(stage).locator(".matrix-plot").bounding_box()
        for stage in (*FRONTS, "feature_vectors", "quantized_vectors")
    }
    assert all(plots.values())
    # Each cell of the features starts at its place and arrives at its row; the quantized ones fly back.
    ends = details.explainer.action("reshape").evaluate(ENDS)
    assert len(ends) == 98
    assert details.page.locator(".flights .band").count() == 0
    for n, (start, end) in enumerate(ends):
        row = n % 49
        front, rows = ("features", "feature_vectors") if n < 49 else ("quantized", "quantized_vectors")
        grid, lines = plots[front], plots[rows]
        assert grid
        assert lines
        side = grid["width"] / 7
        cell = [grid["x"] + row % 7 * side, grid["y"] + row // 7 * side, side, side]
        line = [lines["x"], lines["y"] + row * lines["height"] / 49, lines["width"], lines["height"] / 49]
        np.testing.assert_allclose([start, end], [cell, line] if n < 49 else [line, cell], atol=1.5)
    details.explainer.until(LANDED)
