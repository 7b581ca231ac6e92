"""What a moving pen costs the page: pictures follow every move, words follow at their pace, what is closed nothing."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.explainer import Explainer

# Of each element that was written to: how often, and what it is. Pictures count their own paints.
WATCH = """() => {
  const written = globalThis.written = new Map();
  const told = globalThis.told = [];
  explainer.store.subscribe((changed) => changed.has("trace") && told.push(performance.now()));
  new MutationObserver((records) => {
    for (const target of new Set(records.map((record) => record.target))) {
      if (target instanceof HTMLCanvasElement) continue;
      written.set(target, (written.get(target) ?? 0) + 1);
    }
  }).observe(document.body, { attributes: true, childList: true, characterData: true, subtree: true });
}"""
COUNTS = """() => ({
  traces: told.length,
  seconds: (told.at(-1) - told[0]) / 1000,
  most: Math.max(0, ...written.values()),
  which: [...written].sort((a, b) => b[1] - a[1]).slice(0, 3).map(([element, count]) =>
    `${count} × ${element.cloneNode(false).outerHTML}`),
})"""
WORDS_A_SECOND = 10

PARTS = {"details": "board.js", "compare": "compare.js", "health": "health.js", "playback": "playback.js"}


@pytest.mark.parametrize("details", [False, True])
def test_words_follow_the_pen_at_their_own_pace(five: Explainer, details: bool) -> None:
    if details:
        five.evaluate("() => explainer.store.set('details', true)")
        five.until("() => Number(document.querySelector('.matrix canvas.data').dataset.paints) > 0")
    five.evaluate(WATCH)
    five.stroke(*((4 + 20 * (n % 2), 4 + 2.5 * n) for n in range(9)), steps=12)
    counts = five.evaluate(COUNTS)
    assert counts["traces"] > 10
    # Before the first and after the last, once more; and the pen that is put down and lifted.
    assert 0 < counts["most"] <= WORDS_A_SECOND * counts["seconds"] + 4, counts["which"]
    error = five.evaluate("() => explainer.store.get('trace').losses.reconstruction")
    assert five.page.locator("[data-fact=error]").first.inner_text() == f"{error:.4f}"
    used = len(set(five.indices()))
    assert five.page.locator("[data-fact=used]").first.inner_text() == str(used)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_cannot_be_fetched(visit: Visit, part: str) -> None:
    explainer = visit(expected="Failed to load resource")
    explainer.page.route(f"**/{PARTS[part]}", lambda route: route.abort())
    explainer.action(part).click()
    assert "could not be loaded" in explainer.notice()
    explainer.until("(part) => !explainer.store.get(part)", part)
    # Drawing goes on.
    explainer.example(3)
    explainer.page.unroute(f"**/{PARTS[part]}")
    explainer.action(part).click()
    explainer.until("(part) => document.querySelector(`[data-action=${part}]`).ariaExpanded === 'true'", part)
    place = ".matrix canvas.data" if part == "details" else f"#section-{part} :is(canvas.data, td, .run)"
    explainer.page.locator(place).first.wait_for()
