"""Point at a cell or a code: one selection drives every view, and no data are painted again."""

import numpy as np
import pytest

from tests.browser.explainer import GRIDS, Explainer

SELECTED = "(row) => explainer.store.get('selection')?.cell && explainer.store.get('trace').distances"
HIGHLIGHT = "[data-stage={}] canvas.highlight"


@pytest.fixture
def pointed(five: Explainer) -> Explainer:
    """The page with a cell pointed at."""
    five.cell("indices", five.inked_row()).hover()
    return five.until(SELECTED)


@pytest.mark.parametrize("stage", GRIDS)
def test_a_cell_is_selected_in_every_view(five: Explainer, stage: str) -> None:
    row = five.inked_row()
    paints = five.paints()
    five.cell(stage, row).hover()
    five.until(SELECTED)
    assert five.get("selection") == {"cell": [row // 7, row % 7], "code": None, "stage": stage}
    for view in GRIDS:
        assert five.marks(view) == {"selected": [row]}
    marks = five.marks("embeddings")
    distances = five.tensor("distances")[row]
    first, second = np.argsort(distances)[:2]
    assert marks["nearest"] == [first] == [five.indices()[row]]
    assert marks["second"] == [second]
    assert five.paints() == paints

    five.page.mouse.move(2, 2)
    five.until("() => !explainer.store.get('selection')")
    for view in GRIDS:
        assert five.marks(view) == {}
    assert five.paints() == paints


def test_hovering_many_cells_paints_no_data(five: Explainer) -> None:
    paints = five.paints()
    assert min(paints[name] for name in paints if "small" not in name) > 0
    for stage in GRIDS:
        for row in range(0, 49, 6):
            five.cell(stage, row).hover()
            five.until("(row) => document.querySelector(`[data-stage=indices] [data-item='${row}'][data-mark]`)", row)
    for code in range(0, 20, 6):
        five.cell("embeddings", code).hover()
    assert five.paints() == paints


def test_distances_stand_in_the_codebook(pointed: Explainer) -> None:
    distances = pointed.tensor("distances")[pointed.inked_row()]
    shown = [float(text) for text in pointed.stage("embeddings").locator(".code-figure").all_inner_texts()]
    np.testing.assert_allclose(shown, distances, rtol=0.05, atol=0.5)
    assert np.argmin(shown) == np.argmin(distances)


@pytest.mark.parametrize("stage", GRIDS)
def test_frames_show_what_a_cell_reads_and_writes(five: Explainer, stage: str) -> None:
    row = five.inked_row()
    five.cell(stage, row).hover()
    five.until(SELECTED)
    fields = five.evaluate("() => explainer.store.get('model').fields")
    pictures = (("reads", ".given-picture"), ("writes", "[data-stage=reconstruction] .picture"))
    for field, picture in pictures:
        frame = five.page.locator(f"{picture} .frame").bounding_box()
        canvas = five.page.locator(f"{picture} canvas").bounding_box()
        assert frame
        assert canvas
        x, y = frame["x"] - canvas["x"], frame["y"] - canvas["y"]
        shown = np.array([y, x, y + frame["height"], x + frame["width"]]) * 28 / canvas["width"]
        np.testing.assert_allclose(shown, np.clip(fields[field][row // 7][row % 7], 0, 28), atol=0.2)
    assert five.page.locator(".pad-picture .frame").is_visible()
    five.page.mouse.move(2, 2)
    five.until("() => !explainer.store.get('selection')")
    assert not five.page.locator(".figure .frame:visible").count()


def test_the_mapping_is_drawn_as_a_path(pointed: Explainer) -> None:
    """From the cell of the features to its code, and from there to the cell of the quantized."""
    row = pointed.inked_row()
    line = pointed.page.locator(".links .link-line")
    assert line.is_visible()
    ends = line.evaluate(
        """(path) => {
          const svg = path.ownerSVGElement.getBoundingClientRect();
          const [first, second] = path.getAttribute("d").split("M").filter(Boolean).map((part) => {
            const numbers = part.match(/-?[\\d.]+(e-?\\d+)?/g).map(Number);
            return [numbers.slice(0, 2), numbers.slice(-2)];
          });
          return [...first, ...second].map(([x, y]) => [x + svg.left, y + svg.top]);
        }"""
    )
    places = [
        ("features", row),
        ("embeddings", (code := pointed.indices()[row])),
        ("embeddings", code),
        ("quantized", row),
    ]
    for (x, y), (stage, item) in zip(ends, places, strict=True):
        box = pointed.cell(stage, item).bounding_box()
        assert box
        assert box["x"] - 2 <= x <= box["x"] + box["width"] + 2, stage
        assert box["y"] - 2 <= y <= box["y"] + box["height"] + 2, stage


def test_the_cubes_show_the_cells_vector(five: Explainer) -> None:
    for stage in ("features", "quantized"):
        assert not five.canvas(HIGHLIGHT.format(stage)).any()
    five.cell("indices", five.inked_row()).hover()
    five.until(SELECTED)
    for stage in ("features", "quantized"):
        assert five.canvas(HIGHLIGHT.format(stage)).any()


def test_the_vectors_are_told_in_numbers(pointed: Explainer) -> None:
    row = pointed.inked_row()
    code = pointed.indices()[row]
    feature = pointed.tensor("features").reshape(49, -1)[row]
    embedding = np.array(pointed.evaluate("() => explainer.store.get('model').embeddings")[code])
    assert pointed.page.locator(".inspector-title").inner_text() == f"Cell ({row // 7}, {row % 7}) → code {code}"
    expected = {"feature": feature, "code": embedding, "difference": np.square(feature - embedding)}
    for name, values in expected.items():
        texts = pointed.page.locator(f".vectors tr[data-row={name}] td:not(.sum)").all_inner_texts()
        shown = [float(text.replace("−", "-")) for text in texts]
        np.testing.assert_allclose(shown, values, rtol=0.06, atol=0.006)
    total = pointed.page.locator(".vectors tr[data-row=difference] .sum").inner_text()
    assert float(total.removeprefix("Σ ")) == pytest.approx(pointed.tensor("distances")[row, code], rel=0.06, abs=0.01)


def test_the_ranking_is_by_distance(pointed: Explainer) -> None:
    distances = pointed.tensor("distances")[pointed.inked_row()]
    shown = pointed.page.locator(".ranking li .chip").all_inner_texts()
    assert shown == [f"code {code}" for code in np.argsort(distances, kind="stable")[: len(shown)]]
    assert len(shown) >= 3


def test_an_embedding_lights_the_cells_that_use_it(five: Explainer) -> None:
    indices = five.indices()
    paints = five.paints()
    unused = next((code for code in range(20) if code not in indices), None)
    for code in [*sorted(set(indices))[:3], *([] if unused is None else [unused])]:
        five.cell("embeddings", code).hover()
        five.until("(code) => explainer.store.get('selection')?.code === code", code)
        users = [row for row in range(49) if indices[row] == code]
        for stage in GRIDS:
            marks = five.marks(stage)
            assert marks.get("lit", []) == users
            assert marks["dim"] == [row for row in range(49) if row not in users]
        assert five.marks("embeddings")["selected"] == [code]
        assert str(code) in five.page.locator(".inspector-title").inner_text()
        assert f"{len(users)} of this drawing's 49 cells" in five.page.locator(".inspector-text").inner_text()
    assert five.page.locator(".links").is_hidden()
    assert five.paints() == paints


def test_a_click_pins_and_another_lets_go(five: Explainer) -> None:
    row = five.inked_row()
    five.cell("indices", row).click()
    five.until("() => explainer.store.get('pinned')")
    five.cell("features", 3).hover()
    assert five.marks("features") == {"pinned": [row]}
    five.cell("quantized", row).click()
    five.until("() => !explainer.store.get('pinned')")


def test_a_pin_stays_while_drawing_and_follows_the_trace(five: Explainer) -> None:
    row = five.inked_row()
    five.cell("indices", row).click()
    five.until("() => explainer.store.get('pinned')")
    five.stroke((3, 25), (25, 25))
    assert five.marks("features") == {"pinned": [row]}
    assert five.marks("embeddings")["nearest"] == [five.indices()[row]]
    five.action("clear").click()
    five.settled()
    assert five.marks("embeddings")["nearest"] == [five.indices()[row]]
    five.action("unpin").click()
    five.until("() => !explainer.store.get('pinned')")
    assert five.marks("features") == {}
