"""`python -m benchmarks frame`: size of an answer of the stream, and the error of its packed numbers."""

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from urllib.request import Request, urlopen

import numpy as np
from websockets.sync.client import ClientConnection, connect

from benchmarks.measuring import SERVE, Row, growing, percentile, serving
from vqvae_explainer.explain.packing import unpack

SUMMARY = ("features", "reconstruction")
DETAILS = (*SUMMARY, "distances")


def ask(socket: ClientConnection, drawing: bytes, stages: Sequence[str]) -> str:
    """The answer of the stream."""
    pixels = b64encode(drawing).decode()
    socket.send(json.dumps({"type": "trace", "seq": 1, "pixels": pixels, "stages": stages}))
    return str(socket.recv())


def plain(url: str, drawing: bytes) -> bytes:
    """The answer of the REST interface, with nested lists."""
    content = json.dumps({"pixels": b64encode(drawing).decode()}).encode()
    with urlopen(Request(f"{url}/api/trace", content, {"Content-Type": "application/json"})) as answer:
        return bytes(answer.read())


def measure(quick: bool = False) -> Iterator[Row]:
    """Sizes and errors of the default model, over growing digits."""
    drawings = growing(2 if quick else 10)
    sizes: dict[str, list[float]] = {"summary": [], "details": [], "plain": []}
    errors: dict[str, float] = dict.fromkeys(DETAILS, 0.0)
    with serving(*SERVE) as server, connect(server.url.replace("http", "ws", 1) + "/ws", max_size=None) as socket:
        for drawing in drawings:
            sizes["summary"].append(len(ask(socket, drawing, SUMMARY)))
            packed = ask(socket, drawing, DETAILS)
            sizes["details"].append(len(packed))
            nested = plain(server.url, drawing)
            sizes["plain"].append(len(nested))
            received, exact = json.loads(packed), json.loads(nested)
            for stage in DETAILS:
                values = np.array(exact[stage])
                off = np.abs(unpack(received[stage]) - values).max() / np.ptp(values)
                errors[stage] = max(errors[stage], float(off))
    for name, what in (
        ("summary", "frame, details closed"),
        ("details", "frame with distances, details open"),
        ("plain", "the same as REST's nested lists"),
    ):
        yield Row(what, f"{percentile(sizes[name], 0.5) / 1000:.1f} KB, at most {max(sizes[name]) / 1000:.1f} KB")
    yield Row("largest error ÷ the tensor's range", ", ".join(f"{stage} {off:.1e}" for stage, off in errors.items()))
