"""The server goes away and comes back."""

import base64
import json
import time
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, WebSocketRoute

from tests.browser.conftest import Visit
from tests.browser.explainer import PATIENCE_MS, Explainer
from tests.conftest import Server

LOST = r"WebSocket connection to .* failed|Failed to load resource"

KEEP_OFFLINE = """() => {
  const said = document.querySelector(".offline");
  globalThis.told = [];
  new MutationObserver(() => said.hidden || told.push(said.textContent))
    .observe(said, { attributes: true, childList: true });
}"""


@pytest.fixture
def page(visit: Visit, own_server: Server) -> Explainer:
    """The page of a server that may be killed."""
    return visit(own_server.url, expected=LOST)


def state(explainer: Explainer, name: str) -> None:
    """Wait until the page shows the state of its connection."""
    explainer.until("(name) => document.querySelector('.connection').dataset.state === name", name)


def test_the_connection_is_shown(explainer: Explainer) -> None:
    state(explainer, "live")
    assert explainer.page.locator(".connection").inner_text().split()[-1] == "Live"
    assert explainer.page.locator(".offline").is_hidden()


def test_a_drawing_outlives_the_server(page: Explainer, own_server: Server) -> None:
    page.stroke((6, 6), (14, 20), (22, 6))
    drawn, seq = page.ink(), page.seq()
    port = own_server.port
    own_server.kill()
    state(page, "offline")
    assert page.page.locator(".connection").inner_text().split()[-1] == "Offline"
    assert "reconnects by itself" in page.page.locator(".offline").inner_text()
    assert page.page.locator(".offline").is_visible()
    np.testing.assert_array_equal(page.ink(), drawn)

    page.stroke((6, 24), (22, 24), settled=False)
    page.until("() => explainer.store.get('drawing')[24 * 28 + 14] > 200")
    assert page.picture("canvas.pad")[24, 14, 0] > 200
    assert page.seq() == seq

    page.evaluate("() => { globalThis.sameDocument = true; }")
    own_server.start(port)
    state(page, "live")
    page.settled()
    assert page.evaluate("() => sameDocument")
    assert page.page.locator(".offline").is_hidden()
    assert page.seq() > seq
    page.action("clear").click()
    page.settled()


def test_a_page_reconnects_again_and_again(page: Explainer, own_server: Server) -> None:
    for x in (8, 18):
        port = own_server.port
        own_server.kill()
        state(page, "offline")
        page.stroke((x, 5), (x, 22), settled=False)
        own_server.start(port)
        state(page, "live")
        page.settled()


def test_a_page_opened_late_knows_its_drawing_again(page: Explainer, own_server: Server) -> None:
    """Reloading while the server is away cannot work, but afterwards all is there."""
    page.stroke((6, 6), (22, 22))
    port = own_server.port
    own_server.kill()
    state(page, "offline")
    page.stroke((6, 22), (22, 6), settled=False)
    page.until("() => explainer.store.get('drawing')[21 * 28 + 6] > 100")
    drawn = page.ink()
    own_server.start(port)
    page.page.reload()
    page.until("() => globalThis.explainer?.store.get('model')").settled()
    np.testing.assert_array_equal(page.ink(), drawn)


class Relay:
    """Stands between page and server: passes on, holds back, answers itself."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.asked: list[dict[str, Any]] = []
        self.held: list[str] = []
        self.holding = False
        self.socket: WebSocketRoute | None = None

    def attach(self, socket: WebSocketRoute) -> None:
        """Take a new connection of the page."""
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
        """Wait until the page has asked as often as that, and see that it asks no more meanwhile."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while len(self.asked) < count and time.monotonic() < end:
            self._page.wait_for_timeout(15)  # lets Playwright tell what it has heard
        assert len(self.asked) == count

    def release(self) -> None:
        """Pass on what was held back, and hold back no more."""
        assert self.socket
        self.holding = False
        for message in self.held:
            self.socket.send(message)
        self.held.clear()


@pytest.fixture
def relay(visit: Visit) -> tuple[Explainer, Relay]:
    """The page and what stands between it and the server."""
    explainer = visit()
    relay = Relay(explainer.page)
    explainer.page.route_web_socket("**/ws", relay.attach)
    explainer.page.reload()
    explainer.until("() => globalThis.explainer?.store.get('model')").settled()
    return explainer, relay


def test_one_drawing_is_in_flight_and_the_newest_waits(relay: tuple[Explainer, Relay]) -> None:
    explainer, between = relay
    between.asked.clear()
    between.holding = True
    mouse = explainer.page.mouse
    mouse.move(*explainer.at((4, 14)))
    mouse.down()
    for x in range(5, 24):
        mouse.move(*explainer.at((x, 14)))
    explainer.until("() => explainer.store.get('drawing')[14 * 28 + 22] > 200")
    between.expect(1)
    mouse.up()  # the last one does not wait
    between.expect(2)
    between.release()
    explainer.settled()
    sent = [message["pixels"] for message in between.asked]
    assert len(sent) == 2
    assert base64.b64decode(sent[-1]) == explainer.ink("pixels").tobytes()


def test_an_error_of_the_server_is_told_and_the_page_goes_on(relay: tuple[Explainer, Relay]) -> None:
    explainer, between = relay
    assert between.socket
    between.socket.send(json.dumps({"type": "error", "seq": None, "code": "new", "message": "It hiccuped."}))
    assert explainer.notice() == "It hiccuped."
    explainer.stroke((6, 6), (22, 22))


@pytest.mark.parametrize("reply", ["{", "[]", "null", '{"type": "trace", "seq": 100000, "features": {}}'])
def test_a_reply_that_cannot_be_read_breaks_nothing(relay: tuple[Explainer, Relay], reply: str) -> None:
    explainer, between = relay
    assert between.socket
    between.socket.send(reply)
    explainer.stroke((6, 6), (22, 22))


def test_a_full_server_says_so(relay: tuple[Explainer, Relay]) -> None:
    explainer, between = relay
    assert between.socket
    explainer.evaluate(KEEP_OFFLINE)  # it may be over before a test comes to look
    between.socket.close(code=1013)
    explainer.until("() => told.length")
    (told,) = set(explainer.evaluate("() => told"))
    assert "as many visitors" in told
    state(explainer, "live")
    explainer.stroke((6, 6), (22, 22))
