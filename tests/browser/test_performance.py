"""What the page costs: nothing while nothing happens, little while a pen moves, and no memory that grows."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import httpx
import pytest
from playwright.sync_api import Page, WebSocket

from tests.browser.conftest import Visit
from tests.browser.details import Details
from tests.browser.explainer import Explainer
from tests.conftest import Server
from vqvae_explainer.site.build import build_page

REST_MS = 500
FIRST_VISIT_BYTES = 100_000

COUNT = """
globalThis.calls = 0;
for (const name of ["requestAnimationFrame", "setTimeout", "setInterval", "fetch"]) {
  const original = globalThis[name].bind(globalThis);
  globalThis[name] = (...rest) => (calls++, original(...rest));
}
"""

SCRIPTS = """() => performance.getEntriesByType("resource").map(({ name }) => name)
  .filter((name) => name.endsWith(".js") && !name.endsWith("boot.js"))
  .map((name) => new URL(name).pathname.split("/").slice(3).join("/"))"""

# For each element: how often it was written to, and what it is. Canvases count their own paints.
WATCH = """() => {
  const written = globalThis.written = new Map();
  const traced = globalThis.traced = [];
  explainer.store.subscribe((changed) => changed.has("trace") && traced.push(performance.now()));
  new MutationObserver((records) => {
    for (const target of new Set(records.map((record) => record.target))) {
      if (target instanceof HTMLCanvasElement) continue;
      written.set(target, (written.get(target) ?? 0) + 1);
    }
  }).observe(document.body, { attributes: true, childList: true, characterData: true, subtree: true });
}"""
COUNTS = """() => ({
  traces: traced.length,
  seconds: (traced.at(-1) - traced[0]) / 1000,
  most: Math.max(0, ...written.values()),
  which: [...written].sort((a, b) => b[1] - a[1]).slice(0, 3).map(([element, count]) =>
    `${count} × ${element.cloneNode(false).outerHTML}`),
})"""
TEXTS_A_SECOND = 10

# Parts of the page that are loaded when they are first opened, and the file of each.
PARTS = {
    "details": "quantizer/board.js",
    "compare": "models/compare.js",
    "health": "models/health.js",
    "playback": "models/playback.js",
    "generate": "generate/generate.js",
    "lab": "lab/lab.js",
    "tour": "tour/guide.js",
}
OPEN = "(key) => explainer.store.set(key, key === 'tour' ? 'draw' : true)"

# Repeats the server's own replies without it once there are enough, so that ten thousand take seconds, and draws
# without waiting for the screen.
REPEAT = """
const kept = [];
let given = 0, resume = null;
globalThis.later = (callback) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => (port1.close(), callback(performance.now()));
  port2.postMessage(null);
};
globalThis.WebSocket = class extends WebSocket {
  constructor(url) {
    super(url);
    this.addEventListener("message", ({ data }) => {
      // Whole traces only; a lookup brings nothing but distances.
      if (data.includes('"features"') && data.includes('"distances"')) kept.push(data);
    });
  }
  send(text) {
    if (!globalThis.repeating) return super.send(text);
    const answer = kept[given++ % kept.length].replace(/"seq":\\d+/, `"seq":${JSON.parse(text).seq}`);
    later(() => {
      try {
        this.onmessage(new MessageEvent("message", { data: answer }));
      } finally {
        resume();
      }
    });
  }
};
globalThis.draw = async (frames) => {
  const { drawing, stream } = explainer;
  for (const end = given + frames, rest = () => new Promise((done) => { resume = done; }); given < end;) {
    const turn = given / 7;
    const at = (step) => [14 + 8 * Math.sin(turn + step / 4), 14 + 8 * Math.cos(turn * 1.3 + step / 5)];
    const moves = [() => drawing.begin(at(0), false)];
    for (let step = 1; step < 15; step++) moves.push(() => drawing.extend([at(step)]));
    moves.push(() => drawing.end(), () => drawing.undo());
    for (const move of moves) {
      const answered = rest();
      move();
      if (!stream.isIdle()) await answered;
    }
  }
  return given;
};
"""
START_REPEATING = """() => {
  globalThis.repeating = true;
  globalThis.requestAnimationFrame = (callback) => (later(callback), 0);
}"""
CHUNK = 250


def test_nothing_happens_when_nothing_changed(visit: Visit) -> None:
    frames: list[str | bytes] = []

    def listen(socket: WebSocket) -> None:
        for event in ("framesent", "framereceived"):
            socket.on(event, lambda frame: frames.append(frame))

    def prepare(page: Page) -> None:
        page.on("websocket", listen)

    explainer = visit(init_script=COUNT, prepare=prepare).show_example(3)
    for announced in ("encoded", "Pinned"):
        if announced == "Pinned":
            explainer.pin("indices", 24)
        # Until the announcer has spoken, some time after the last change.
        explainer.until("(text) => document.querySelector('.announcer').textContent.includes(text)", announced)
        assert frames
        frames.clear()
        paints = explainer.paints()
        calls = explainer.evaluate("() => calls")
        explainer.page.wait_for_timeout(REST_MS)
        assert explainer.evaluate("() => calls") == calls, announced
        assert frames == [], announced
        assert explainer.paints() == paints, announced


def test_a_first_visit_is_light(visit: Visit) -> None:
    sent: dict[str, float] = {}
    urls: dict[str, str] = {}

    def prepare(page: Page) -> None:
        session = page.context.new_cdp_session(page)
        session.on(
            "Network.requestWillBeSent", lambda event: urls.update({event["requestId"]: event["request"]["url"]})
        )
        session.on(
            "Network.loadingFinished",
            lambda event: sent.update({urls.get(event["requestId"], ""): event["encodedDataLength"]}),
        )
        session.send("Network.enable")

    visit(first=True, prepare=prepare).settled().page.wait_for_load_state("networkidle")
    names = sorted(url.split("/", 3)[-1].split("/")[-1] for url in sent if not url.startswith("data:"))
    assert names == ["", "boot.js", "favicon.svg", "main.css", "main.js", "models", "residual-20"]
    assert sum(sent.values()) <= FIRST_VISIT_BYTES, sent  # headers included


def test_each_part_is_loaded_when_it_is_first_opened(explainer: Explainer) -> None:
    explainer.reload()
    assert explainer.evaluate(SCRIPTS) == ["main.js"]
    for key, module in PARTS.items():
        explainer.evaluate(OPEN, key)
        explainer.until(f"(module) => ({SCRIPTS})().includes(module)", module)
    explainer.evaluate("() => explainer.store.set('selection', { cell: null, code: 0, stage: 'embeddings' })")
    explainer.until(f"() => ({SCRIPTS})().includes('figure/code-places.js')")
    explainer.evaluate("() => explainer.store.set('scene', 'batch')")
    explainer.set("modelName", "hierarchy-20")  # two levels
    # No file twice, and none that nobody loads.
    of_worker = {"backend/worker.js", "backend/prior-answers.js"}
    scripts = {path for path in build_page().files if path.endswith(".js")} - {"boot.js"} - of_worker
    explainer.until(f"(count) => ({SCRIPTS})().length >= count", len(scripts))
    assert sorted(explainer.evaluate(SCRIPTS)) == sorted(scripts)


def test_the_sources_are_a_page_too(
    visit: Visit, make_server: Callable[..., AbstractContextManager[Server]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VQVAE_EXPLAINER_JOINED", "false")
    with make_server(None) as server:
        explainer = visit(server.url).draw((6, 6), (22, 22))
        for key in PARTS:
            explainer.evaluate(OPEN, key)
        scripts = set(build_page(joined=False).files)
        explainer.until(f"(module) => ({SCRIPTS})().includes(module)", "training/movers.js")
        assert {"main.js", "core/store.js"} <= set(explainer.settled().evaluate(SCRIPTS)) <= scripts
        explainer.page.close()  # before the server


def test_the_template_has_nothing_inline(shipped: Server) -> None:
    page = httpx.get(shipped.url).text
    assert not re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page)


def test_parts_that_cannot_be_fetched(explainer: Explainer) -> None:
    explainer.watch.expect("Failed to load resource")
    explainer.reload()  # modules that are loaded already are not fetched again
    for part, module in PARTS.items():
        explainer.evaluate("() => { notices.length = 0; }")
        explainer.page.route(f"**/{module}", lambda route: route.abort())
        explainer.action(part).click()
        assert explainer.notice()
        explainer.until("(part) => !explainer.store.get(part)", part)
        explainer.draw((6, 6), (22, 22))
        explainer.page.unroute(f"**/{module}")
        explainer.action(part).click()
        explainer.until("(part) => document.querySelector(`[data-action=${part}][aria-expanded=true]`)", part)
        place = (
            ".matrix canvas.data"
            if part == "details"
            else ".tour h2"
            if part == "tour"
            else f"#section-{part} :is(canvas.data, td, [data-run], .generate-none, [data-lab=start]):visible"
        )
        explainer.page.locator(place).first.wait_for()


def test_texts_follow_the_pen_at_their_own_pace(five: Explainer) -> None:
    for details in (False, True):
        if details:
            five.reset().show_example(5)
            Details(five).open()
        five.evaluate(WATCH)
        five.stroke(*((4 + 20 * (n % 2), 4 + 2.5 * n) for n in range(9)), steps=12)
        counts = five.evaluate(COUNTS)
        assert counts["traces"] > 10
        # Before the first and after the last, once more; and the pen that is put down and lifted.
        assert 0 < counts["most"] <= TEXTS_A_SECOND * counts["seconds"] + 4, counts["which"]
        error = five.evaluate("() => explainer.store.get('trace').losses.reconstruction")
        assert five.page.locator("[data-fact=error]").first.inner_text() == f"{error:.4f}"
        used = len(set(five.indices()))
        assert five.page.locator("[data-fact=used]").first.inner_text() == str(used)


def heap(explainer: Explainer) -> tuple[int, int]:
    """Bytes of JavaScript's heap and the number of DOM nodes, after garbage collection."""
    session = explainer.page.context.new_cdp_session(explainer.page)
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    nodes = session.send("Memory.getDOMCounters")["nodes"]
    session.detach()
    return used, nodes


@pytest.mark.parametrize(
    ("opened", "warm", "frames", "growth"),
    # Bytes that the later frames may add: one number of each tensor kept from each frame would take more.
    [
        pytest.param(True, 250, 500, 300_000, id="short"),
        pytest.param(False, 2_000, 10_000, 1_000_000, id="summary", marks=pytest.mark.soak),
        pytest.param(True, 2_000, 1_500, 300_000, id="details", marks=pytest.mark.soak),
    ],
)
def test_memory_stays_flat(visit: Visit, opened: bool, warm: int, frames: int, growth: int) -> None:
    """With all that is drawn while drawing: a pinned cell, the meter, and the details where `opened`."""
    explainer = visit(init_script=REPEAT)
    if opened:
        Details(explainer).open()
    explainer.pin("indices", 24)
    explainer.action("meter").click()
    explainer.until("() => explainer.store.get('trace').distances")
    for x in (6, 10, 14, 18):
        explainer.stroke((x, 6), (x, 22))
    explainer.evaluate(START_REPEATING)

    def draw(until: int) -> None:
        while explainer.evaluate("(frames) => draw(frames)", CHUNK) < until:
            pass

    paints = explainer.paints()["The reconstructed picture"]
    draw(warm)
    used, nodes = heap(explainer)
    draw(frames)
    later_used, later_nodes = heap(explainer)
    assert later_used - used < growth
    assert later_nodes <= nodes + 100
    assert explainer.paints()["The reconstructed picture"] - paints > frames / 5  # a busy machine leaves many out
