"""Chromium, two servers, and pages: shared ones that are reset before each test, or one of a test's own (`visit`)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Error, Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.browser.explainer import PATIENCE_MS, Explainer, Watch
from tests.browser.many_models import write_models
from tests.conftest import Server, missing

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
TOUCH: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
MEDIA: dict[str, Any] = {"color_scheme": "dark", "reduced_motion": "reduce"}
MEDIA_MATCH = "() => matchMedia('(prefers-color-scheme: dark) and (prefers-reduced-motion: reduce)').matches"

# A visitor who has been here before and left an empty pad: no digit draws itself for them.
RETURNING = """
const key = "vqvae-explainer.drawing";
if (location.protocol === "http:" && localStorage.getItem(key) === null) localStorage.setItem(key, "");
"""

# Notices disappear after a while, perhaps before a test reads them.
KEEP_NOTICES = """
globalThis.notices = [];
addEventListener("DOMContentLoaded", () => {
  const text = document.querySelector(".notice-text");
  const keep = () => text.textContent && notices.push(text.textContent);
  if (!text) return;
  keep();
  new MutationObserver(keep).observe(text, { childList: true });
});
"""


# Not session scope: Playwright's event loop would disturb later tests that run their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium; CI must have one."""
    with sync_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            missing("Chromium is missing: install it with `python -m tests.browser.install`")
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS), timeout=PATIENCE_MS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def shipped(make_server: Callable[..., AbstractContextManager[Server]]) -> Iterator[Server]:
    """A server with the shipped weights that all tests share: leave it running."""
    with make_server(None) as server:
        yield server


@pytest.fixture(scope="package")
def many_models(
    make_server: Callable[..., AbstractContextManager[Server]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with small stand-ins for models of every shape that all tests share: leave it running."""
    folder = tmp_path_factory.mktemp("many_models")
    write_models(folder)
    with make_server(folder) as server:
        yield server


def open_page(
    browser: Browser,
    url: str,
    *,
    first: bool = False,
    init_script: str = "",
    prepare: Callable[[Page], object] | None = None,
    **options: Any,
) -> tuple[BrowserContext, Explainer]:
    """Open a page in a browser context of its own; motion is reduced unless `options` say otherwise."""
    context = browser.new_context(**{"viewport": DESKTOP, **MEDIA, **options})
    context.set_default_timeout(PATIENCE_MS)
    watch = Watch(context)
    context.add_init_script(KEEP_NOTICES)
    if not first:
        context.add_init_script(RETURNING)
    if init_script:
        context.add_init_script(init_script)
    page = context.new_page()
    if prepare:
        prepare(page)
    return context, Explainer(page, watch).open(url)


class Visit(Protocol):
    """Opens a page.

    `first` is for a visitor who has never been here; `init_script` runs before the page's own code, `prepare` before
    the page is loaded; other options are those of a browser context.
    """

    def __call__(
        self,
        url: str = ...,
        *,
        first: bool = ...,
        init_script: str = ...,
        prepare: Callable[[Page], object] | None = ...,
        **options: Any,
    ) -> Explainer: ...


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Open pages of the test's own, for what a shared page cannot do: first visits, other screens, init scripts."""
    opened: list[tuple[BrowserContext, Explainer]] = []

    def open_own(url: str = "", **options: Any) -> Explainer:
        context, explainer = open_page(browser, url or request.getfixturevalue("shipped").url, **options)
        opened.append((context, explainer))
        return explainer

    yield open_own
    for context, _ in opened:
        context.close()
    for _, explainer in opened:
        explainer.watch.check()


class SharedPages:
    """One open page for each server and kind of screen, which tests use one after another."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._open: dict[str, tuple[BrowserContext, Explainer]] = {}

    def take(self, url: str, options: dict[str, Any]) -> Explainer:
        """The page in its first state; a new one if there is none or it cannot be reset."""
        key = f"{url} {sorted(options)}"
        if key in self._open:
            explainer = self._open[key][1]
            try:
                self._restore(explainer, url, options.get("viewport", DESKTOP))
            except (Error, AssertionError):  # one broken page must not fail the tests after it
                self.discard(explainer)
        if key not in self._open:
            self._open[key] = open_page(self._browser, url, **options)
        return self._open[key][1]

    @staticmethod
    def _restore(explainer: Explainer, url: str, viewport: dict[str, int]) -> None:
        page = explainer.page
        page.mouse.up()
        page.mouse.move(2, 2)
        if page.viewport_size != viewport:
            page.set_viewport_size(viewport)  # type: ignore[arg-type]
        if not explainer.evaluate(MEDIA_MATCH):  # emulating what is there already would restyle the page
            page.emulate_media(**MEDIA)
        page.unroute_all()
        page.context.clear_permissions()
        if page.url.split("#")[0].rstrip("/") != url:
            page.goto(url)
        explainer.reset()

    def discard(self, explainer: Explainer) -> None:
        """Close a page, so that the next test gets a new one."""
        self._open = {key: held for key, held in self._open.items() if held[1] is not explainer}
        explainer.page.context.close()

    def close(self) -> None:
        """Close all pages."""
        for context, _ in self._open.values():
            context.close()


@pytest.fixture(scope="package")
def shared_pages(browser: Browser) -> Iterator[SharedPages]:
    """The pages that tests share."""
    pages = SharedPages(browser)
    yield pages
    pages.close()


Share = Callable[..., Explainer]


@pytest.fixture
def share(shared_pages: SharedPages, request: pytest.FixtureRequest) -> Iterator[Share]:
    """A shared page of a server in its first state; checked for errors and foreign requests after the test."""
    used: list[Explainer] = []
    failed = request.session.testsfailed

    def take(url: str, **options: Any) -> Explainer:
        explainer = shared_pages.take(url, options)
        used.append(explainer)
        return explainer

    yield take
    for explainer in used:
        if request.session.testsfailed > failed:
            shared_pages.discard(explainer)
        else:
            explainer.evaluate("() => 0")  # events of the page arrive before its answer
        explainer.watch.check()


@pytest.fixture
def explainer(share: Share, shipped: Server) -> Explainer:
    """The page with an empty pad."""
    return share(shipped.url)


@pytest.fixture
def five(explainer: Explainer) -> Explainer:
    """The page with the example 5."""
    return explainer.show_example(5)


@pytest.fixture
def models_page(share: Share, many_models: Server) -> Explainer:
    """The page of the server with models of every shape, with the example 5."""
    return share(many_models.url).show_example(5)


@pytest.fixture
def phone(share: Share, shipped: Server) -> Explainer:
    """The page on a touch screen."""
    return share(shipped.url, **TOUCH)


@pytest.fixture
def models_phone(share: Share, many_models: Server) -> Explainer:
    """The page of the server with models of every shape on a touch screen, with the example 5."""
    return share(many_models.url, **TOUCH).show_example(5)


class Fingers:
    """Touches as the browser gets them from the system: they scroll the page where a finger would."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session

    def _send(self, kind: str, points: tuple[tuple[float, float], ...]) -> None:
        touches = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def down(self, *points: tuple[float, float]) -> None:
        """Put fingers on the screen; `points` are all fingers that are down then."""
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
