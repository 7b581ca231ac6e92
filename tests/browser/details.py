"""The details view as tests use it: its lines of code, its matrices and what they show, what it asks of the server."""

import base64
import json
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page

from tests.browser.explainer import Explainer

# Stage → what is drawn: rows × columns. The codebook lies on its side, cubes are seen from the front.
MATRICES = ("features", "feature_vectors", "embeddings", "distances", "indices", "quantized_vectors", "quantized")
ROWS = ("feature_vectors", "distances", "indices", "quantized_vectors")
FRONTS = ("features", "quantized")

Values = NDArray[np.float64]

OPENED = """() => {
  const { store } = explainer;
  const painted = (canvas) => Number(canvas.dataset.paints) > 0;
  return store.get("details") && store.get("trace")?.distances
    && Array.from(document.querySelectorAll(".matrix canvas.data")).every(painted);
}"""

# What changes with the drawing only; not the picture of the code that is pointed at.
PAINTS = """() => Object.fromEntries(
  Array.from(document.querySelectorAll("canvas[data-paints]"))
    .map((canvas, n) => [canvas, `${n} ${canvas.closest("section, figure").className} ${canvas.className}`])
    .filter(([canvas]) => !canvas.matches(".highlight"))
    .map(([canvas, name]) => [name, Number(canvas.dataset.paints)])
)"""

FRAMED = """() => {
  const all = (selector, told) => Array.from(new Set(Array.from(document.querySelectorAll(selector), told)));
  return {
    lines: all(".code-line.is-linked", (line) => `${line.closest(".listing").id}:${line.dataset.line}`).sort(),
    matrices: all(".matrix.is-linked", (matrix) => matrix.dataset.stage),
    parts: all(".part.is-linked", (part) => part.dataset.stage),
    terms: all("[data-term].is-linked", (term) => term.dataset.term),
  };
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

    def leave(self) -> None:
        """Point at nothing."""
        self.page.mouse.move(2, 2)
        self.explainer.until("() => !explainer.store.get('selection')")

    # Code.

    def line(self, stage: str, listing: str = "quantizer") -> Locator:
        """The first line that makes a stage, or a loss, and can be pointed at."""
        return self.page.locator(f"#listing-{listing} .code-line[tabindex][data-stages~={stage}]").first

    def lines_of(self, stage: str) -> list[str]:
        """`listing-id:number` of the lines that make a stage, as the server tells."""
        return sorted(
            f"listing-{listing['id']}:{line['number']}"
            for listing in self.told("listings")
            for line in listing["lines"]
            if stage in line["stages"]
        )

    def framed(self) -> dict[str, list[str]]:
        """What has a frame: lines, matrices, parts of the summary, terms of the loss."""
        framed: dict[str, list[str]] = self.explainer.evaluate(FRAMED)
        return framed

    # Matrices.

    def matrix(self, stage: str) -> Locator:
        """The matrix of a stage."""
        return self.page.locator(f".matrix[data-stage={stage}]")

    def size(self, stage: str) -> tuple[int, int]:
        """Rows and columns of a matrix, as it tells those who cannot see it."""
        entries = self.matrix(stage).locator(".entries")
        rows, columns = (int(entries.get_attribute(name) or 0) for name in ("aria-rowcount", "aria-colcount"))
        return rows, columns

    def point(self, stage: str, row: int, column: int, click: bool = False) -> None:
        """Move the mouse to a number."""
        entries = self.matrix(stage).locator(".entries")
        entries.scroll_into_view_if_needed()
        box = entries.bounding_box()
        assert box
        rows, columns = self.size(stage)
        position = {"x": (column + 0.5) * box["width"] / columns, "y": (row + 0.5) * box["height"] / rows}
        if click:
            entries.click(position=position)
        else:
            entries.hover(position=position)
        self.explainer.until(
            """([stage, row, column]) => {
              const entry = explainer.store.get("entry");
              return entry?.stage === stage && entry.row === row && entry.column === column;
            }""",
            [stage, row, column],
        )

    def shown(self, stage: str) -> NDArray[np.uint8]:
        """The colour in the middle of each number (rows, columns, 3)."""
        rows, columns = self.size(stage)
        pixels = self.explainer.canvas(f".matrix[data-stage={stage}] canvas.data")
        height, width = pixels.shape[:2]
        down = ((np.arange(rows) + 0.5) * height / rows).astype(int)
        across = ((np.arange(columns) + 0.5) * width / columns).astype(int)
        return pixels[down[:, None], across[None, :], :3]

    def paints(self) -> dict[str, int]:
        """How often each canvas of data has been painted."""
        paints: dict[str, int] = self.explainer.evaluate(PAINTS)
        return paints

    # Numbers.

    def told(self, key: str) -> Any:
        """Something that the server tells of its model."""
        return self.explainer.evaluate("(key) => explainer.store.get('model')[key]", key)

    def embeddings(self) -> Values:
        """The codebook (K, D)."""
        return np.array(self.told("embeddings"))

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

    def palette(self) -> NDArray[np.int64]:
        """The codes' colours (K, 3)."""
        fills = "() => explainer.store.get('model').palette.fill.map((fill) => fill.match(/\\d+/g).map(Number))"
        return np.array(self.explainer.evaluate(fills))

    def pixels(self) -> str:
        """What the model is given, as the REST interface takes it."""
        return base64.b64encode(self.explainer.ink("pixels").tobytes()).decode()

    def reconstruction(self) -> Values:
        """The picture in the summary, in [0, 1]."""
        return self.explainer.picture("[data-stage=reconstruction] canvas.data")[:, :, 0] / 255.0

    def number(self, selector: str, attribute: str = "data-exact") -> float:
        """A number that an element carries in full beside its text."""
        return float(self.page.locator(selector).first.get_attribute(attribute) or "nan")


def post(url: str, route: str, **fields: Any) -> dict[str, Any]:
    """What the REST interface answers."""
    answer: dict[str, Any] = httpx.post(f"{url}/api/{route}", json=fields, timeout=60).raise_for_status().json()
    return answer


class Questions:
    """What a page asks over its stream, from its next load on."""

    def __init__(self, explainer: Explainer) -> None:
        self._explainer = explainer
        self.asked: list[dict[str, Any]] = []
        explainer.page.on("websocket", lambda socket: socket.on("framesent", self._keep))
        explainer.page.reload()
        explainer.until("() => globalThis.explainer?.store.get('model')").settled()

    def _keep(self, frame: str | bytes) -> None:
        self.asked.append(json.loads(frame))

    def count(self, kind: str) -> int:
        """Messages of a type since the last time."""
        self._explainer.settled()
        return sum(message["type"] == kind for message in self.asked)

    def stages(self) -> set[str]:
        """All stages that traces were asked for."""
        self._explainer.settled()
        return {stage for message in self.asked for stage in message.get("stages", ())}
