"""`python -m benchmarks page`: size of a first visit, and the time until it shows a reconstruction, of both forms.

Measured on loopback, and through a proxy that stands for a line of 10 Mbit/s with a round trip of 40 ms. It delays the
stream too, which the browser's own emulation of networks does not; neither of them starts slowly, as TCP does.
"""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import NamedTuple

from playwright.async_api import Browser, Request, ViewportSize, async_playwright

from benchmarks.exported import exported
from benchmarks.far import far_away
from benchmarks.measuring import SERVE, Row, percentile, serving
from tests.browser.chromium import ARGUMENTS, find_chromium

RUNS = 5
SETTLING = 1000  # ms for what the browser itself does when it opens a window
VIEWPORT = ViewportSize(width=1440, height=900)
ROUND_TRIP = 40  # ms
RATE = 10e6 / 8  # bytes per second
FAR = " at 10 Mbit/s and 40 ms"

# Notes the time of the first frame after the reconstruction was drawn, in ms since the start of the navigation.
WATCH = """
const shown = () => Number(document.querySelector("[data-stage=reconstruction] canvas.data")?.dataset.paints) > 0;
const keep = (now) => { globalThis.firstShown = now; };
const look = () => requestAnimationFrame(shown() ? keep : look);
requestAnimationFrame(look);
"""


class FirstVisit(NamedTuple):
    kilobytes: float
    requests: int
    shown: float  # ms until the first reconstruction


async def visit(browser: Browser, url: str) -> FirstVisit:
    """Visit with an empty cache, and without what a service worker fetches for later visits."""
    context = await browser.new_context(viewport=VIEWPORT, service_workers="block")
    page = await context.new_page()
    await page.wait_for_timeout(SETTLING)
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))
    await page.add_init_script(WATCH)
    await page.goto(url, wait_until="networkidle")
    await page.wait_for_selector("[data-stage=reconstruction] canvas.data:not([data-paints='0'])")
    await page.wait_for_timeout(300)
    shown: float = await page.evaluate("firstShown")
    sizes = [await transferred(request) for request in finished if not request.url.startswith(("data:", "blob:"))]
    await context.close()
    return FirstVisit(sum(sizes) / 1000, len(sizes), shown)


async def transferred(request: Request) -> int:
    """Bytes of a response with its headers."""
    response = await request.response()
    assert response is not None
    body = int(await response.header_value("content-length") or 0)  # what Playwright counts is 0 for a worker's script
    return body + (await request.sizes())["responseHeadersSize"]


async def compare(urls: dict[str, str], runs: int) -> list[Row]:
    """Visit all in turn, near and far, so that they meet the same load."""
    found: dict[str, list[FirstVisit]] = {}
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=find_chromium(playwright), args=list(ARGUMENTS))
        for url in urls.values():
            await visit(browser, url)  # warms up the browser and the server
        for form, url in list(urls.items()):
            urls[form + FAR] = await stack.enter_async_context(far_away(url, ROUND_TRIP, RATE))
        for _ in range(runs):
            for form, url in urls.items():
                found.setdefault(form, []).append(await visit(browser, url))
        await browser.close()
    rows = []
    for form, visits in found.items():
        kilobytes, requests, shown = (percentile([one[n] for one in visits], 0.5) for n in range(3))
        if FAR not in form:
            rows.append(Row(f"{form}: transferred by a first visit", f"{kilobytes:.0f} KB in {requests:.0f} requests"))
        rows.append(Row(f"{form}: first reconstruction shown after", f"{shown:.0f} ms"))
    return rows


def measure(quick: bool = False) -> Iterator[Row]:
    """Medians. Headers count; messages of the stream do not."""
    with serving(*SERVE) as server, exported() as static_url:
        yield from asyncio.run(compare({"server": server.url, "static": static_url}, 1 if quick else RUNS))
