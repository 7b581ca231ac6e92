"""The sum behind a distance is right: against NumPy, on the numbers that the page received."""

import re
from decimal import Decimal

import numpy as np
import pytest

from tests.browser.details import Details
from tests.browser.explainer import Explainer

LEVELS = 2**16 - 1  # of a packed tensor: a value is off by at most half a step


@pytest.fixture
def details(five: Explainer) -> Details:
    return Details(five).open()


def read(text: str) -> Decimal:
    """A number as it is printed."""
    return Decimal(text.replace("−", "-"))


def numbers(details: Details, n: int) -> list[Decimal]:
    """A row of the table: f, e, f − e or (f − e)²."""
    return [read(text) for text in details.page.locator(".arithmetic .pair tr").nth(n).locator("td").all_inner_texts()]


def check(details: Details, row: int, code: int) -> None:
    """Compare what the page says of a distance with NumPy."""
    features, embeddings, distances = details.features(), details.embeddings(), details.distances()
    f, e = features[row], embeddings[code]
    shown = {
        name: details.number(f".arithmetic [data-value={name}]")
        for name in ("f2", "e2", "fe", "expansion", "direct", "streamed")
    }
    size = f @ f + e @ e
    assert shown["f2"] == pytest.approx(f @ f, rel=1e-6)
    assert shown["e2"] == pytest.approx(e @ e, rel=1e-6)
    assert shown["fe"] == pytest.approx(f @ e, rel=1e-6, abs=1e-12 * size)
    assert shown["direct"] == pytest.approx(((f - e) ** 2).sum(), rel=1e-6)
    assert shown["expansion"] == pytest.approx(shown["f2"] + shown["e2"] - 2 * shown["fe"], abs=1e-12 * size)
    assert shown["expansion"] == pytest.approx(shown["direct"], abs=1e-9 * size)

    # The model's own number, in single precision and packed, from features before they were packed.
    assert shown["streamed"] == distances[row, code]
    step, distance_step = np.ptp(features) / LEVELS, np.ptp(distances) / LEVELS
    packing = step * np.abs(f - e).sum() + len(f) * step**2 / 4 + distance_step / 2
    assert abs(shown["streamed"] - shown["direct"]) <= packing + 4e-6 * size

    # As printed, too; the direct sum has the decimals of its parts.
    printed = {name: read(details.page.locator(f".arithmetic [data-value={name}]").inner_text()) for name in shown}
    for name, value in shown.items():
        unit = 10.0 ** -len(str(printed[name]).partition(".")[2])
        assert unit <= (0.1 if name == "direct" else 1e-4)
        assert float(printed[name]) == pytest.approx(value, abs=1.5 * unit)
    assert printed["f2"] + printed["e2"] - 2 * printed["fe"] == printed["expansion"]
    assert sum(numbers(details, 3)) == printed["direct"]

    order = np.argsort(distances[row], kind="stable")
    ranks = details.page.locator(".arithmetic .ranks")
    assert [int(text) for text in ranks.locator(".chip").all_inner_texts()] == order[:2].tolist()
    margin = float(ranks.locator("b").inner_text())
    assert margin == pytest.approx(distances[row, order[1]] - distances[row, order[0]], rel=0.06, abs=6e-4)
    nearest, second = re.findall(r"\d+\.?\d*(?= ·)", ranks.inner_text())[:2]
    assert Decimal(nearest) + Decimal(ranks.locator("b").inner_text()) == Decimal(second)
    place = int(np.flatnonzero(order == code)[0])
    if place > 1:
        assert f"{place + 1} of {len(order)}" in ranks.inner_text()
    assert f"distances[{row}, {code}]" in details.page.locator(".arithmetic-title").inner_text()


def test_a_distance_is_the_sum_of_its_terms(details: Details) -> None:
    inked = details.explainer.inked_row()
    order = np.argsort(details.distances(), axis=1, kind="stable")
    for row, rank in ((inked, 0), (inked, 1), (inked, 19), (0, 0), (48, 7)):
        code = int(order[row, rank])
        details.point("distances", row, code)
        check(details, row, code)
    # A row of vectors tells the distance to its winner.
    details.point("feature_vectors", inked, 5)
    check(details, inked, details.explainer.indices()[inked])


def test_the_sum_is_live(details: Details) -> None:
    row = details.explainer.inked_row()
    details.pin("distances", row, 11)
    before = details.number(".arithmetic [data-value=f2]")
    details.explainer.action("clear").click()
    details.explainer.settled()
    assert details.number(".arithmetic [data-value=f2]") != before
    check(details, row, 11)


def test_the_vectors_are_one_above_the_other(details: Details) -> None:
    row = details.explainer.inked_row()
    details.point("distances", row, 4)
    f, e = details.features()[row], details.embeddings()[4]
    lines = details.page.locator(".arithmetic .pair tr")
    assert lines.count() == 4
    for n, values in enumerate((f, e, f - e, (f - e) ** 2)):
        np.testing.assert_allclose(
            np.array(numbers(details, n), float), values, rtol=0.06, atol=0.0101 if n == 2 else 0.0051
        )
    # The printed numbers of a channel give the printed difference.
    assert [one - other for one, other in zip(numbers(details, 0), numbers(details, 1), strict=True)] == numbers(
        details, 2
    )
    tops = lines.evaluate_all("(lines) => lines.map((line) => line.getBoundingClientRect().top)")
    assert tops == sorted(tops)


def test_it_explains_why_one_term_decides_nothing(details: Details) -> None:
    same = set()
    for code in (4, 5):
        details.point("distances", 24, code)
        same.add(details.number(".arithmetic [data-value=f2]"))
    assert len(same) == 1
    assert details.page.locator(".arithmetic .aside").is_visible()
    assert "argmin" in details.page.locator(".arithmetic .aside").inner_text()


def test_without_a_number_it_gives_way_to_the_code(details: Details) -> None:
    arithmetic, listing = details.page.locator(".arithmetic"), details.page.locator("#listing-quantizer")
    assert arithmetic.is_hidden()
    height = listing.evaluate("(listing) => listing.offsetHeight")
    details.point("distances", 24, 3)
    assert arithmetic.is_visible()
    assert listing.evaluate("(listing) => listing.offsetHeight") < height
    details.explainer.point_at_nothing()
    assert arithmetic.is_hidden()
    assert listing.evaluate("(listing) => listing.offsetHeight") == height


# The least gap between two numbers of a row of the table, as they are written.
GAP = """() => {
  const gaps = [];
  for (const row of document.querySelectorAll(".arithmetic .pair tr")) {
    const boxes = Array.from(row.querySelectorAll("td"), (cell) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      return range.getBoundingClientRect();
    });
    boxes.slice(1).forEach((box, n) => gaps.push(box.left - boxes[n].right));
  }
  return Math.min(...gaps);
}"""


@pytest.mark.parametrize("width", [1180, 1280, 1440])
def test_numbers_of_the_vectors_do_not_touch(details: Details, width: int) -> None:
    details.page.set_viewport_size({"width": width, "height": 900})
    row = details.explainer.inked_row()
    for code in (details.explainer.indices()[row], 11):
        details.point("distances", row, code)
        assert details.page.evaluate(GAP) >= 3


# Forgets the distances that the page has, and reads what it says before they come again.
WITHOUT_DISTANCES = """() => {
  const { store } = explainer;
  const { distances, ...trace } = store.get("trace");
  store.set("trace", trace);
  store.flush();
  const text = (selector) => document.querySelector(selector).innerText;
  return [".arithmetic-title", ".arithmetic-body", "[data-level=''] .codebook-key"].map(text);
}"""


def test_while_distances_are_on_their_way_nothing_is_said_of_them(details: Details) -> None:
    details.pin("distances", details.explainer.inked_row(), 4)
    title, body, key = details.page.evaluate(WITHOUT_DISTANCES)
    assert "=" not in title
    assert "loading" in body
    assert not re.search("runner-up|Nearest|–", body)
    assert "loading" in key
    details.explainer.until("() => explainer.store.get('trace').distances")
    assert "runner-up" in details.page.locator(".arithmetic .ranks").inner_text()
