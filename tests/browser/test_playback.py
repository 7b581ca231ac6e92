"""The playback of training: fetched when opened, two runs side by side, scrubbed, played, chosen."""

import base64
import json

import numpy as np
import pytest

from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.explainer import Explainer
from tests.browser.test_look import examine
from tests.browser.zoo import DEFAULT, DIGITS, RUNS, SNAPSHOTS
from tests.conftest import Server

SHOWN = """() => {
  const { store } = explainer;
  const runs = store.get("runs");
  return store.get("playback") && runs.length === 2 && runs.every((name) => store.get("playbacks")[name])
    && Array.from(document.querySelectorAll(".run canvas")).every((canvas) => Number(canvas.dataset.paints) > 0);
}"""
FETCHED = """() => performance.getEntriesByType("resource")
  .map(({ name }) => name)
  .filter((name) => name.endsWith("/playback"))"""
AT = "(playhead) => Math.abs(explainer.store.get('playhead') - playhead) < 1e-9"


def playback(explainer: Explainer) -> Explainer:
    """Open the section, and wait until both runs are painted."""
    if not explainer.get("playback"):
        explainer.page.keyboard.press("p")
    return explainer.until(SHOWN)


@pytest.fixture
def page(visit: Visit, zoo: Server) -> Explainer:
    return playback(visit(zoo.url))


def scrub(explainer: Explainer, playhead: float) -> None:
    """Move the slider by hand."""
    explainer.page.locator("input[name=playhead]").fill(str(round(100 * playhead)))
    explainer.until(AT, playhead)


def facts(explainer: Explainer, side: str) -> str:
    """What is said of a run."""
    return explainer.page.locator(f"[data-run={side}] .run-facts").inner_text()


def test_nothing_is_fetched_until_it_is_opened(visit: Visit, zoo: Server) -> None:
    explainer = visit(zoo.url)
    assert explainer.evaluate(FETCHED) == []
    playback(explainer)
    fetched = {url.split("/")[-2] for url in explainer.evaluate(FETCHED)}
    assert fetched == {DEFAULT, "minimal-20"}


def test_a_healthy_run_stands_beside_the_most_collapsed(page: Explainer) -> None:
    selects = page.page.locator(".run select")
    assert [selects.nth(n).input_value() for n in range(2)] == [DEFAULT, "minimal-20"]
    offered = selects.first.locator("option").evaluate_all("(all) => all.map((option) => option.value)")
    assert set(offered) == set(RUNS)
    scrub(page, 1)
    for side, (name, size) in {"left": (DEFAULT, 20), "right": ("minimal-20", 20)}.items():
        assert f"{RUNS[name]} of {size} codes used" in facts(page, side)
    left, right = (page.page.locator(f"[data-run={side}]").bounding_box() for side in ("left", "right"))
    assert left
    assert right
    assert right["x"] >= left["x"] + left["width"]
    assert abs(right["y"] - left["y"]) < 2


@pytest.mark.parametrize("n", [0, 5, SNAPSHOTS - 1])
def test_what_is_shown_is_the_snapshot(page: Explainer, zoo: Server, n: int) -> None:
    told = page.page.request.get(f"{zoo.url}/api/models/minimal-20/playback").json()
    playhead = round(100 * n / (SNAPSHOTS - 1)) / 100
    scrub(page, playhead)
    snapshot = told["snapshots"][n]
    said = facts(page, "right")
    assert f"Step {snapshot['step']:,}" in said
    assert f"perplexity {snapshot['perplexity']:.1f}" in said
    legend = page.page.locator("[data-run=right] .run-losses figcaption").inner_text()
    assert float(legend.split("(solid) ")[1].split(",")[0]) == pytest.approx(
        snapshot["losses"]["reconstruction"], rel=5e-3
    )

    # Pictures: originals over reconstructions, digit beside digit.
    shown = page.canvas("[data-run=right] .run-pictures canvas")[:, :, 0]
    height, width = shown.shape
    down = ((np.arange(56) + 0.5) * height / 56).astype(int)
    across = ((np.arange(28 * len(DIGITS)) + 0.5) * width / (28 * len(DIGITS))).astype(int)
    rows = [
        np.frombuffer(base64.b64decode(text), np.uint8).reshape(-1, 28, 28)
        for text in (told["originals"], snapshot["reconstructions"])
    ]
    expected = np.vstack([np.hstack(list(row)) for row in rows])
    np.testing.assert_allclose(shown[down[:, None], across[None, :]].astype(int), expected, atol=1)

    # Bars: as many columns of colour as codes are in use.
    usage = page.canvas("[data-run=right] .run-usage canvas")[-2, :, :3].astype(int).sum(1) > 60
    middles = ((np.arange(20) + 0.45) * len(usage) / 20).astype(int)
    assert usage[middles].tolist() == [share > 0 for share in snapshot["usage"]]


def test_codes_move(page: Explainer) -> None:
    seen = []
    for playhead in (0, 0.5, 1):
        scrub(page, playhead)
        seen.append(page.canvas("[data-run=left] .run-map canvas"))
    assert (seen[0] != seen[1]).any()
    assert (seen[1] != seen[2]).any()


def test_the_cursor_is_at_the_playhead(page: Explainer) -> None:
    for playhead in (0.0, 1.0):
        scrub(page, playhead)
        column = page.canvas("[data-run=left] .run-losses canvas")[2, :, :3].astype(int)
        # The cursor's grey-blue, which nothing else has in the top rows.
        found = np.flatnonzero((np.abs(column - [0x4A, 0x51, 0x64]) < 12).all(1))
        assert found.size
        assert abs(found.mean() / column.shape[0] - (0.01 if playhead == 0 else 0.99)) < 0.03


def test_it_plays_and_stops_at_the_end(page: Explainer) -> None:
    page.page.locator("select[name=speed]").select_option("4")
    play = page.page.locator("[data-playback=play]")
    play.click()
    page.until("() => explainer.store.get('playing') && explainer.store.get('playhead') > 0")
    assert play.inner_text() == "Pause"
    page.until("() => explainer.store.get('playhead') === 1 && !explainer.store.get('playing')")
    assert play.inner_text() == "Play"
    play.click()
    page.until("() => explainer.store.get('playing') && explainer.store.get('playhead') < 1")
    play.click()
    page.until("() => !explainer.store.get('playing')")
    held = page.get("playhead")
    page.page.wait_for_timeout(200)
    assert page.get("playhead") == held


def test_by_keyboard(page: Explainer) -> None:
    slider = page.page.locator("input[name=playhead]")
    slider.focus()
    page.page.keyboard.press("End")
    page.until(AT, 1)
    page.page.keyboard.press("ArrowLeft")
    page.until(AT, 0.99)
    page.page.keyboard.press("Home")
    page.until(AT, 0)
    page.page.locator("[data-playback=play]").focus()
    page.page.keyboard.press("Enter")
    page.until("() => explainer.store.get('playing')")
    slider.focus()
    page.page.keyboard.press("Home")
    page.until("() => !explainer.store.get('playing')")
    page.page.keyboard.press("p")
    page.until("() => document.getElementById('section-playback').hidden")


def test_closing_stops_it(page: Explainer) -> None:
    page.page.locator("select[name=speed]").select_option("0.5")
    page.page.locator("[data-playback=play]").click()
    page.until("() => explainer.store.get('playhead') > 0")
    page.action("playback").click()
    page.until("() => document.getElementById('section-playback').hidden")
    held = page.get("playhead")
    page.page.wait_for_timeout(200)
    assert page.get("playhead") == held


def test_reduced_motion_shows_whole_snapshots_only(visit: Visit, zoo: Server) -> None:
    """Between two snapshots nothing moves."""
    explainer = playback(visit(zoo.url))
    moved = {}
    for motion in ("reduce", "no-preference"):
        explainer.page.emulate_media(reduced_motion=motion)
        maps = []
        for playhead in (0.46, 0.48):
            scrub(explainer, playhead)
            maps.append(explainer.canvas("[data-run=left] .run-map canvas"))
        moved[motion] = bool((maps[0] != maps[1]).any())
    assert moved == {"reduce": False, "no-preference": True}


def test_another_run_can_be_chosen(page: Explainer) -> None:
    page.page.locator("select[name=run-left]").select_option("keras-64")
    page.until("() => explainer.store.get('playbacks')['keras-64'] && explainer.store.get('runs')[0] === 'keras-64'")
    assert "of 64 codes used" in facts(page, "left")
    scrub(page, 1)
    assert "50 of 64 codes used" in facts(page, "left")
    assert "3 of 20 codes used" in facts(page, "right")


def test_the_selected_code_is_marked_in_its_own_run(page: Explainer) -> None:
    scrub(page, 1)
    before = {side: page.canvas(f"[data-run={side}] .run-map canvas") for side in ("left", "right")}
    page.cell("embeddings", 3).click()
    page.until("() => explainer.store.get('pinned')")
    after = {side: page.canvas(f"[data-run={side}] .run-map canvas") for side in ("left", "right")}
    assert (before["left"] != after["left"]).any()
    assert (before["right"] == after["right"]).all()


def test_without_any_playback_it_says_so(visit: Visit, zoo: Server) -> None:
    explainer = visit(zoo.url)
    explainer.evaluate(
        """() => {
          const models = explainer.store.get("models");
          explainer.store.set("models", models.map((model) => ({ ...model, playback: false })));
        }"""
    )
    explainer.page.keyboard.press("p")
    explainer.until("() => !document.querySelector('.playback-none').hidden")
    assert explainer.page.locator(".run:visible").count() == 0
    assert explainer.page.locator(".playback-controls").is_hidden()


def test_a_run_that_cannot_be_fetched(visit: Visit, zoo: Server) -> None:
    explainer = visit(zoo.url, expected="Failed to load resource")
    explainer.page.route("**/minimal-20/playback", lambda route: route.abort())
    explainer.page.keyboard.press("p")
    assert "could not be loaded" in explainer.notice()
    explainer.until("(name) => explainer.store.get('playbacks')[name]", DEFAULT)
    explainer.page.unroute("**/minimal-20/playback")
    explainer.page.locator("select[name=run-right]").select_option("keras-64")
    explainer.page.locator("select[name=run-right]").select_option("minimal-20")
    explainer.until(SHOWN)


def test_a_broken_value_breaks_no_drawing(visit: Visit, zoo: Server) -> None:
    """A run that went wrong has losses of 0 or none at all."""
    explainer = visit(zoo.url)

    def damage(route: object) -> None:
        response = route.fetch()  # type: ignore[attr-defined]
        told = json.loads(response.body())
        for snapshot in told["snapshots"][3:]:
            snapshot["losses"] = {"reconstruction": 0, "codebook": 0, "commitment": 0}
        route.fulfill(response=response, json=told)  # type: ignore[attr-defined]

    explainer.page.route("**/minimal-20/playback", damage)
    playback(explainer)
    scrub(explainer, 1)
    assert "(solid) 0," in explainer.page.locator("[data-run=right] .run-losses figcaption").inner_text()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing(visit: Visit, zoo: Server, scheme: str, viewport: dict[str, int]) -> None:
    explainer = playback(visit(zoo.url, color_scheme=scheme, viewport=viewport))
    over = explainer.evaluate("() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0
    examine(explainer, "playback")


def test_a_phone_stacks_the_runs(visit: Visit, zoo: Server) -> None:
    explainer = visit(zoo.url, viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    explainer.action("playback").tap()
    explainer.until(SHOWN)
    left, right = (explainer.page.locator(f"[data-run={side}]").bounding_box() for side in ("left", "right"))
    assert left
    assert right
    assert right["y"] >= left["y"] + left["height"]
    explainer.page.locator("[data-playback=play]").tap()
    explainer.until("() => explainer.store.get('playhead') > 0")
