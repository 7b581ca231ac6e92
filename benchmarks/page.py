"""`python -m benchmarks page`: size of a first visit, and the time until it shows a reconstruction."""

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from benchmarks.measuring import SERVE, Row, percentile, serving
from tests.browser.chromium import ARGUMENTS, find_chromium

RUNS = 5
VIEWPORT = ViewportSize(width=1440, height=900)

# Notes the time of the first frame after the reconstruction was drawn, in ms since the start of the navigation.
WATCH = """
const shown = () => Number(document.querySelector("[data-stage=reconstruction] canvas.data")?.dataset.paints) > 0;
const keep = (now) => { globalThis.firstShown = now; };
const look = () => requestAnimationFrame(shown() ? keep : look);
requestAnimationFrame(look);
"""


def visit(browser: Browser, url: str) -> tuple[float, float, int]:
    """Visit with an empty cache. Returns kilobytes, ms to the first reconstruction, number of requests."""
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    session = context.new_cdp_session(page)
    urls: dict[str, str] = {}
    lengths: list[float] = []

    def finish(event: dict[str, Any]) -> None:
        if not urls.get(event["requestId"], "").startswith("data:"):  # embedded in the page
            lengths.append(event["encodedDataLength"])

    session.on("Network.requestWillBeSent", lambda event: urls.update({event["requestId"]: event["request"]["url"]}))
    session.on("Network.loadingFinished", finish)
    session.send("Network.enable")
    page.add_init_script(WATCH)
    page.goto(url, wait_until="networkidle")
    page.wait_for_selector("[data-stage=reconstruction] canvas.data:not([data-paints='0'])")
    page.wait_for_timeout(300)
    shown: float = page.evaluate("firstShown")
    context.close()
    return sum(lengths) / 1000, shown, len(lengths)


def measure(quick: bool = False) -> Iterator[Row]:
    """Count headers, but not the stream's messages."""
    with serving(*SERVE) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=list(ARGUMENTS))
        visit(browser, server.url)  # warms up the browser
        visits = [visit(browser, server.url) for _ in range(1 if quick else RUNS)]
        browser.close()
    kilobytes, shown, requests = (percentile([one[n] for one in visits], 0.5) for n in range(3))
    yield Row("transferred by a first visit", f"{kilobytes:.0f} KB in {requests:.0f} requests")
    yield Row("navigation → first reconstruction shown", f"{shown:.0f} ms")
