"""`python -m benchmarks page`: size of a first visit, and the time until it shows a reconstruction.

Measured on loopback, and through a proxy that stands for a line of 10 Mbit/s with a round trip of 40 ms. It delays the
stream too, which the browser's own emulation of networks does not; neither of them starts slowly, as TCP does.
"""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

from playwright.async_api import Browser, ViewportSize, async_playwright

from benchmarks.far import far_away
from benchmarks.measuring import SERVE, Row, percentile, serving
from tests.browser.chromium import ARGUMENTS, find_chromium

RUNS = 5
VIEWPORT = ViewportSize(width=1440, height=900)
ROUND_TRIP = 40  # ms
RATE = 10e6 / 8  # bytes per second

# Notes the time of the first frame after the reconstruction was drawn, in ms since the start of the navigation.
WATCH = """
const shown = () => Number(document.querySelector("[data-stage=reconstruction] canvas.data")?.dataset.paints) > 0;
const keep = (now) => { globalThis.firstShown = now; };
const look = () => requestAnimationFrame(shown() ? keep : look);
requestAnimationFrame(look);
"""


class FirstVisit(NamedTuple):
    kilobytes: float
    shown: float  # ms until the first reconstruction
    requests: int


async def visit(browser: Browser, url: str) -> FirstVisit:
    """Visit with an empty cache."""
    context = await browser.new_context(viewport=VIEWPORT)
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    urls: dict[str, str] = {}
    lengths: list[float] = []

    def finish(event: dict[str, Any]) -> None:
        if not urls.get(event["requestId"], "").startswith("data:"):  # embedded in the page
            lengths.append(event["encodedDataLength"])

    session.on("Network.requestWillBeSent", lambda event: urls.update({event["requestId"]: event["request"]["url"]}))
    session.on("Network.loadingFinished", finish)
    await session.send("Network.enable")
    await page.add_init_script(WATCH)
    await page.goto(url, wait_until="networkidle")
    await page.wait_for_selector("[data-stage=reconstruction] canvas.data:not([data-paints='0'])")
    await page.wait_for_timeout(300)
    shown: float = await page.evaluate("firstShown")
    await context.close()
    return FirstVisit(sum(lengths) / 1000, shown, len(lengths))


async def visits(url: str, runs: int) -> list[Row]:
    """Near and far in turn, so that both meet the same load."""
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=find_chromium(playwright), args=list(ARGUMENTS))
        far_url = await stack.enter_async_context(far_away(url, ROUND_TRIP, RATE))
        await visit(browser, url)  # warms up the browser and the server
        near, far = [], []
        for _ in range(runs):
            near.append(await visit(browser, url))
            far.append(await visit(browser, far_url))
        await browser.close()
    kilobytes, near_ms, requests = (percentile([one[n] for one in near], 0.5) for n in range(3))
    far_ms = percentile([one.shown for one in far], 0.5)
    return [
        Row("transferred by a first visit", f"{kilobytes:.0f} KB in {requests:.0f} requests"),
        Row("navigation → first reconstruction shown", f"{near_ms:.0f} ms"),
        Row("the same at 10 Mbit/s and 40 ms", f"{far_ms:.0f} ms"),
    ]


def measure(quick: bool = False) -> Iterator[Row]:
    """Medians. Headers count; messages of the stream do not."""
    with serving(*SERVE) as server:
        yield from asyncio.run(visits(server.url, 1 if quick else RUNS))
