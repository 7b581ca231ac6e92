"""The server goes away and comes back, sends errors and nonsense, or is full."""

import base64
import json
import time
from typing import Any

import numpy as np
from playwright.sync_api import Page, WebSocketRoute

from tests.browser.conftest import Visit
from tests.browser.explainer import PATIENCE_MS, READY, Explainer
from tests.conftest import Server

LOST = r"WebSocket connection to .* failed|Failed to load resource"

KEEP_OFFLINE = """() => {
  const message = document.querySelector(".offline");
  globalThis.messages = [];
  new MutationObserver(() => message.hidden || messages.push(message.textContent))
    .observe(message, { attributes: true, childList: true });
}"""


OPACITY = "(opacity) => Number(getComputedStyle(document.querySelector('.part-features')).opacity) === opacity"

SECTIONS_FILLED = """() => {
  const painted = (selector) => document.querySelector(`${selector}[data-paints]`)?.checkVisibility();
  return painted(".matrix canvas.data") && document.querySelectorAll("#section-health .bars [data-item]").length
    && explainer.store.get("runs").every((name) => explainer.store.get("playbacks")[name])
    && document.querySelector(".code-line");
}"""


def state(explainer: Explainer, name: str) -> None:
    """Wait until the page shows the state of its connection."""
    explainer.until("(name) => document.querySelector('.connection').dataset.state === name", name)


def test_the_connection_is_shown(explainer: Explainer) -> None:
    state(explainer, "live")
    assert explainer.page.locator(".connection").inner_text().split()[-1] == "Live"
    assert explainer.page.locator(".offline").is_hidden()


def test_a_drawing_outlives_the_server(visit: Visit, own_server: Server) -> None:
    explainer = visit(own_server.url)
    explainer.watch.expect(LOST)
    page = explainer.page
    explainer.stroke((6, 6), (14, 20), (22, 6))
    drawn, seq = explainer.ink(), explainer.seq()
    port = own_server.port
    own_server.kill()
    state(explainer, "offline")
    assert page.locator(".connection").inner_text().split()[-1] == "Offline"
    assert "reconnect" in page.locator(".offline").inner_text()
    assert page.locator(".offline").is_visible()
    np.testing.assert_array_equal(explainer.ink(), drawn)

    explainer.stroke((6, 24), (22, 24), settled=False)
    explainer.until("() => explainer.store.get('drawing')[24 * 28 + 14] > 200")
    assert explainer.picture("canvas.pad")[24, 14, 0] > 200
    assert explainer.seq() == seq

    # Results of the earlier drawing are dimmed and say so; undo leads back to the drawing they belong to.
    assert "earlier drawing" in page.locator(".offline").inner_text()
    explainer.until(OPACITY, 0.4)
    page.keyboard.press("Control+z")
    explainer.until(OPACITY, 1)
    assert "earlier drawing" not in page.locator(".offline").inner_text()
    page.keyboard.press("Control+y")
    explainer.until(OPACITY, 0.4)
    # Sections that are opened now fill themselves when the server is back.
    for key in ("v", "h", "p"):
        page.keyboard.press(key)
    assert "could not be loaded" in explainer.notice()
    assert page.locator(".code-line").count() == 0

    explainer.evaluate("() => { globalThis.sameDocument = true; }")
    own_server.start(port)
    state(explainer, "live")
    explainer.settled()
    assert explainer.evaluate("() => sameDocument")
    assert page.locator(".offline").is_hidden()
    assert explainer.seq() > seq
    explainer.until(OPACITY, 1)
    explainer.until(SECTIONS_FILLED)
    explainer.reset()
    explainer.settled()

    # Once more; this time the visitor reloads as soon as the server is back.
    own_server.kill()
    state(explainer, "offline")
    explainer.stroke((6, 22), (22, 6), settled=False)
    explainer.until("() => explainer.store.get('drawing')[21 * 28 + 6] > 100")
    drawn = explainer.ink()
    own_server.start(port)
    page.reload()
    explainer.until(READY).settled()
    np.testing.assert_array_equal(explainer.ink(), drawn)


class Relay:
    """Stands between page and server: forwards, holds back, sends messages of its own."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.asked: list[dict[str, Any]] = []
        self.held: list[str] = []
        self.holding = False
        self.socket: WebSocketRoute | None = None
        page.route_web_socket("**/ws", self._attach)

    def _attach(self, socket: WebSocketRoute) -> None:
        self.socket = socket
        server = socket.connect_to_server()

        def ask(message: str | bytes) -> None:
            self.asked.append(json.loads(message))
            server.send(message)

        def answer(message: str | bytes) -> None:
            if self.holding:
                self.held.append(str(message))
            else:
                socket.send(message)

        socket.on_message(ask)
        server.on_message(answer)

    def expect(self, count: int) -> None:
        """Wait until the page has sent this many requests, and no more."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while len(self.asked) < count and time.monotonic() < end:
            self._page.wait_for_timeout(15)  # lets Playwright deliver events
        assert len(self.asked) == count

    def send(self, message: str) -> None:
        """Send the page a message as if the server had."""
        assert self.socket
        self.socket.send(message)

    def release(self) -> None:
        """Forward what was held back, and hold back no more."""
        self.holding = False
        for message in self.held:
            self.send(message)
        self.held.clear()


def test_replies_that_are_held_back_or_refused(visit: Visit) -> None:
    relays: list[Relay] = []
    explainer = visit(prepare=lambda page: relays.append(Relay(page)))
    (relay,) = relays

    # Four drawings are in flight, and only the newest waits for a reply.
    relay.asked.clear()
    relay.holding = True
    mouse = explainer.page.mouse
    mouse.move(*explainer.at((4, 14)))
    mouse.down()
    for x in range(5, 24):
        mouse.move(*explainer.at((x, 14)))
        explainer.page.wait_for_timeout(10)  # at most one is sent a frame
    explainer.until("() => explainer.store.get('drawing')[14 * 28 + 22] > 200")
    relay.expect(4)
    mouse.up()
    relay.release()
    explainer.settled()
    sent = [message["pixels"] for message in relay.asked if message["type"] == "trace"]
    assert len(sent) == 5
    assert base64.b64decode(sent[-1]) == explainer.ink("pixels").tobytes()

    # An error is shown, and the page goes on.
    relay.send(json.dumps({"type": "error", "seq": None, "code": "new", "message": "It hiccuped."}))
    assert explainer.notice()
    explainer.stroke((6, 6), (22, 22))

    # A full server says so, and the page connects again.
    explainer.evaluate(KEEP_OFFLINE)  # it may be over before the test looks
    assert relay.socket
    relay.socket.close(code=1013)
    explainer.until("() => messages.length")
    (message,) = set(explainer.evaluate("() => messages"))
    assert "many visitors" in message
    state(explainer, "live")
    explainer.stroke((6, 6), (22, 6))
