"""A short visit in Firefox, of the server's page and of the exported one."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.conftest import Server, missing
from tests.site.static_host import hosting
from tests.soak.firefox import Firefox, find_firefox, firefox
from vqvae_explainer.resources import resource
from vqvae_explainer.site.export import export_site
from vqvae_explainer.site.single_file import export_single_file

DEFAULT = "residual-20"
SETTLED = """() => {
  const { store, stream } = explainer;
  const trace = store.get("trace");
  return stream.isIdle() && trace?.pixels && store.get("pixels").every((value, n) => value === trace.pixels[n]);
}"""
DRAWN = "() => explainer.store.get('pixels').some(Boolean)"
MATRICES = """() => Array.from(document.querySelectorAll(".matrix canvas.data"))
  .every((canvas) => Number(canvas.dataset.paints) > 0)"""
GRADIENTS = "() => explainer.store.get('gradients')?.pixels === explainer.store.get('pixels')"
CLICK = "(action) => { document.querySelector(`[data-action=${action}]`).click(); }"
KEPT = """async () => (await navigator.serviceWorker.ready).active.state === "activated"
  && navigator.serviceWorker.controller !== null"""
FAILED_OFFLINE = ("NetworkError", "service-worker", "Failed to")


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Firefox]:
    path = find_firefox()
    if path is None:
        missing("Firefox is missing: install firefox-esr")
    (tmp_path / "profile").mkdir()
    with firefox(path, tmp_path / "profile") as browser:
        yield browser


def visit(browser: Firefox) -> None:
    """Draw, look inside, run backward."""
    browser.evaluate("() => explainer.drawing.clear()")
    browser.stroke("canvas.pad", (0.3, 0.2), (0.7, 0.2), (0.4, 0.8))
    browser.until(DRAWN)
    browser.until(SETTLED)
    error = browser.evaluate("() => explainer.store.get('trace').losses.reconstruction")
    assert 0 < error < 0.05
    browser.press("v")
    browser.until(MATRICES)
    browser.evaluate(CLICK, "backward")
    browser.until(GRADIENTS)
    assert browser.evaluate("() => Array.from(explainer.store.get('gradients').quantized.data).some(Boolean)")
    browser.evaluate(CLICK, "bypass")
    browser.until("() => explainer.store.get('trace').variant === 'bypass'")


def test_the_page_of_a_server(browser: Firefox, make_server: Callable[..., AbstractContextManager[Server]]) -> None:
    with make_server(None) as server:
        browser.open(server.url)
        visit(browser)
        assert browser.complaints == []


def test_the_exported_page(browser: Firefox, tmp_path: Path) -> None:
    export_site(tmp_path / "site", [resource("weights") / f"{DEFAULT}.safetensors"])
    with hosting(tmp_path / "site") as host:
        browser.open(host.url)
        browser.until(SETTLED)
        browser.until(KEPT)
        host.stop()
        visit(browser)
        browser.reload()
        browser.until(SETTLED)
        assert browser.evaluate("() => explainer.store.get('connection')") == "live"
        assert [text for text in browser.complaints if not any(known in text for known in FAILED_OFFLINE)] == []


def test_one_file(browser: Firefox, tmp_path: Path) -> None:
    browser.open(export_single_file(tmp_path, [resource("weights") / f"{DEFAULT}.safetensors"]).as_uri())
    visit(browser)
    assert browser.complaints == []
