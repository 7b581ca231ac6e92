"""The details view as tests use it: its lines of code, its matrices and the numbers they show."""

from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page

from tests.browser.explainer import Explainer

# As drawn, rows × columns: the codebook is transposed, cubes are seen from the front.
MATRICES = ("features", "feature_vectors", "embeddings", "distances", "indices", "quantized_vectors", "quantized")
ROWS = ("feature_vectors", "distances", "indices", "quantized_vectors")
FRONTS = ("features", "quantized")

Values = NDArray[np.float64]

OPENED = """() => {
  const { store } = explainer;
  const isPainted = (canvas) => Number(canvas.dataset.paints) > 0;
  return store.get("details") && store.get("trace")?.distances
    && Array.from(document.querySelectorAll(".matrix canvas.data")).every(isPainted);
}"""

# What changes with the drawing only; not the picture of the code that is pointed at.
PAINTS = """() => Object.fromEntries(
  Array.from(document.querySelectorAll("canvas[data-paints]"))
    // Inspector and arithmetic show what is pointed at.
    .filter((canvas) => !canvas.matches(".highlight, .inspector *, .arithmetic *"))
    .map((canvas, n) => [
      `${n} ${canvas.closest("section, figure").className} ${canvas.className}`,
      Number(canvas.dataset.paints),
    ])
)"""

LINKED = """() => {
  const all = (selector, name) => Array.from(new Set(Array.from(document.querySelectorAll(selector), name)));
  return {
    lines: all(".code-line.is-linked", (line) => `${line.closest(".listing").id}:${line.dataset.line}`).sort(),
    matrices: all(".matrix.is-linked", (matrix) => matrix.dataset.stage),
    parts: all(".part.is-linked", (part) => part.dataset.stage),
    terms: all("[data-term].is-linked", (term) => term.dataset.term),
  };
}"""

# Rows, columns, width and height of a matrix.
EXTENT = """(entries) => {
  const { width, height } = entries.getBoundingClientRect();
  return [Number(entries.ariaRowCount), Number(entries.ariaColCount), width, height];
}"""

POINTED = """([stage, row, column]) => {
  const entry = explainer.store.get("entry");
  return entry?.stage === stage && entry.row === row && entry.column === column;
}"""


class Details:
    """The opened details of a page."""

    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.page: Page = explainer.page

    def open(self) -> "Details":
        """Open them, and wait until every matrix is painted."""
        if not self.explainer.get("details"):
            self.page.keyboard.press("v")
        self.explainer.until(OPENED).settled()
        return self

    # Code.

    def line(self, stage: str, listing: str = "quantizer") -> Locator:
        """The first line that computes a stage, or a loss, and can be pointed at."""
        return self.page.locator(f"#listing-{listing} .code-line[tabindex][data-stages~={stage}]").first

    def lines_of(self, stage: str) -> list[str]:
        """`listing-id:number` of the lines that compute a stage, from the server's description of the model."""
        return sorted(
            f"listing-{listing['id']}:{line['number']}"
            for listing in self.explainer.model("listings")
            for line in listing["lines"]
            if stage in line["stages"]
        )

    def linked(self) -> dict[str, list[str]]:
        """What is framed: lines, matrices, parts of the summary, terms of the loss."""
        linked: dict[str, list[str]] = self.explainer.evaluate(LINKED)
        return linked

    # Matrices.

    def matrix(self, stage: str) -> Locator:
        """The matrix of a stage."""
        return self.page.locator(f".matrix[data-stage={stage}]")

    def size(self, stage: str) -> tuple[int, int]:
        """Rows and columns of a matrix, as assistive technology reads them."""
        rows, columns, *_ = self.matrix(stage).locator(".entries").evaluate(EXTENT)
        return rows, columns

    def point(self, stage: str, row: int, column: int, click: bool = False) -> None:
        """Move the mouse to a number."""
        entries = self.matrix(stage).locator(".entries")
        rows, columns, width, height = entries.evaluate(EXTENT)
        position = {"x": (column + 0.5) * width / columns, "y": (row + 0.5) * height / rows}
        if click:
            entries.click(position=position)
        else:
            entries.hover(position=position)
        self.explainer.until(POINTED, [stage, row, column])

    def pin(self, stage: str, row: int, column: int) -> None:
        """Click a number, and wait until it is pinned."""
        self.point(stage, row, column, click=True)
        self.explainer.until("() => explainer.store.get('pinned')")

    def shown(self, stage: str) -> NDArray[np.uint8]:
        """The colour in the middle of each number (rows, columns, 3)."""
        rows, columns = self.size(stage)
        pixels = self.explainer.canvas(f".matrix[data-stage={stage}] canvas.data")
        height, width = pixels.shape[:2]
        down = ((np.arange(rows) + 0.5) * height / rows).astype(int)
        across = ((np.arange(columns) + 0.5) * width / columns).astype(int)
        return pixels[down[:, None], across[None, :], :3]

    def check_greys(self, *stages: str) -> None:
        """Each matrix shows its numbers as greys."""
        for stage in stages:
            assert np.abs(self.shown(stage)[..., 0] - self.greys(stage)).max() <= 1, stage

    def paints(self) -> dict[str, int]:
        """How often each data canvas has been painted."""
        paints: dict[str, int] = self.explainer.evaluate(PAINTS)
        return paints

    # Numbers.

    def embeddings(self) -> Values:
        """The codebook (K, D)."""
        return np.array(self.explainer.model("embeddings"))

    def features(self) -> Values:
        """The features of the trace as rows (H·W, D)."""
        features = self.explainer.tensor("features").astype(np.float64)
        return features.reshape(-1, features.shape[-1])

    def distances(self) -> Values:
        """The distances of the trace (H·W, K)."""
        return self.explainer.tensor("distances").astype(np.float64)

    def vectors(self, stage: str) -> Values:
        """The numbers of a stage as its rows are: cells × channels, cells × codes, codes × channels, or codes."""
        if stage in ("features", "feature_vectors"):
            return self.features()
        if stage == "distances":
            return self.distances()
        if stage == "embeddings":
            return self.embeddings()
        codes = np.array(self.explainer.get("edited") or self.explainer.indices()).ravel()
        return codes[:, None] if stage == "indices" else self.embeddings()[codes]

    def greys(self, stage: str, shared: tuple[float, float] | None = None) -> Values:
        """What a matrix should show, 0 to 255: each vector from its lowest to its highest, or all on one scale."""
        vectors = self.vectors(stage)
        low, high = shared or (vectors.min(1, keepdims=True), vectors.max(1, keepdims=True))
        greys = np.clip(255 * (vectors - low) / (high - low), 0, 255)
        if stage == "embeddings":
            return greys.T
        if stage in FRONTS:
            return greys[:, self.explainer.get("channel")].reshape(self.size(stage))
        return greys

    def reconstruction(self) -> Values:
        """The picture in the summary, in [0, 1]."""
        return self.explainer.picture("[data-stage=reconstruction] canvas.data")[:, :, 0] / 255.0

    def number(self, selector: str, attribute: str = "data-exact") -> float:
        """A number that an element carries in full beside its text."""
        return float(self.page.locator(selector).first.get_attribute(attribute) or "nan")


def post(url: str, route: str, **fields: Any) -> dict[str, Any]:
    """The reply of the REST interface."""
    answer: dict[str, Any] = httpx.post(f"{url}/api/{route}", json=fields, timeout=60).raise_for_status().json()
    return answer
