"""Helpers of the benchmarks: percentiles, table rows, servers as processes, drawings in progress."""

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
BRUSH = 1.25  # radius in pixels, as on the page
SERVE = (sys.executable, "-m", "vqvae_explainer", "serve", "--port", "0")
START_SECONDS = 120  # importing PyTorch on a busy machine is slow

Points = list[list[float]]


class Processors(NamedTuple):
    """Ticks of all processors since boot (Linux; zeros elsewhere)."""

    total: float
    stolen: float  # requested, but given to other machines by the host

    @classmethod
    def now(cls) -> "Processors":
        stat = Path("/proc/stat")
        if not stat.is_file():
            return cls(0, 0)
        times = [int(time) for time in stat.read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
        return cls(sum(times), times[7])

    def stolen_since(self, before: "Processors") -> float:
        """The share of the time since `before` that the host took, 0 to 1. A large share makes figures meaningless."""
        return (self.stolen - before.stolen) / max(1, self.total - before.total)


class Row(NamedTuple):
    what: str
    figures: str


def machine() -> str:
    """The machine and versions, for the head of the output."""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, PyTorch {torch.__version__}"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of all values do not exceed; NaN without values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def spread(values: Sequence[float], unit: str = "ms") -> str:
    return f"p50 {percentile(values, 0.5):7.1f}   p99 {percentile(values, 0.99):7.1f} {unit}"


def resident(process: int) -> float:
    """Resident memory of a process in megabytes (Linux)."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else math.nan


def processor_seconds(process: int) -> float:
    """Processor time that a process has used (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that no process listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class RunningServer(NamedTuple):
    url: str
    process: int


@contextmanager
def serving(*command: str) -> Iterator[RunningServer]:
    """Start a server, wait until it prints its address, and stop it at the end of the `with` block.

    Raises:
        RuntimeError: the server did not start in time.
    """
    log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed below
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    timer = threading.Timer(START_SECONDS, process.kill)
    timer.start()
    try:
        line = process.stdout.readline()
        timer.cancel()
        address = re.search(r"http://\S+", line)
        if address is None:
            process.kill()
            process.wait()
            log.seek(0)
            raise RuntimeError(f"{' '.join(command)} did not start: {line!r}\n{log.read()}")
        yield RunningServer(address[0].replace("localhost", "127.0.0.1"), process.pid)
    finally:
        timer.cancel()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        log.close()


def ink(strokes: list[Points]) -> NDArray[np.uint8]:
    """Draw strokes, (28, 28): a round brush with an antialiased edge of one pixel, as on the page."""
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
    """The ten example digits while they are drawn, `moves` pictures of 784 bytes for each digit."""
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
