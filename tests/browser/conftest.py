"""A browser, the server with the shipped weights, and pages that fail their test on any error or foreign request."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.browser.explainer import PATIENCE_MS, Explainer
from tests.browser.zoo import write_zoo
from tests.conftest import Server

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

# A visitor who has been here before and left an empty pad: no digit draws itself for them.
RETURNING = """
const key = "vqvae-explainer.drawing";
if (location.protocol === "http:" && localStorage.getItem(key) === null) localStorage.setItem(key, "");
"""

# Notices go away by themselves, perhaps before a test comes to look.
KEEP_NOTICES = """
globalThis.notices = [];
addEventListener("DOMContentLoaded", () => {
  const said = document.querySelector(".notice-text");
  const keep = () => said.textContent && notices.push(said.textContent);
  if (!said) return;
  keep();
  new MutationObserver(keep).observe(said, { childList: true });
});
"""


# Not for the session: Playwright's event loop would be in the way of later tests that run their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium; CI must have one."""
    with sync_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            advice = "No Chromium: install one with `python -m tests.browser.install`"
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(advice)
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS), timeout=PATIENCE_MS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def shipped(make_server: Callable[..., AbstractContextManager[Server]]) -> Iterator[Server]:
    """A server with the shipped weights that all tests share: leave it running."""
    with make_server(None) as server:
        yield server


@pytest.fixture(scope="package")
def zoo(
    make_server: Callable[..., AbstractContextManager[Server]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with stand-ins for models of every shape, that all tests share: leave it running."""
    folder = tmp_path_factory.mktemp("zoo")
    write_zoo(folder)
    with make_server(folder) as server:
        yield server


class Watch:
    """Keeps what a page complains about and whom it asks."""

    def __init__(self, context: BrowserContext, expected: str) -> None:
        self._expected = re.compile(expected) if expected else None
        self._complaints: list[str] = []
        self._hosts: set[str] = set()
        context.on("page", self._follow)
        context.on("console", lambda message: self._complain(message.type, message.text))
        context.on("weberror", lambda error: self._complain("error", str(error.error)))
        context.on("request", lambda request: self._ask(request.url))

    def _follow(self, page: Page) -> None:
        page.on("websocket", lambda socket: self._ask(socket.url))

    def _complain(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not (self._expected and self._expected.search(text)):
            self._complaints.append(text)

    def _ask(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme not in ("data", "blob"):
            self._hosts.add(address.netloc)

    def check(self) -> None:
        """Fail when there was an error, or a request to another host than the one the page came from."""
        assert not self._complaints, "\n".join(self._complaints)
        assert len(self._hosts) <= 1, f"the page asked {sorted(self._hosts)}"


class Visit(Protocol):
    """Open a page: `url` (the shipped server's), `first` (nothing remembered), `expected` (a pattern of complaints
    that are part of the test), and Playwright's options for a context."""

    def __call__(self, url: str = ..., *, first: bool = ..., expected: str = ..., **options: Any) -> Explainer: ...


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Open pages of visitors who know nothing of each other; motion is reduced unless a test wants it."""
    opened: list[tuple[BrowserContext, Watch]] = []

    def open_page(url: str = "", *, first: bool = False, expected: str = "", **options: Any) -> Explainer:
        settings: dict[str, Any] = {"viewport": DESKTOP, "reduced_motion": "reduce", "color_scheme": "dark"}
        context = browser.new_context(**settings | options)
        context.set_default_timeout(PATIENCE_MS)
        opened.append((context, Watch(context, expected)))
        context.add_init_script(KEEP_NOTICES)
        if not first:
            context.add_init_script(RETURNING)
        return Explainer(context.new_page()).open(url or request.getfixturevalue("shipped").url)

    yield open_page
    for context, _ in opened:
        context.close()
    for _, watch in opened:
        watch.check()


@pytest.fixture
def explainer(visit: Visit) -> Explainer:
    """The page with an empty pad."""
    return visit()


@pytest.fixture
def five(explainer: Explainer) -> Explainer:
    """The page with the example 5."""
    explainer.example(5)
    return explainer


@pytest.fixture
def phone(visit: Visit) -> Explainer:
    """The page on a screen that is touched."""
    return visit(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)


class Fingers:
    """Touches of a screen, as the browser gets them from the system: what they scroll does scroll."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session

    def _send(self, kind: str, points: tuple[tuple[float, float], ...]) -> None:
        touches = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def down(self, *points: tuple[float, float]) -> None:
        """Put fingers on the screen, all that shall be there."""
        self._send("touchStart", points)

    def move(self, *points: tuple[float, float]) -> None:
        """Move all fingers."""
        self._send("touchMove", points)

    def up(self) -> None:
        """Lift all fingers."""
        self._send("touchEnd", ())


@pytest.fixture
def fingers(phone: Explainer) -> Fingers:
    """Fingers on the phone's screen."""
    return Fingers(phone.page.context.new_cdp_session(phone.page))
