"""`python -m benchmarks stroke`: latency from a pen movement to the screen, in headless Chromium.

A scripted mouse moves at 60 Hz, at random phases relative to the browser's frames, through CDP's
Input.dispatchMouseEvent, so that the page receives real `pointerrawupdate` and `pointermove` events with the browser's
time stamps. For each move it measures the time until all canvases are drawn with a trace that includes the move, and
until they are painted (the first task after the next animation frame). Browser, server and script share the machine.
"""

import asyncio
import json
import math
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from playwright.async_api import Page, ViewportSize, async_playwright
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.exported import exported
from benchmarks.measuring import SERVE, Row, free_port, serving, spread
from tests.browser.chromium import ARGUMENTS, find_chromium

MOVES = 400
HERTZ = 60
VIEWPORT = ViewportSize(width=1440, height=900)

# A move is identified by the store's array of pixels after it. A trace refers to the array that it was made from.
INSTRUMENT = """() => {
  const { store } = explainer;
  const moves = globalThis.moves = [];
  const note = (event) => {
    const { buttons, timeStamp: at } = event;
    const last = moves.at(-1);
    if (!buttons || at < last?.at) return;
    const pixels = store.get("pixels");
    // A raw update and the later pointermove of the same position have the same time stamp.
    if (at === last?.at) last.pixels = pixels;
    else moves.push({ at, pixels, drawn: null, painted: null, own: false });
  };
  addEventListener("pointerrawupdate", note);
  addEventListener("pointermove", note);
  const channel = new MessageChannel();
  let waiting = [];
  channel.port1.onmessage = () => {
    const now = performance.now();
    for (const move of waiting) move.painted = now;
    waiting = [];
  };
  store.subscribe((changed) => {
    if (!changed.has("trace")) return;
    const now = performance.now();
    const { pixels } = store.get("trace");
    const newest = moves.findLastIndex((move) => move.pixels === pixels);
    const fresh = moves.slice(0, newest + 1).filter((move) => move.drawn === null);
    for (const move of fresh) move.drawn = now;
    for (const move of moves) if (move.pixels === pixels) move.own = true;
    requestAnimationFrame(() => {
      waiting.push(...fresh);
      channel.port2.postMessage(null);
    });
  });
}"""

# Moves that changed no pixel are left out: they have no trace.
COLLECT = """() => ({
  seen: moves.length,
  changed: moves.filter(({ pixels }, n) => pixels !== moves[n - 1]?.pixels)
    .map(({ at, drawn, painted, own }) => [drawn && drawn - at, painted && painted - at, own]),
})"""


class Mouse:
    """A mouse that writes to the browser's debugging port directly, without Playwright's latency."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._number = 0

    async def send(self, kind: str, at: tuple[float, float], **more: Any) -> None:
        """Send an event without waiting for the browser's acknowledgement."""
        self._number += 1
        parameters = {"type": kind, "x": at[0], "y": at[1], "button": "left", **more}
        message = {"id": self._number, "method": "Input.dispatchMouseEvent", "params": parameters}
        await self._socket.send(json.dumps(message))


@asynccontextmanager
async def mouse_of(page: Page, port: int) -> AsyncIterator[Mouse]:
    """The mouse of a page; its browser's debugging port is `port`."""
    session = await page.context.new_cdp_session(page)
    target = (await session.send("Target.getTargetInfo"))["targetInfo"]["targetId"]
    await session.detach()
    async with connect(f"ws://127.0.0.1:{port}/devtools/page/{target}", max_size=None, compression=None) as socket:
        reader = asyncio.create_task(drain(socket))
        try:
            yield Mouse(socket)
        finally:
            reader.cancel()


async def drain(socket: ClientConnection) -> None:
    """Read acknowledgements, so that they do not pile up."""
    async for _ in socket:
        pass


class Observed(NamedTuple):
    """Measurements of one stroke."""

    moves: int  # that the page received
    changed: list[tuple[float | None, float | None, bool]]  # ms until drawn, ms until painted, whether it was traced

    @property
    def drawn(self) -> list[float]:
        return [drawn for drawn, _, _ in self.changed if drawn is not None]

    @property
    def painted(self) -> list[float]:
        return [painted for _, painted, _ in self.changed if painted is not None]

    @property
    def traced(self) -> int:
        """Number of moves whose own trace was shown."""
        return sum(own for _, _, own in self.changed)

    @property
    def last_shown(self) -> bool:
        return self.changed[-1][2]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[tuple[Page, Mouse]]:
    """A page in a browser of its own, once it shows a reconstruction, and its mouse."""
    async with async_playwright() as playwright:
        port = free_port()
        arguments = [*ARGUMENTS, f"--remote-debugging-port={port}"]
        browser = await playwright.chromium.launch(executable_path=find_chromium(playwright), args=arguments)
        page = await browser.new_page(viewport=VIEWPORT, reduced_motion="reduce")
        await page.goto(url)
        await page.wait_for_selector("[data-stage=reconstruction] canvas.data:not([data-paints='0'])")
        await page.evaluate(INSTRUMENT)
        async with mouse_of(page, port) as mouse:
            yield page, mouse
        await browser.close()


async def draw(page: Page, mouse: Mouse, moves: int, settle_ms: float = 500) -> Observed:
    """Draw one long stroke at a constant rate; `settle_ms` is the wait for the last answers."""
    await page.evaluate("() => { explainer.drawing.replace([]); globalThis.moves.length = 0; }")
    await page.wait_for_timeout(300)
    box = await page.locator("canvas.pad").bounding_box()
    assert box is not None

    def at(move: int) -> tuple[float, float]:
        """A curve inside the pad that crosses itself."""
        turn = 2 * math.pi * move / moves
        across, down = 0.5 + 0.33 * math.sin(7 * turn), 0.5 + 0.33 * math.cos(5 * turn)
        return box["x"] + across * box["width"], box["y"] + down * box["height"]

    await mouse.send("mouseMoved", at(0), button="none")
    await mouse.send("mousePressed", at(0), buttons=1, clickCount=1)
    loop, rng = asyncio.get_running_loop(), random.Random(0)
    start = loop.time()
    for move in range(1, moves + 1):
        await asyncio.sleep(max(0.0, start + (move + rng.random()) / HERTZ - loop.time()))
        await mouse.send("mouseMoved", at(move), buttons=1)
    await mouse.send("mouseReleased", at(moves), buttons=0, clickCount=1)
    await page.wait_for_timeout(settle_ms)
    collected = await page.evaluate(COLLECT)
    return Observed(collected["seen"], collected["changed"])


async def stroke(form: str, url: str, moves: int) -> list[Row]:
    """Measure the summary view, then the details view."""
    rows = []
    async with opened(url) as (page, mouse):
        for name, details in (("summary", False), ("details open", True)):
            await page.evaluate("(open) => explainer.store.set('details', open)", details)
            await page.wait_for_timeout(1000)
            await draw(page, mouse, moves // 8)  # warm-up
            found = await draw(page, mouse, moves)
            skipped = len(found.changed) - found.traced
            rows += [
                Row(f"{form}, {name}: move → drawn", spread(found.drawn)),
                Row(f"{form}, {name}: move → painted", spread(found.painted)),
                Row(
                    f"{form}, {name}: moves",
                    f"{moves} made, {found.moves} seen by the page, {len(found.changed)} changed the picture, "
                    f"{skipped} overtaken, last one " + ("shown" if found.last_shown else "NOT shown"),
                ),
            ]
    return rows


def measure(quick: bool = False) -> Iterator[Row]:
    """Measure with the default model: run by a server, then in the exported page."""
    moves = 80 if quick else MOVES
    with serving(*SERVE) as server:
        yield from asyncio.run(stroke("server", server.url, moves))
    with exported() as url:
        yield from asyncio.run(stroke("in the page", url, moves))
