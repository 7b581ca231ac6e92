"""`python -m benchmarks.start`: time from the command to the first traced drawing, and memory use."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import orjson
from websockets.sync.client import connect

from benchmarks.load import messages
from benchmarks.measuring import SERVE, Row, percentile, processor_seconds, resident, serving
from vqvae_explainer.model.presets import DEFAULT
from vqvae_explainer.resources import resource

RUNS = 5


class Start(NamedTuple):
    ready: float  # seconds until the address is printed
    traced: float  # seconds until a drawing is traced
    processor: float  # seconds of processor time until then, which the load of the machine changes less
    memory: float  # megabytes after it
    memory_of_all: float  # megabytes after a drawing for each model and its details


def started(*options: str) -> Start:
    head, tail = messages()[-1]
    start = time.perf_counter()
    with serving(*SERVE, *options) as server:
        ready = time.perf_counter() - start
        with connect(server.url.replace("http", "ws", 1) + "/ws", max_size=None) as socket:
            socket.send((head + b"0" + tail).decode())
            socket.recv()
            traced, processor = time.perf_counter() - start, processor_seconds(server.process)
            memory = resident(server.process)
            for model in httpx.get(f"{server.url}/api/models", timeout=60).json()["models"]:
                httpx.get(f"{server.url}/api/models/{model['name']}", timeout=60)
                socket.send(orjson.dumps(orjson.loads(head + b"0" + tail) | {"model": model["name"]}).decode())
                socket.recv()
        return Start(ready, traced, processor, memory, resident(server.process))


def median(starts: list[Start]) -> Start:
    return Start._make(percentile(values, 0.5) for values in zip(*starts, strict=True))


def measure(quick: bool = False) -> Iterator[Row]:
    """Medians, with a warm file cache. Starts with and without bundles alternate, so that noise affects both."""
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("safetensors", "json"):
            shutil.copy(resource("weights") / f"{DEFAULT}.{suffix}", folder)
        without = ("--weights", str(Path(folder) / f"{DEFAULT}.safetensors"))
        if not quick:
            started()
        pairs = [(started(), started(*without)) for _ in range(1 if quick else RUNS)]
    bundled, live = (median(list(starts)) for starts in zip(*pairs, strict=True))
    yield Row("serve → address printed", f"{bundled.ready:.2f} s")
    yield Row("serve → a drawing traced", f"{bundled.traced:.2f} s ({bundled.processor:.2f} s of processor time)")
    yield Row("the same without a bundle, in PyTorch", f"{live.traced:.2f} s ({live.processor:.2f} s)")
    yield Row("resident memory after it", f"{bundled.memory:.0f} MB, in PyTorch {live.memory:.0f} MB")
    yield Row("after a drawing and details of each model", f"{bundled.memory_of_all:.0f} MB")
