"""A shared page that was reset cannot be told from a new one."""

import hashlib
from typing import Any

from tests.browser.conftest import DESKTOP, MEDIA, Share, SharedPages, Visit
from tests.browser.details import Details
from tests.browser.explainer import Explainer
from tests.browser.test_models import choose
from tests.conftest import Server

# Everything a reset must return. Numbers that count replies and their times differ from page to page.
SNAPSHOT = """() => {
  const { store } = explainer;
  const seen = (key, value) => ["seq", "serverMs", "roundTripMs"].includes(key) ? undefined : value;
  const plain = (value) => ArrayBuffer.isView(value) ? Array.from(value) : value;
  const keys = %s;
  return {
    state: Object.fromEntries(keys.map((key) =>
      [key, JSON.stringify(store.get(key), (name, value) => plain(seen(name, value))) ?? "undefined"])),
    storage: { ...localStorage, ...sessionStorage },
    address: location.href,
    focus: document.activeElement.tagName,
    dialogs: document.querySelectorAll("dialog[open]").length,
    scroll: [scrollX, scrollY, ...Array.from(document.querySelectorAll("*"), (element) => element.scrollTop)
      .filter(Boolean)],
    size: [innerWidth, innerHeight],
    media: ["(prefers-color-scheme: dark)", "(prefers-reduced-motion: reduce)"]
      .map((query) => matchMedia(query).matches),
    texts: document.body.innerText,
    fields: Array.from(document.querySelectorAll("input, select"), ({ name, type, checked, value }) =>
      [name, type, type === "checkbox" ? checked : value]).filter(([name]) => !name.startsWith("run-")),
    pressed: Array.from(document.querySelectorAll("[aria-pressed=true], [aria-expanded=true], [aria-selected=true]"),
      (element) => element.dataset.action ?? element.id),
  };
}"""


def state_keys(explainer: Explainer) -> list[str]:
    """The keys of the state, as the page declares them."""
    keys: list[str] = explainer.evaluate(
        """async () => {
          const url = Array.from(document.querySelectorAll("link[rel=modulepreload]"), ({ href }) => href)
            .find((href) => href.endsWith("/core/state.js"));
          const { initialState } = await import(url);
          return Object.keys(initialState());
        }"""
    )
    return keys


def snapshot(explainer: Explainer) -> dict[str, Any]:
    """All that a visitor or a test can see of the page; of the picture its hash."""
    keys = sorted(set(state_keys(explainer)) - {"layout"})  # counts changes of size
    found: dict[str, Any] = explainer.evaluate(SNAPSHOT % keys)
    found["picture"] = hashlib.sha256(explainer.page.screenshot(full_page=True)).hexdigest()
    return found


def run_riot(explainer: Explainer) -> None:
    """Use everything, and leave it as it is."""
    page = explainer.page
    explainer.show_example(7)
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    page.set_viewport_size({"width": 800, "height": 600})
    choose(explainer, "minimal-20")
    page.locator("input[name=brush]").fill("2.5")
    page.locator("input[name=channel]").fill("3")
    page.locator("input[name=centre]").uncheck()
    explainer.stroke((6, 6), (22, 22))
    for action in ("erase", "difference", "meter", "theme", "share"):
        explainer.action(action).click()
    for key in ("health", "compare", "playback"):
        explainer.set(key, True)
    page.locator("select[name=speed]").select_option("4")
    page.locator("input[name=playhead]").fill("50")
    page.locator("input[name=inked]").check()
    Details(explainer).open()
    page.locator("[data-scaling=shared]").click()
    page.locator("#tab-decoder").click()
    page.locator("#tab-loss").focus()
    for action in ("backward", "straight-through", "bypass"):
        explainer.action(action).click()
    explainer.until("() => explainer.store.get('reference') && explainer.store.get('gradients')")
    explainer.action("edit").click()
    explainer.until("() => explainer.store.get('trace').variant === 'normal'").settled()
    page.locator(".palette [data-code='3']").click()
    explainer.cell("indices", 24).click()
    explainer.until("() => explainer.store.get('editedReconstruction')")
    explainer.pin("quantized", 10)
    explainer.evaluate("() => sessionStorage.setItem('left', 'behind')")
    page.route("**/never", lambda route: route.abort())
    page.keyboard.press("?")
    page.mouse.down()


def test_a_reset_page_is_like_a_new_one(share: Share, visit: Visit, many_models: Server) -> None:
    new = snapshot(visit(many_models.url))
    assert new["size"] == list(DESKTOP.values())
    assert new["media"] == [MEDIA["color_scheme"] == "dark", MEDIA["reduced_motion"] == "reduce"]
    shared = share(many_models.url)
    run_riot(shared)
    changed = snapshot(shared)
    assert [part for part in new if part not in ("scroll", "focus") and changed[part] == new[part]] == []
    again = snapshot(share(many_models.url))
    assert again["state"] == new["state"]
    different = {part: (new[part], again[part]) for part in new if again[part] != new[part]}
    assert different == {}


def test_a_broken_page_is_replaced(shared_pages: SharedPages, shipped: Server) -> None:
    broken = shared_pages.take(shipped.url, {})
    broken.evaluate("() => { explainer.reset = () => { throw new Error('broken'); }; }")
    replacement = shared_pages.take(shipped.url, {})
    assert replacement is not broken
    replacement.draw((6, 6), (22, 22))
    assert shared_pages.take(shipped.url, {}) is replacement
    assert not replacement.ink().any()
