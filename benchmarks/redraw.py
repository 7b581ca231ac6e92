"""Scripting time of redrawing all views for one frame, summary alone and with the details open.

`python -m benchmarks.redraw` starts the server, draws in headless Chromium with scripted pointer moves, and prints for
both views the time that scripts took: in animation frames that followed a trace (all views drawn), and in the handler
that unpacks the frame.
"""

import statistics

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.conftest import Server, running

MOVES = 300

# Times every animation-frame callback, and every message handler, from before the page's own scripts.
INSTRUMENT = """
window.timings = { frame: [], message: [] };
const request = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (callback) => request((now) => {
  const traced = window.explainer?.store.get("trace");
  const fresh = traced !== window.drawnTrace;
  window.drawnTrace = traced;
  const start = performance.now();
  callback(now);
  if (fresh) window.timings.frame.push(performance.now() - start);
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


def draw(page: Page) -> dict[str, list[float]]:
    """Draw a long stroke and collect the times."""
    page.evaluate("explainer.drawing.replace([]); window.timings.frame = []; window.timings.message = []")
    box = page.locator("canvas.pad").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    for move in range(MOVES):
        turn = move / MOVES
        page.mouse.move(
            box["x"] + box["width"] * (0.3 + 0.4 * abs((6 * turn) % 2 - 1)),
            box["y"] + box["height"] * (0.2 + 0.6 * turn),
        )
    page.mouse.up()
    page.wait_for_timeout(500)
    return page.evaluate("timings")


def tell(name: str, times: list[float]) -> None:
    """Print a line of figures, in milliseconds."""
    times = sorted(times)
    print(
        f"{name:<28} n {len(times):>4}  median {statistics.median(times):6.2f} ms  "
        f"p99 {times[int(0.99 * (len(times) - 1))]:6.2f} ms"
    )


def main() -> None:
    """Measure."""
    with running(Server(None)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(INSTRUMENT)
        page.goto(server.url)
        page.wait_for_function("window.explainer?.store.get('trace')")
        for details in (False, True):
            page.evaluate("open => explainer.store.set('details', open)", details)
            page.wait_for_timeout(500)
            timings = draw(page)
            view = "details open" if details else "summary"
            tell(f"{view}: redraw all views", timings["frame"])
            tell(f"{view}: unpack a frame", timings["message"])
        browser.close()


if __name__ == "__main__":
    main()
