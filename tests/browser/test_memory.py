"""The page's memory stays flat however long somebody draws."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.details import Details
from tests.browser.explainer import Explainer

CHUNK = 250

# The server's own answers, given again without it once there are enough, so that ten thousand take seconds; and no
# waiting for the screen, so that each of them is drawn.
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
HURRY = "() => { globalThis.repeating = true; globalThis.requestAnimationFrame = (callback) => (later(callback), 0); }"


def heap(explainer: Explainer) -> tuple[int, int]:
    """Bytes of JavaScript's heap and the number of DOM nodes, after collecting what is not used."""
    session = explainer.page.context.new_cdp_session(explainer.page)
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    nodes = session.send("Memory.getDOMCounters")["nodes"]
    session.detach()
    return used, nodes


@pytest.mark.parametrize(
    ("opened", "warm", "frames", "growth"),
    # Bytes that the later frames may add: a number of each tensor kept from each would take more.
    [(False, 2_000, 10_000, 1_000_000), (True, 500, 1_500, 300_000)],
    ids=["summary", "details"],
)
def test_memory_stays_flat(visit: Visit, opened: bool, warm: int, frames: int, growth: int) -> None:
    """With all that is drawn while drawing: a pinned cell, the meter, and the details in the second case."""
    explainer = visit()
    explainer.page.context.add_init_script(REPEAT)
    explainer.page.reload()
    explainer.until("() => globalThis.explainer?.store.get('model')").settled()
    if opened:
        Details(explainer).open()
    explainer.cell("indices", 24).click()
    explainer.action("meter").click()
    explainer.until("() => explainer.store.get('pinned') && explainer.store.get('trace').distances")
    for x in (6, 10, 14, 18):
        explainer.stroke((x, 6), (x, 22))
    explainer.evaluate(HURRY)

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
    assert explainer.paints()["The reconstructed picture"] - paints > frames / 2
