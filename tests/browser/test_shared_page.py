"""A shared page that was reset cannot be told from a new one."""

import hashlib
import json
from typing import Any

from tests.browser.conftest import DESKTOP, MEDIA, Share, SharedPages, Visit
from tests.browser.details import Details
from tests.browser.explainer import Explainer
from tests.browser.test_models import choose
from tests.conftest import Server

# Everything a reset must return. Numbers that count replies and their times differ from page to page.
SNAPSHOT = """(keys) => {
  const { store } = explainer;
  const uncounted = (name, value) => ["seq", "serverMs", "roundTripMs"].includes(name) ? undefined : value;
  const visible = (selector) => Array.from(document.querySelectorAll(selector)).filter((element) =>
    element.checkVisibility());
  return {
    state: Object.fromEntries(keys.map((key) => [key, JSON.stringify(store.get(key), uncounted) ?? '"undefined"'])),
    storage: { ...localStorage, ...sessionStorage },
    address: location.href,
    focus: document.activeElement.tagName,
    dialogs: document.querySelectorAll("dialog[open]").length,
    scroll: Array.from(document.querySelectorAll("*"), (element) => [element.scrollTop, element.scrollLeft]).flat()
      .filter(Boolean),
    size: [innerWidth, innerHeight],
    media: ["(prefers-color-scheme: dark)", "(prefers-reduced-motion: reduce)"]
      .map((query) => matchMedia(query).matches),
    texts: visible("header, main, .messages").flatMap((element) => element.innerText.split("\\n")),
    fields: visible("input, select").map(({ name, type, checked, value }) =>
      [name, type, type === "checkbox" ? checked : value]),
    pressed: visible("[aria-pressed=true], [aria-expanded=true], [aria-selected=true]").map((element) =>
      element.dataset.action ?? element.id),
    marked: visible("[data-mark]").length,
  };
}"""

# A refresh reports all keys.
STATE_KEYS = """() => {
  const keys = new Set();
  const stop = explainer.store.subscribe((changed) => changed.forEach((key) => keys.add(key)));
  explainer.store.refresh();
  stop();
  keys.delete("layout");  // counts changes of size
  return [...keys];
}"""


def snapshot(explainer: Explainer, keys: list[str]) -> dict[str, Any]:
    """All that a visitor or a test can see of the page; of the picture its hash."""
    found: dict[str, Any] = explainer.evaluate(SNAPSHOT, keys)
    # As values: the playbacks of two models stand in the order in which they arrived.
    found["state"] = {key: json.loads(value) for key, value in found["state"].items()}
    found["picture"] = hashlib.sha256(explainer.page.screenshot(full_page=True)).hexdigest()
    return found


def open_everything(explainer: Explainer) -> Explainer:
    """Open the details and all sections, which show then what they missed while they were closed."""
    for key in ("generate", "health", "compare", "playback"):
        explainer.set(key, True)
    Details(explainer).open()
    explainer.until(
        """() => explainer.store.get("runs").length === 2
          && explainer.store.get("runs").every((name) => explainer.store.get("playbacks")[name])"""
    )
    explainer.settled().evaluate("() => scrollTo(0, 0)")  # sections scroll into view as they load, in any order
    return explainer


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
    open_everything(explainer)
    page.locator("select[name=speed]").select_option("4")
    for name, value in (("digit", "7"), ("pace", "25")):
        page.locator(f"select[name={name}]").select_option(value)
    for name, value in (("temperature", "0.5"), ("rows", "2"), ("seed", "7")):
        page.locator(f"input[name={name}]").fill(value)
    for action in ("write-step", "complete-more", "restore"):
        explainer.action(action).click()
    page.locator("input[name=playhead]").fill("50")
    page.locator("input[name=inked]").check()
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


def test_a_reset_page_is_like_a_new_one(
    shared_pages: SharedPages, share: Share, visit: Visit, many_models: Server
) -> None:
    worn = shared_pages.take(many_models.url, {})
    keys = worn.evaluate(STATE_KEYS)
    assert len(keys) > 60
    shared_pages.discard(worn)  # the article stays in a page once an earlier test has scrolled to it
    new = visit(many_models.url)
    first = snapshot(new, keys)
    assert first["size"] == list(DESKTOP.values())
    assert first["media"] == [MEDIA["color_scheme"] == "dark", MEDIA["reduced_motion"] == "reduce"]
    opened = snapshot(open_everything(new), keys)

    shared = share(many_models.url)
    run_riot(shared)
    changed = snapshot(shared, keys)
    assert {part for part in first if changed[part] == first[part]} <= {"scroll"}

    shared = share(many_models.url)
    for expected in (first, opened):
        found = snapshot(shared, keys)
        different = {part: (expected[part], found[part]) for part in expected if found[part] != expected[part]}
        assert different == {}
        open_everything(shared)


def test_a_broken_page_is_replaced(shared_pages: SharedPages, shipped: Server) -> None:
    broken = shared_pages.take(shipped.url, {})
    broken.evaluate("() => { explainer.reset = () => { throw new Error('broken'); }; }")
    replacement = shared_pages.take(shipped.url, {})
    assert replacement is not broken
    replacement.draw((6, 6), (22, 22))
    assert shared_pages.take(shipped.url, {}) is replacement
    assert not replacement.ink().any()
