"""A page where nothing happens does nothing; and it loads what it says."""

import re
from urllib.parse import urljoin

import httpx
import pytest
from playwright.sync_api import WebSocket

from tests.browser.conftest import Visit
from tests.browser.explainer import Explainer
from tests.conftest import ROOT, Server

COUNT = """
globalThis.calls = 0;
for (const name of ["requestAnimationFrame", "setTimeout", "setInterval", "fetch"]) {
  const original = globalThis[name].bind(globalThis);
  globalThis[name] = (...rest) => (calls++, original(...rest));
}
"""
RESTING_MS = 1000
SECTIONS = ("details", "compare", "health", "playback")


@pytest.mark.parametrize("pinned", [False, True])
def test_nothing_happens_when_nothing_changed(visit: Visit, pinned: bool) -> None:
    explainer = visit()
    frames: list[str | bytes] = []

    def listen(socket: WebSocket) -> None:
        for event in ("framesent", "framereceived"):
            socket.on(event, lambda frame: frames.append(frame))

    explainer.page.on("websocket", listen)
    explainer.page.context.add_init_script(COUNT)
    explainer.page.reload()
    explainer.until("() => globalThis.explainer?.store.get('model')").settled()
    explainer.example(3)
    if pinned:
        explainer.cell("indices", 24).click()
        explainer.until("() => explainer.store.get('pinned')")
    # Until the announcer has spoken, which it does a while after the last change.
    said = "Pinned" if pinned else "traced"
    explainer.until("(said) => document.querySelector('.announcer').textContent.includes(said)", said)
    assert frames
    frames.clear()
    paints = explainer.paints()
    calls = explainer.evaluate("() => calls")
    explainer.page.wait_for_timeout(RESTING_MS)  # the one wait by the clock: nothing is what is waited for
    assert explainer.evaluate("() => calls") == calls
    assert frames == []
    assert explainer.paints() == paints


def test_the_same_drawing_is_not_sent_twice(explainer: Explainer) -> None:
    """Ink over ink changes nothing that the server could tell: only the lifted pen makes sure."""
    explainer.page.mouse.click(*explainer.at((14, 14)))
    seq = explainer.settled().seq()
    for again in (1, 2):
        explainer.page.mouse.click(*explainer.at((14, 14)))
        assert explainer.settled().seq() == seq + again


def preloaded(page: str) -> set[str]:
    """The modules that the page tells the browser to load early."""
    return set(re.findall(r'<link rel="modulepreload" href="([^"]+)">', page))


def test_the_preloaded_modules_are_those_that_are_loaded(explainer: Explainer, shipped: Server) -> None:
    page = httpx.get(shipped.url).text
    (main,) = re.findall(r'<script type="module" src="([^"]+)">', page)
    loaded, waiting = set(), {main}
    while waiting:
        path = waiting.pop()
        loaded.add(path)
        source = httpx.get(shipped.url + path).raise_for_status().text
        imports = re.findall(r'^(?:import|\} from|export .* from)\b[^"\n]*"(\.[^"]+)"', source, re.MULTILINE)
        waiting |= {urljoin(path, name) for name in imports} - loaded
    assert preloaded(page) == loaded - {main}
    requested = explainer.evaluate("() => performance.getEntriesByType('resource').map((entry) => entry.name)")
    scripts = {url.removeprefix(shipped.url) for url in requested if url.endswith(".js")}
    assert {path for path in scripts if not path.endswith("boot.js")} == loaded
    modules = {str(path.relative_to(ROOT / "static")) for path in (ROOT / "static").rglob("*.js")}
    # What lies below the figure is fetched when it is opened first.
    for key in SECTIONS:
        explainer.evaluate("(key) => explainer.store.set(key, true)", key)
    explainer.until(
        """(count) => performance.getEntriesByType("resource")
          .filter(({ name }) => name.endsWith(".js")).length >= count""",
        len(modules),
    )
    requested = explainer.evaluate("() => performance.getEntriesByType('resource').map((entry) => entry.name)")
    scripts |= {url.removeprefix(shipped.url) for url in requested if url.endswith(".js")}
    assert {path.split("/", 3)[3] for path in scripts} == modules


def test_the_template_has_nothing_inline(shipped: Server) -> None:
    page = httpx.get(shipped.url).text
    assert not re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page)
