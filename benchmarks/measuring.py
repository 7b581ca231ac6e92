"""What the benchmarks share: percentiles, rows of a table, servers in processes of their own, drawings that grow."""

import json
import math
import os
import platform
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

ROOT = Path(__file__).parent.parent
SIZE = 28
BRUSH = 1.25  # radius in pixels, that of the page
SERVE = (sys.executable, "-m", "vqvae_explainer", "serve", "--port", "0")
PATIENCE = 120  # seconds for a server to start on a busy machine

Points = list[list[float]]


class Processors(NamedTuple):
    """Ticks of all processors since the machine started (Linux; zeros elsewhere)."""

    total: float
    stolen: float  # wanted, and given to other machines by the host

    @classmethod
    def now(cls) -> "Processors":
        """As counted by the system."""
        stat = Path("/proc/stat")
        if not stat.is_file():
            return cls(0, 0)
        times = [int(time) for time in stat.read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
        return cls(sum(times), times[7])

    def stolen_since(self, before: "Processors") -> float:
        """The share that the host took in between, 0 to 1: figures with much of it say little of this project."""
        return (self.stolen - before.stolen) / max(1, self.total - before.total)


class Row(NamedTuple):
    """A line of the table."""

    what: str
    figures: str


def machine() -> str:
    """What the figures were measured on."""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, PyTorch {torch.__version__}"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not exceeded by `share` (0 to 1) of all; NaN without values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def spread(values: Sequence[float], unit: str = "ms") -> str:
    """Median and 99th percentile."""
    return f"p50 {percentile(values, 0.5):7.1f}   p99 {percentile(values, 0.99):7.1f} {unit}"


def resident(process: int) -> float:
    """Resident memory of a process in megabytes (Linux)."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else math.nan


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Served(NamedTuple):
    """A server at work."""

    url: str
    process: int


@contextmanager
def serving(*command: str) -> Iterator[Served]:
    """Start a server that prints a line with its address once it can answer; end it afterwards.

    Raises:
        RuntimeError: it never said so.
    """
    log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed below; not for the table, unless there is no start
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    patience = threading.Timer(PATIENCE, process.kill)
    patience.start()
    try:
        line = process.stdout.readline()
        patience.cancel()
        address = re.search(r"http://\S+", line)
        if address is None:
            process.kill()
            process.wait()
            log.seek(0)
            raise RuntimeError(f"{' '.join(command)} did not start: {line!r}\n{log.read()}")
        yield Served(address[0].replace("localhost", "127.0.0.1"), process.pid)
    finally:
        patience.cancel()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        log.close()


def ink(strokes: list[Points]) -> NDArray[np.uint8]:
    """What strokes look like on the pad (28, 28): a round brush with a rim of one pixel."""
    middles = np.arange(SIZE) + 0.5
    x, y = np.meshgrid(middles, middles)
    nearest = np.full((SIZE, SIZE), np.inf)
    for points in strokes:
        for (ax, ay), (bx, by) in zip(points, points[1:] or points, strict=False):
            length = (bx - ax) ** 2 + (by - ay) ** 2
            along = np.clip(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length, 0, 1) if length else 0
            nearest = np.minimum(nearest, np.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay)))
    return np.asarray(np.clip((BRUSH + 0.5 - nearest) * 255, 0, 255), np.uint8)


def growing(moves: int = 30) -> list[bytes]:
    """The ten example digits as they grow, `moves` drawings each: 784 bytes each."""
    examples: dict[str, list[Points]] = json.loads(
        (ROOT / "static" / "drawing" / "examples.json").read_text(encoding="utf-8")
    )
    drawings = []
    for strokes in examples.values():
        total = sum(len(points) - 1 for points in strokes)
        for move in range(1, moves + 1):
            left, drawn = total * move / moves, []
            for points in strokes:
                if left <= 0:
                    break
                whole, part = int(min(left, len(points) - 1)), min(left, len(points) - 1) % 1
                grown = points[: whole + 1]
                if part:
                    (ax, ay), (bx, by) = points[whole : whole + 2]
                    grown = [*grown, [ax + part * (bx - ax), ay + part * (by - ay)]]
                drawn.append(grown)
                left -= len(points) - 1
            drawings.append(ink(drawn).tobytes())
    return drawings
