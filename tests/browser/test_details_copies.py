"""Numbers are copied as CSV; cells fly to their rows."""

import io

import numpy as np
import pytest

from tests.browser.conftest import Visit
from tests.browser.details import FRONTS, MATRICES, Details
from tests.browser.explainer import Explainer

READ = "() => navigator.clipboard.readText()"
# In one go each, from the click to the last measure: what they show goes away after a while.
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
REFUSE = "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('forbidden')); }"


def expected(details: Details, stage: str) -> np.ndarray:
    """What a copy of a stage should hold, in the shape of the stage; cubes as a line for each cell."""
    vectors = details.vectors(stage)
    return vectors.reshape(details.told("stages")["indices"]) if stage == "indices" else vectors


@pytest.fixture
def details(five: Explainer) -> Details:
    return Details(five).open()


def test_numbers_are_copied(visit: Visit) -> None:
    explainer = visit(permissions=["clipboard-read", "clipboard-write"])
    explainer.example(5)
    details = Details(explainer).open()
    for stage in MATRICES:
        details.page.locator(f"[data-action=copy-csv][data-stage={stage}]").click()
        explainer.until(
            "(stage) => document.querySelector('.notice-text').textContent.startsWith(`Copied ${stage} as CSV`)", stage
        )
        copied = np.loadtxt(io.StringIO(explainer.evaluate(READ)), delimiter=",")
        values = expected(details, stage)
        assert copied.shape == values.shape, stage
        np.testing.assert_allclose(copied, values, rtol=1e-7, atol=1e-9, err_msg=stage)
        assert f"{values.shape[0]} rows of {values.shape[1]}" in explainer.notice()


def test_numbers_are_shown_where_copying_is_forbidden(details: Details) -> None:
    details.explainer.evaluate(REFUSE)
    details.page.locator("[data-action=copy-csv][data-stage=distances]").click()
    field = details.page.locator("dialog.copy textarea")
    field.wait_for(state="visible")
    shown = np.loadtxt(io.StringIO(field.input_value()), delimiter=",")
    np.testing.assert_allclose(shown, expected(details, "distances"), rtol=1e-7, atol=1e-9)
    start, end = field.evaluate("(field) => [field.selectionStart, field.selectionEnd]")
    assert end - start == len(field.input_value())
    details.page.locator("dialog.copy button").click()
    field.wait_for(state="hidden")


def test_without_motion_bands_show_the_reshape(details: Details) -> None:
    details.explainer.action("reshape").click()
    details.explainer.until("() => document.querySelector('.flights .band')")
    assert details.page.locator(".flights .flyer").count() == 0
    assert details.page.evaluate("() => document.getAnimations().length") == 0
    details.explainer.until("() => !document.querySelector('.flights').children.length")


def test_a_band_stands_on_its_cell_and_on_its_row(details: Details) -> None:
    row = details.explainer.inked_row()
    details.point("feature_vectors", row, 3, click=True)
    details.explainer.until("() => explainer.store.get('pinned')")
    button = details.explainer.action("reshape")
    assert button.inner_text() == f"Show it for ({row // 7}, {row % 7})"
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


def test_cells_fly_to_their_rows(visit: Visit) -> None:
    explainer = visit(reduced_motion="no-preference")
    explainer.stroke((6, 6), (14, 20), (22, 6))
    details = Details(explainer).open()
    plots = {
        stage: details.matrix(stage).locator(".matrix-plot").bounding_box()
        for stage in (*FRONTS, "feature_vectors", "quantized_vectors")
    }
    assert all(plots.values())
    # The first cell of the features is under way to the first row, and arrives.
    ends = explainer.action("reshape").evaluate(ENDS)
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
    explainer.until("() => !document.querySelector('.flights').children.length")
