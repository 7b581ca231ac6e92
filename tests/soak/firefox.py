"""Firefox, driven by the standard WebDriver BiDi: Playwright cannot drive Debian's."""

import json
import re
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

NAMES = ("firefox-esr", "firefox")
LISTENING = re.compile(r"BiDi listening on (ws://\S+)")
START_SECONDS = 60
PATIENCE_MS = 30_000


def find_firefox() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Firefox:
    """One tab of a browser (https://w3c.github.io/webdriver-bidi/)."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._number = 0
        self.complaints: list[str] = []  # errors of the page
        self._command("session.new", capabilities={})
        self._command("session.subscribe", events=["log.entryAdded"])
        self.tab = self._command("browsingContext.getTree")["contexts"][0]["context"]
        self._command("browsingContext.setViewport", context=self.tab, viewport={"width": 1440, "height": 900})

    def _command(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=2 * PATIENCE_MS / 1000))
            if message.get("method") == "log.entryAdded" and message["params"]["level"] == "error":
                self.complaints.append(message["params"]["text"])
            if message.get("id") == self._number:
                assert message["type"] == "success", message
                return message["result"]

    def open(self, url: str) -> None:
        """Go there, and wait until the page shows a trace."""
        self._command("browsingContext.navigate", context=self.tab, url=url, wait="complete")
        self.until("() => globalThis.explainer?.store.get('trace')")

    def reload(self) -> None:
        self._command("browsingContext.reload", context=self.tab, wait="complete")
        self.until("() => globalThis.explainer?.store.get('trace')")

    def evaluate(self, function: str, *arguments: Any) -> Any:
        """What a function in the page returns, through JSON."""
        result = self._command(
            "script.callFunction",
            functionDeclaration=f"async (json) => JSON.stringify(await ({function})(...JSON.parse(json)) ?? null)",
            arguments=[{"type": "string", "value": json.dumps(arguments)}],
            target={"context": self.tab},
            awaitPromise=True,
        )
        assert result["type"] == "success", result
        return json.loads(result["result"]["value"])

    def until(self, holds: str, *arguments: Any) -> None:
        """Wait until a function in the page returns something true."""
        waiting = f"""async (...given) => {{
          for (const end = performance.now() + {PATIENCE_MS}; performance.now() < end;) {{
            if (await ({holds})(...given)) return true;
            await new Promise((resolve) => setTimeout(resolve, 10));
          }}
        }}"""
        assert self.evaluate(waiting, *arguments), f"the page never came to {holds} with {arguments}"

    def stroke(self, selector: str, *points: tuple[float, float]) -> None:
        """Draw with the mouse; points are shares of an element's size."""
        box = "(selector) => { const box = document.querySelector(selector).getBoundingClientRect(); "
        box += "return [box.x, box.y, box.width, box.height]; }"
        x, y, width, height = self.evaluate(box, selector)
        moves = [
            {"type": "pointerMove", "x": round(x + across * width), "y": round(y + down * height), "duration": 50}
            for across, down in points
        ]
        actions = [moves[0], {"type": "pointerDown", "button": 0}, *moves[1:], {"type": "pointerUp", "button": 0}]
        mouse = {"type": "pointer", "id": "mouse", "actions": actions}
        self._command("input.performActions", context=self.tab, actions=[mouse])

    def press(self, key: str) -> None:
        keys = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self._command(
            "input.performActions", context=self.tab, actions=[{"type": "key", "id": "keys", "actions": keys}]
        )

    def screenshot(self) -> bytes:
        """A PNG of what is in sight."""
        return b64decode(self._command("browsingContext.captureScreenshot", context=self.tab)["data"])


@contextmanager
def firefox(path: str, profile: Path) -> Iterator[Firefox]:
    """Run a browser with a new profile for the time of a `with` block."""
    options = ("--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0", "about:blank")
    with subprocess.Popen([path, *options], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        try:
            lines = (LISTENING.search(line) for line in process.stderr)
            address = next(found[1] for found in lines if found)
            with connect(f"{address}/session", max_size=None, open_timeout=START_SECONDS) as socket:
                yield Firefox(socket)
        finally:
            process.terminate()
            process.wait(30)
