"""The playback of training: fetched when opened, two runs side by side, scrubbed, played, chosen."""

import base64
import json

import httpx
import numpy as np
import pytest
from playwright.sync_api import Route

from tests.browser.conftest import Visit
from tests.browser.explainer import Explainer
from tests.browser.many_models import DEFAULT, DIGITS, RUNS, SNAPSHOTS
from tests.conftest import Server

SHOWN = """() => {
  const { store } = explainer;
  const runs = store.get("runs");
  return store.get("playback") && runs.length === 2 && runs.every((name) => store.get("playbacks")[name])
    && Array.from(document.querySelectorAll("[data-run] canvas")).every((canvas) => Number(canvas.dataset.paints) > 0);
}"""
FETCHED = """() => performance.getEntriesByType("resource")
  .map(({ name }) => name)
  .filter((name) => name.endsWith("/playback"))"""
AT = "(playhead) => Math.abs(explainer.store.get('playhead') - playhead) < 1e-9"
CLOSED = "() => document.getElementById('section-playback').hidden"
PICTURES = "[data-run=right] .run-pictures canvas"


def playback(explainer: Explainer) -> Explainer:
    """Open the section, and wait until both runs are painted."""
    if not explainer.get("playback"):
        explainer.page.keyboard.press("p")
    return explainer.until(SHOWN)


@pytest.fixture
def page(models_page: Explainer) -> Explainer:
    return playback(models_page)


def scrub(explainer: Explainer, playhead: float) -> None:
    """Move the slider by hand."""
    explainer.page.locator("input[name=playhead]").fill(str(round(100 * playhead)))
    explainer.until(AT, playhead)


def facts(explainer: Explainer, side: str) -> str:
    """What is said of a run."""
    return explainer.page.locator(f"[data-run={side}] .run-facts").inner_text()


def test_nothing_is_fetched_until_it_is_opened(visit: Visit, many_models: Server) -> None:
    explainer = visit(many_models.url)
    assert explainer.evaluate(FETCHED) == []
    playback(explainer)
    fetched = {url.split("/")[-2] for url in explainer.evaluate(FETCHED)}
    assert fetched == {DEFAULT, "minimal-20"}


def test_a_healthy_run_is_beside_the_most_collapsed(page: Explainer) -> None:
    selects = page.page.locator("[data-run] select")
    assert [selects.nth(n).input_value() for n in range(2)] == [DEFAULT, "minimal-20"]
    offered = selects.first.locator("option").evaluate_all("(all) => all.map((option) => option.value)")
    assert set(offered) == set(RUNS)
    scrub(page, 1)
    for side, (name, size) in {"left": (DEFAULT, 20), "right": ("minimal-20", 20)}.items():
        assert f"{RUNS[name]} of {size} codes" in facts(page, side)
    left, right = (page.page.locator(f"[data-run={side}]").bounding_box() for side in ("left", "right"))
    assert left
    assert right
    assert right["x"] >= left["x"] + left["width"]
    assert abs(right["y"] - left["y"]) < 2


def test_what_is_shown_is_the_snapshot(page: Explainer, many_models: Server) -> None:
    recorded = httpx.get(f"{many_models.url}/api/models/minimal-20/playback").json()
    for n in (0, 5, SNAPSHOTS - 1):
        scrub(page, round(100 * n / (SNAPSHOTS - 1)) / 100)
        snapshot = recorded["snapshots"][n]
        text = facts(page, "right")
        assert f"{snapshot['step']:,}" in text
        assert f"perplexity {snapshot['perplexity']:.1f}" in text
        legend = page.page.locator("[data-run=right] .run-losses figcaption").inner_text()
        assert float(legend.split("(solid) ")[1].split(",")[0]) == pytest.approx(
            snapshot["losses"]["reconstruction"], rel=5e-3
        )

        # Pictures: originals above reconstructions, digit beside digit.
        shown = page.canvas(PICTURES)[:, :, 0]
        height, width = shown.shape
        down = ((np.arange(56) + 0.5) * height / 56).astype(int)
        across = ((np.arange(28 * len(DIGITS)) + 0.5) * width / (28 * len(DIGITS))).astype(int)
        rows = [
            np.frombuffer(base64.b64decode(text), np.uint8).reshape(-1, 28, 28)
            for text in (recorded["originals"], snapshot["reconstructions"])
        ]
        expected = np.vstack([np.hstack(list(row)) for row in rows])
        np.testing.assert_allclose(shown[down[:, None], across[None, :]].astype(int), expected, atol=1)

        # Bars: as many coloured columns as codes are in use.
        usage = page.canvas("[data-run=right] .run-usage canvas")[-2, :, :3].astype(int).sum(1) > 60
        middles = ((np.arange(20) + 0.45) * len(usage) / 20).astype(int)
        assert usage[middles].tolist() == [share > 0 for share in snapshot["usage"]]


def test_codes_move_and_the_cursor_is_at_the_playhead(page: Explainer) -> None:
    maps = []
    for playhead in (0.0, 0.5, 1.0):
        scrub(page, playhead)
        maps.append(page.canvas("[data-run=left] .run-map canvas"))
        column = page.canvas("[data-run=left] .run-losses canvas")[2, :, :3].astype(int)
        # The cursor's grey-blue, which nothing else has in the top rows.
        found = np.flatnonzero((np.abs(column - [0x4A, 0x51, 0x64]) < 12).all(1))
        if playhead != 0.5:
            assert found.size
            assert abs(found.mean() / column.shape[0] - (0.01 if playhead == 0 else 0.99)) < 0.03
    assert (maps[0] != maps[1]).any()
    assert (maps[1] != maps[2]).any()


def test_it_plays_and_stops_at_the_end(page: Explainer) -> None:
    page.page.locator("select[name=speed]").select_option("4")
    scrub(page, 0.7)
    play = page.page.locator("[data-playback=play]")
    label = play.inner_text()
    play.click()
    page.until("() => explainer.store.get('playing') && explainer.store.get('playhead') > 0.7")
    assert play.inner_text() != label
    page.until("() => explainer.store.get('playhead') === 1 && !explainer.store.get('playing')")
    assert play.inner_text() == label
    play.click()
    page.until("() => explainer.store.get('playing') && explainer.store.get('playhead') < 1")
    play.click()
    page.until("() => !explainer.store.get('playing')")
    held = page.get("playhead")
    page.page.wait_for_timeout(100)
    assert page.get("playhead") == held

    # Closing stops it, too.
    play.click()
    page.until("(held) => explainer.store.get('playhead') !== held", held)
    page.action("playback").click()
    page.until(CLOSED)
    held = page.get("playhead")
    page.page.wait_for_timeout(100)
    assert page.get("playhead") == held


def test_a_frame_that_began_before_play_was_pressed(page: Explainer) -> None:
    page.evaluate(
        """() => {
          globalThis.ownFrame = requestAnimationFrame;
          globalThis.requestAnimationFrame = (callback) => ownFrame((now) => callback(now - 1000));
        }"""
    )
    page.page.locator("[data-playback=play]").click()
    page.until("() => explainer.store.get('playhead') > 0")  # and no error, see `Watch`
    page.evaluate("() => { globalThis.requestAnimationFrame = ownFrame; }")


def test_by_keyboard(page: Explainer) -> None:
    slider = page.page.locator("input[name=playhead]")
    slider.focus()
    for key, playhead in (("End", 1), ("ArrowLeft", 0.99), ("Home", 0)):
        page.page.keyboard.press(key)
        page.until(AT, playhead)
    page.page.locator("[data-playback=play]").focus()
    page.page.keyboard.press("Enter")
    page.until("() => explainer.store.get('playing') && explainer.store.get('playhead') > 0.02")
    slider.focus()
    page.page.keyboard.press("Home")
    page.until("() => !explainer.store.get('playing') && explainer.store.get('playhead') < 1")
    page.page.keyboard.press("p")
    page.until(CLOSED)


def test_it_starts_at_the_extent_of_its_data(page: Explainer) -> None:
    """The codes, which lie close together at first, then already fill the map."""
    for playhead in (0, 1):
        scrub(page, playhead)
        drawn = page.canvas("[data-run=left] .run-map canvas")[:, :, :3].astype(int).max(2) > 60
        down, across = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
        share = max(np.ptp(down) / drawn.shape[0], np.ptp(across) / drawn.shape[1])
        assert share > 0.85, playhead


def test_moments_move_the_playhead(page: Explainer, many_models: Server) -> None:
    used = [
        snapshot["codes_used"]
        for snapshot in httpx.get(f"{many_models.url}/api/models/minimal-20/playback").json()["snapshots"]
    ]
    after = min(range(1, len(used)), key=lambda n: (used[n] - used[n - 1], -n))
    moment = page.page.locator(".playback-moments button", has_text="Second run").filter(has_text="codes in use")
    assert f"drop from {used[after - 1]} to {used[after]}" in moment.inner_text()
    moment.click()
    page.until(AT, after / (SNAPSHOTS - 1))
    assert f"{used[after]} of 20 codes" in facts(page, "right")
    ticks = page.page.locator("#playback-ticks option").evaluate_all("(all) => all.map(({ value }) => Number(value))")
    assert round(100 * after / (SNAPSHOTS - 1)) in ticks


def test_reduced_motion_shows_whole_snapshots_only(page: Explainer) -> None:
    """Between two snapshots nothing moves."""
    moved = {}
    for motion in ("reduce", "no-preference"):
        page.page.emulate_media(reduced_motion=motion)  # type: ignore[arg-type]
        maps = []
        for playhead in (0.46, 0.48):
            scrub(page, playhead)
            maps.append(page.canvas("[data-run=left] .run-map canvas"))
        moved[motion] = bool((maps[0] != maps[1]).any())
    assert moved == {"reduce": False, "no-preference": True}


def test_another_run_can_be_chosen(page: Explainer) -> None:
    page.page.locator("select[name=run-left]").select_option("keras-64")
    page.until("() => explainer.store.get('playbacks')['keras-64'] && explainer.store.get('runs')[0] === 'keras-64'")
    scrub(page, 1)
    assert "50 of 64 codes" in facts(page, "left")
    assert "3 of 20 codes" in facts(page, "right")


def test_the_selected_code_is_marked_in_its_own_run(page: Explainer) -> None:
    scrub(page, 1)
    before = {side: page.canvas(f"[data-run={side}] .run-map canvas") for side in ("left", "right")}
    page.pin("embeddings", 3)
    after = {side: page.canvas(f"[data-run={side}] .run-map canvas") for side in ("left", "right")}
    assert (before["left"] != after["left"]).any()
    assert (before["right"] == after["right"]).all()


def test_without_any_playback_it_says_so(visit: Visit, many_models: Server) -> None:
    explainer = visit(many_models.url)
    explainer.evaluate(
        """() => {
          const models = explainer.store.get("models");
          explainer.store.set("models", models.map((model) => ({ ...model, playback: false })));
        }"""
    )
    explainer.page.keyboard.press("p")
    explainer.until("() => !document.querySelector('.playback-none').hidden")
    assert explainer.page.locator("[data-run]:visible").count() == 0
    assert explainer.page.locator(".playback-controls").is_hidden()


def test_a_run_that_cannot_be_fetched(visit: Visit, many_models: Server) -> None:
    explainer = visit(many_models.url)
    explainer.watch.expect("Failed to load resource")
    explainer.page.route("**/minimal-20/playback", lambda route: route.abort())
    explainer.page.keyboard.press("p")
    assert "could not be loaded" in explainer.notice()
    explainer.until("(name) => explainer.store.get('playbacks')[name]", DEFAULT)
    explainer.page.unroute("**/minimal-20/playback")
    explainer.page.locator("select[name=run-right]").select_option("keras-64")
    explainer.page.locator("select[name=run-right]").select_option("minimal-20")
    explainer.until(SHOWN)


def test_a_run_that_went_wrong(visit: Visit, many_models: Server) -> None:
    """Its losses are 0, which a logarithmic scale cannot show."""
    explainer = visit(many_models.url)

    def damage(route: Route) -> None:
        response = route.fetch()
        recorded = json.loads(response.body())
        for snapshot in recorded["snapshots"][3:]:
            snapshot["losses"] = {"reconstruction": 0, "codebook": 0, "commitment": 0}
        route.fulfill(response=response, json=recorded)

    explainer.page.route("**/minimal-20/playback", damage)
    playback(explainer)
    scrub(explainer, 1)
    assert "(solid) 0," in explainer.page.locator("[data-run=right] .run-losses figcaption").inner_text()


def test_a_phone_stacks_the_runs(models_phone: Explainer) -> None:
    models_phone.action("playback").tap()
    models_phone.until(SHOWN)
    left, right = (models_phone.page.locator(f"[data-run={side}]").bounding_box() for side in ("left", "right"))
    assert left
    assert right
    assert right["y"] >= left["y"] + left["height"]
    models_phone.page.locator("[data-playback=play]").tap()
    models_phone.until("() => explainer.store.get('playhead') > 0")
