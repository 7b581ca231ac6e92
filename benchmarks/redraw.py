"""`python -m benchmarks redraw`: scripting time for each answer, in the summary view and with the details open.

Draws in headless Chromium with scripted pointer moves. Measures the time in the handler of a message, which unpacks an
answer and draws all views, and in animation frames.
"""

from collections.abc import Iterator

from playwright.sync_api import Page, sync_playwright

from benchmarks.measuring import SERVE, Row, serving, spread
from tests.browser.chromium import ARGUMENTS, find_chromium

MOVES = 300

# Runs before the page's scripts: times every animation-frame callback and every message handler.
INSTRUMENT = """
window.timings = { frame: [], message: [] };
const request = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (callback) => request((now) => {
  const start = performance.now();
  callback(now);
  window.timings.frame.push(performance.now() - start);
});
const descriptor = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage");
Object.defineProperty(WebSocket.prototype, "onmessage", {
  ...descriptor,
  set(handler) {
    descriptor.set.call(this, (event) => {
      const start = performance.now();
      handler.call(this, event);
      window.timings.message.push(performance.now() - start);
    });
  },
});
"""


def draw(page: Page, moves: int) -> dict[str, list[float]]:
    """Draw a long stroke. Returns milliseconds by kind: `frame` and `message`."""
    page.evaluate("explainer.drawing.replace([]); window.timings.frame = []; window.timings.message = []")
    box = page.locator("canvas.pad").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    for move in range(moves):
        turn = move / moves
        page.mouse.move(
            box["x"] + box["width"] * (0.3 + 0.4 * abs((6 * turn) % 2 - 1)),
            box["y"] + box["height"] * (0.2 + 0.6 * turn),
        )
    page.mouse.up()
    page.wait_for_timeout(500)
    timings: dict[str, list[float]] = page.evaluate("timings")
    return timings


def measure(quick: bool = False) -> Iterator[Row]:
    """Measure with the default model."""
    with serving(*SERVE) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(INSTRUMENT)
        page.goto(server.url)
        page.wait_for_selector("[data-stage=reconstruction] canvas.data:not([data-paints='0'])")
        for details in (False, True):
            page.evaluate("open => explainer.store.set('details', open)", details)
            page.wait_for_timeout(500)
            timings = draw(page, 60 if quick else MOVES)
            view = "details open" if details else "summary"
            yield Row(f"{view}: message handler", f"{spread(timings['message'])}   n {len(timings['message'])}")
            yield Row(f"{view}: animation frame", f"{spread(timings['frame'])}   n {len(timings['frame'])}")
        browser.close()
