"""The page as tests use it: what a visitor does with it, what its canvases show, what its store holds."""

import base64
import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import BrowserContext, Locator, Page, WebSocket

SIZE = 28
PATIENCE_MS = 30_000  # the machine may be busy with something else
GRIDS = ("features", "indices", "quantized", "reconstruction")

Point = tuple[float, float]
Pixels = NDArray[np.uint8]

# Polls by timer, so that waiting requests no frames; then waits for two frames, so that what it waited for is painted.
# The page's Content-Security-Policy allows code from `evaluate` only.
WAIT = """async ({ argument, patience }) => {
  const holds = %s;
  for (const end = performance.now() + patience; !(await holds(argument));) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  for (let n = 0; n < 2; n++) await new Promise((resolve) => requestAnimationFrame(resolve));
  return true;
}"""

READY = "() => globalThis.explainer?.store.get('model')"

# Reads from a copy: reading a canvas would change how the browser stores it.
READ = """(canvas) => {
  const width = canvas.naturalWidth ?? canvas.width, height = canvas.naturalHeight ?? canvas.height;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, data: btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join("")) };
}"""

SETTLED = """() => {
  const { store, stream, words } = explainer;
  const { pixels } = store.get("trace") ?? {};
  const isIdle = stream.isIdle() && words.isIdle();
  return isIdle && Boolean(pixels) && store.get("pixels").every((value, n) => value === pixels[n]);
}"""

TENSOR = """(key) => {
  const tensor = explainer.store.get("trace")[key];
  return { shape: tensor.shape, data: Array.from(tensor.data) };
}"""

# The page resets its own state; the rest is what tests may leave in the document.
RESET = """() => {
  const scrollBack = () => {
    for (const element of document.querySelectorAll("*")) {
      if (element.scrollTop || element.scrollLeft) element.scrollTo({ top: 0, left: 0, behavior: "instant" });
    }
  };
  scrollBack(); // what the reset hides keeps its place for the next time
  explainer.reset();
  for (const spoken of document.querySelectorAll(".announcer, .lens-spoken")) spoken.textContent = "";
  history.replaceState(null, "", location.pathname);
  scrollBack();
}"""

# After everything has settled, because the page stores the settings that a reset changes.
FORGET = """() => {
  localStorage.clear();
  sessionStorage.clear();
  localStorage.setItem("vqvae-explainer.drawing", "");
  notices.length = 0;
}"""

PAD = """() => {
  const pad = document.querySelector("canvas.pad");
  pad.scrollIntoViewIfNeeded();
  const { x, y, width, height } = pad.getBoundingClientRect();
  return [x, y, width, height];
}"""

DRAW = """(points) => {
  const { drawing } = explainer;
  drawing.begin(points[0], false);
  drawing.extend(points.slice(1));
  drawing.end();
}"""


class Watch:
    """Records what a page logs, which hosts it contacts, and what it sends over its stream."""

    def __init__(self, context: BrowserContext) -> None:
        self._expected: re.Pattern[str] | None = None
        self._complaints: list[str] = []
        self._hosts: set[str] = set()
        self._sent: list[str | bytes] = []
        context.on("page", self._follow)
        context.on("console", lambda message: self._complain(message.type, message.text))
        context.on("weberror", lambda error: self._complain("error", str(error.error)))
        context.on("request", lambda request: self._contact(request.url))

    def _follow(self, page: Page) -> None:
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        self._contact(socket.url)
        socket.on("framesent", lambda message: self._sent.append(message))

    def _complain(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self._complaints.append(text)

    def _contact(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme not in ("data", "blob", "file"):
            self._hosts.add(address.netloc)

    def expect(self, pattern: str) -> None:
        """Accept errors that match, until the next check."""
        self._expected = re.compile(pattern)

    def forget_sent(self) -> None:
        """Forget the messages sent so far."""
        self._sent.clear()

    def sent(self) -> list[dict[str, Any]]:
        """The messages sent over the stream."""
        return [json.loads(message) for message in self._sent]

    def check(self) -> None:
        """Fail on errors and warnings, and on requests to a host other than the server; then start anew."""
        complaints = [text for text in self._complaints if not (self._expected and self._expected.search(text))]
        foreign = {host for host in self._hosts if not host.startswith("127.0.0.1:")}
        self._expected = None
        self._complaints.clear()
        self._hosts.clear()
        self._sent.clear()
        assert complaints == []
        assert foreign == set()


class Explainer:
    """An open page."""

    def __init__(self, page: Page, watch: Watch) -> None:
        self.page = page
        self.watch = watch

    # Opening and resetting.

    def open(self, url: str) -> "Explainer":
        """Go there, and wait until the server has answered and the answer is shown."""
        self.page.goto(url)
        return self.until(READY).settled()

    def reload(self) -> "Explainer":
        """Load the page again, and wait as `open` does."""
        self.page.reload()
        return self.until(READY).settled()

    def reset(self) -> "Explainer":
        """Put state, storage, address, focus, dialogs and scrolling back to what `open` leaves."""
        self.evaluate(RESET)
        self.until("() => explainer.store.get('trace')?.model === explainer.store.get('model')?.name").settled()
        self.evaluate(FORGET)
        return self

    # What a visitor does.

    def stage(self, name: str) -> Locator:
        """The view of a stage."""
        return self.page.locator(f"[data-stage={name}]").first

    def cell(self, stage: str, item: int) -> Locator:
        """A cell of a grid by its row, or a code of the codebook."""
        return self.stage(stage).locator(f"[data-item='{item}']")

    def action(self, name: str) -> Locator:
        """The visible button of an action: summary and details may each have one."""
        return self.page.locator(f"[data-action={name}]:visible").first

    def at(self, point: Point) -> Point:
        """Where a point of the picture, in its pixels, lies on the screen."""
        x, y, width, height = self.evaluate(PAD)
        return x + point[0] * width / SIZE, y + point[1] * height / SIZE

    def stroke(self, *points: Point, steps: int = 4, settled: bool = True) -> None:
        """Draw with the mouse from point to point; `steps` mouse events for each straight piece."""
        x, y, width, height = self.evaluate(PAD)
        mouse = self.page.mouse
        for n, (across, down) in enumerate(points):
            mouse.move(x + across * width / SIZE, y + down * height / SIZE, steps=steps if n else 1)
            if n == 0:
                mouse.down()
        mouse.up()
        if settled:
            self.settled()

    def draw(self, *points: Point) -> "Explainer":
        """Add a stroke at once, for tests that are not about drawing."""
        self.evaluate(DRAW, points)
        return self.settled()

    def example(self, digit: int) -> None:
        """Click the button of an example; with reduced motion it is drawn at once."""
        self.evaluate("() => { globalThis.former = explainer.store.get('drawing'); }")
        self.page.locator(f"[data-example='{digit}']").click()
        self.until("() => explainer.store.get('drawing') !== former")
        self.settled()
        self.point_at_nothing()

    def show_example(self, digit: int) -> "Explainer":
        """Draw an example at once, without the mouse."""
        self.evaluate("(digit) => explainer.replay.play(digit)", digit)
        return self.settled()

    def point_at_nothing(self) -> None:
        """Move the mouse away from everything that can be selected."""
        self.page.mouse.move(2, 2)
        self.until("() => !explainer.store.get('selection')")

    def pin(self, stage: str, item: int) -> None:
        """Click a cell, and wait until it is pinned."""
        self.cell(stage, item).click()
        self.until("() => explainer.store.get('pinned')")

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
        """Wait until the trace shown belongs to the drawing and no reply is outstanding."""
        return self.until(SETTLED)

    def get(self, key: str) -> Any:
        """A value of the store that JSON can represent."""
        return self.evaluate("(key) => explainer.store.get(key)", key)

    def set(self, key: str, value: Any) -> "Explainer":
        """Set a value of the store, and wait until it is shown."""
        self.evaluate("([key, value]) => explainer.store.set(key, value)", [key, value])
        return self.settled()

    def model(self, key: str) -> Any:
        """A value from the description of the model."""
        return self.evaluate("(key) => explainer.store.get('model')[key]", key)

    def ink(self, key: str = "drawing") -> Pixels:
        """`drawing` or `pixels` of the store (28, 28)."""
        values = self.evaluate("(key) => Array.from(explainer.store.get(key))", key)
        return np.array(values, np.uint8).reshape(SIZE, SIZE)

    def base64_pixels(self) -> str:
        """What the model is given, as the REST interface takes it."""
        return base64.b64encode(self.ink("pixels").tobytes()).decode()

    def tensor(self, key: str) -> NDArray[np.float32]:
        """A tensor of the trace; the page requests it only while it is shown."""
        self.until("(key) => explainer.store.get('trace')?.[key]", key)
        tensor = self.evaluate(TENSOR, key)
        return np.array(tensor["data"], np.float32).reshape(tensor["shape"])

    def indices(self) -> list[int]:
        """The code of each row of the trace."""
        return self.evaluate("() => explainer.store.get('trace').indices.flat()")

    def palette(self) -> NDArray[np.int64]:
        """The colours of the codes (K, 3)."""
        fills = "() => explainer.store.get('model').palette.fill.map((fill) => fill.match(/\\d+/g).map(Number))"
        return np.array(self.evaluate(fills))

    def seq(self) -> int:
        """The number of the trace shown."""
        return self.evaluate("() => explainer.store.get('trace')?.seq ?? 0")

    def inked_row(self) -> int:
        """The row of the grid whose patch of the picture holds the most ink."""
        pixels = self.ink("pixels").astype(int)
        height, width = self.model("stages")["indices"]
        patches = pixels.reshape(height, SIZE // height, width, SIZE // width)
        return int(patches.sum((1, 3)).argmax())

    # What the page shows.

    def canvas(self, selector: str) -> Pixels:
        """The pixels of a canvas or an image (height, width, 4)."""
        read = self.page.locator(selector).first.evaluate(READ)
        return np.frombuffer(base64.b64decode(read["data"]), np.uint8).reshape(read["height"], read["width"], 4)

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
        """How often each data canvas of the summary has been painted, by its label."""
        return dict(
            self.page.locator(".figure canvas[data-paints]:not(.highlight)").evaluate_all(
                "(all) => all.map((canvas) => [canvas.getAttribute('aria-label'), Number(canvas.dataset.paints)])"
            )
        )

    def notice(self) -> str:
        """The latest notice, once there is one."""
        self.until("() => notices.length")
        text: str = self.evaluate("() => notices.at(-1)")
        return text

    def overflow(self) -> float:
        """How far the page scrolls sideways, in CSS pixels."""
        width: float = self.evaluate(
            "() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
        )
        return width


def number(text: str) -> float:
    """A number as the page writes it."""
    return float(text.replace("−", "-").replace(",", ""))
