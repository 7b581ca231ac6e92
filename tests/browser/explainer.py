"""The page as tests use it: what a visitor does with it, what its canvases show, what its store holds."""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page

SIZE = 28
PATIENCE_MS = 60_000  # a shared machine may be busy with a training run
GRIDS = ("features", "indices", "quantized", "reconstruction")

Point = tuple[float, float]
Pixels = NDArray[np.uint8]

# Waits by timer, not by frame, so that waiting asks the page for no frames; then for two frames, so that what was
# waited for has been painted. Only `evaluate` may run code under the page's Content-Security-Policy.
WAIT = """async ({ argument, patience }) => {
  const holds = %s;
  for (const end = performance.now() + patience; !(await holds(argument));) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  for (let n = 0; n < 2; n++) await new Promise((resolve) => requestAnimationFrame(resolve));
  return true;
}"""

# From a copy: reading would change how the browser keeps the page's own canvas.
READ = """(canvas) => {
  const width = canvas.naturalWidth ?? canvas.width, height = canvas.naturalHeight ?? canvas.height;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, data: btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join("")) };
}"""

KEPT = """() => {
  const { store, stream, words } = explainer;
  const { pixels } = store.get("trace") ?? {};
  const isIdle = stream.isIdle() && words.isIdle();
  return isIdle && Boolean(pixels) && store.get("pixels").every((value, n) => value === pixels[n]);
}"""

TENSOR = """(key) => {
  const tensor = explainer.store.get("trace")[key];
  return { shape: tensor.shape, data: Array.from(tensor.data) };
}"""


class Explainer:
    """An open page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    # What a visitor does.

    def open(self, url: str) -> "Explainer":
        """Go there, and wait until the server has answered and the answer is shown."""
        self.page.goto(url)
        self.until("() => globalThis.explainer?.store.get('model')")
        return self.settled()

    def stage(self, name: str) -> Locator:
        """The view of a stage."""
        return self.page.locator(f"[data-stage={name}]").first

    def cell(self, stage: str, item: int) -> Locator:
        """A cell of a grid by its row, or a code of the codebook."""
        return self.stage(stage).locator(f"[data-item='{item}']")

    def action(self, name: str) -> Locator:
        """The button of an action that can be seen: summary and details may each have one."""
        return self.page.locator(f"[data-action={name}]:visible").first

    def at(self, point: Point) -> Point:
        """Where a point of the picture, in its pixels, lies on the screen."""
        box = self.page.locator("canvas.pad").bounding_box()
        assert box
        return box["x"] + point[0] * box["width"] / SIZE, box["y"] + point[1] * box["height"] / SIZE

    def stroke(self, *points: Point, steps: int = 8, settled: bool = True) -> None:
        """Draw with the mouse from point to point; `steps` mouse events for each straight piece."""
        self.page.locator("canvas.pad").scroll_into_view_if_needed()
        mouse = self.page.mouse
        mouse.move(*self.at(points[0]))
        mouse.down()
        for point in points[1:]:
            mouse.move(*self.at(point), steps=steps)
        mouse.up()
        if settled:
            self.settled()

    def example(self, digit: int) -> None:
        """Draw an example, at once: for pages opened with reduced motion."""
        self.evaluate("() => { globalThis.former = explainer.store.get('drawing'); }")
        self.page.locator(f"[data-example='{digit}']").click()
        self.until("() => explainer.store.get('drawing') !== former")
        self.settled()
        self.page.mouse.move(2, 2)
        self.until("() => !explainer.store.get('selection')")

    # What the page knows.

    def evaluate(self, script: str, argument: Any = None) -> Any:
        """Run a function in the page."""
        return self.page.evaluate(script, argument)

    def until(self, holds: str, argument: Any = None) -> "Explainer":
        """Wait until a function in the page returns something true, and what it saw is painted."""
        done = self.page.evaluate(WAIT % f"({holds})", {"argument": argument, "patience": PATIENCE_MS})
        assert done, f"the page never came to {holds} with {argument}"
        return self

    def settled(self) -> "Explainer":
        """Wait until the trace shown is that of the drawing given, and no answer is still to come."""
        return self.until(KEPT)

    def get(self, key: str) -> Any:
        """A value of the store that JSON can carry."""
        return self.evaluate("(key) => explainer.store.get(key)", key)

    def ink(self, key: str = "drawing") -> Pixels:
        """`drawing` or `pixels` of the store (28, 28)."""
        values = self.evaluate("(key) => Array.from(explainer.store.get(key))", key)
        return np.array(values, np.uint8).reshape(SIZE, SIZE)

    def tensor(self, key: str) -> NDArray[np.float32]:
        """A tensor of the trace; the page asks for it only when it is shown."""
        self.until("(key) => explainer.store.get('trace')?.[key]", key)
        told = self.evaluate(TENSOR, key)
        return np.array(told["data"], np.float32).reshape(told["shape"])

    def indices(self) -> list[int]:
        """The code of each row of the trace."""
        return self.evaluate("() => explainer.store.get('trace').indices.flat()")

    def seq(self) -> int:
        """The number of the trace shown."""
        return self.evaluate("() => explainer.store.get('trace')?.seq ?? 0")

    def inked_row(self) -> int:
        """The row of the grid whose patch of the picture holds the most ink."""
        pixels = self.ink("pixels").astype(int)
        height, width = self.evaluate("() => explainer.store.get('model').stages.indices")
        patches = pixels.reshape(height, SIZE // height, width, SIZE // width)
        return int(patches.sum((1, 3)).argmax())

    # What the page shows.

    def canvas(self, selector: str) -> Pixels:
        """The pixels of a canvas or an image (height, width, 4)."""
        told = self.page.locator(selector).first.evaluate(READ)
        return np.frombuffer(base64.b64decode(told["data"]), np.uint8).reshape(told["height"], told["width"], 4)

    def picture(self, selector: str, size: int = SIZE) -> Pixels:
        """What a canvas shows in the middle of each of size × size squares (size, size, 3)."""
        shown = self.canvas(selector)
        height, width = shown.shape[:2]
        middles = np.arange(size) + 0.5
        down = (middles * height / size).astype(int)
        across = (middles * width / size).astype(int)
        return shown[down[:, None], across[None, :], :3]

    def marks(self, stage: str) -> dict[str, list[int]]:
        """The items of a view by their mark; items without one are left out."""
        found: dict[str, list[int]] = {}
        items: Sequence[tuple[str, int]] = (
            self.stage(stage)
            .locator("[data-item][data-mark]")
            .evaluate_all("(items) => items.map((item) => [item.dataset.mark, Number(item.dataset.item)])")
        )
        for mark, item in items:
            found.setdefault(mark, []).append(item)
        return found

    def paints(self) -> dict[str, int]:
        """How often each of the summary's canvases of data has been painted, by its label."""
        return dict(
            self.page.locator(".figure canvas[data-paints]:not(.highlight)").evaluate_all(
                "(all) => all.map((canvas) => [canvas.getAttribute('aria-label'), Number(canvas.dataset.paints)])"
            )
        )

    def notice(self) -> str:
        """What the page has said last in its notice, once it has said something."""
        self.until("() => notices.length")
        text: str = self.evaluate("() => notices.at(-1)")
        return text
