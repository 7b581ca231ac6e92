"""`python -m benchmarks lab`: how much a training in the page delays the drawings of others, and how fast it learns.

One client draws at 60 Hz, by turns alone and beside a training, so that the load of the machine is the same for both.
"""

import asyncio
import json
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

from benchmarks.load import run
from benchmarks.measuring import ROOT, SERVE, Row, growing, percentile, serving, spread

ROUNDS = 3
SECONDS = 8.0  # of each turn
READABLE = 0.02  # reconstruction error at which a digit can be read


class Training:
    """A training of a server, asked about as the page does."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/api/trainings"
        self.snapshots: list[dict[str, Any]] = []
        self.seconds: list[float] = []  # from the start to the arrival of each snapshot
        self._next = 0

    def ask(self, method: str, path: str, body: object = None) -> Any:
        request = Request(self._url + path, json.dumps(body).encode() if body else None, method=method)
        request.add_header("Content-Type", "application/json")
        with urlopen(request) as answer:
            return json.load(answer)

    def start(self) -> None:
        self._start = time.perf_counter()
        pixels = b64encode(growing()[29]).decode()
        self._path = f"/{self.ask('POST', '', {'pixels': pixels})['id']}"

    def follow(self) -> None:
        progress = self.ask("GET", f"{self._path}?after={self._next}")
        self._next = progress["next"]
        self.snapshots += progress["snapshots"]
        self.seconds += [time.perf_counter() - self._start] * len(progress["snapshots"])


def watch(url: str, seconds: float) -> None:
    """Start a training and watch it; prints a line at its start, and how fast it learned.

    Args:
        url: of the server.
        seconds: for which it is watched.
    """
    training = Training(url)
    training.ask("POST", "/prepare")
    time.sleep(seconds)  # in which a visitor reads and chooses
    training.start()
    print("started", flush=True)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        training.follow()
        time.sleep(0.2)
    readable = (
        at
        for at, snapshot in zip(training.seconds, training.snapshots, strict=True)
        if snapshot["losses"]["reconstruction"] < READABLE
    )
    print(json.dumps([next(iter(training.seconds), None), next(readable, None)]))


def measure(quick: bool = False) -> Iterator[Row]:
    """The client alone, and beside a training that another process watches."""
    seconds, rounds = (2.0, 1) if quick else (SECONDS, ROUNDS)
    alone: list[float] = []
    beside: list[float] = []
    learned: list[list[float | None]] = []
    for _ in range(rounds):
        with serving(*SERVE, "--training") as server:  # whose end is that of the training
            asyncio.run(run(server.url, 1, 1.0))  # warm
            alone += asyncio.run(run(server.url, 1, seconds)).latencies
            command = [sys.executable, "-m", "benchmarks.lab", server.url, str(seconds)]
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as watcher:
                assert watcher.stdout is not None
                watcher.stdout.readline()
                beside += asyncio.run(run(server.url, 1, seconds)).latencies
                learned.append(json.loads(watcher.stdout.readline()))
    yield Row("alone", spread(alone))
    ratio = percentile(beside, 0.99) / percentile(alone, 0.99)
    yield Row("beside a training", f"{spread(beside)}   p99 {ratio:.2f} ×")
    for what, times in zip(("first snapshot", f"error below {READABLE}"), zip(*learned, strict=True), strict=True):
        reached = [time for time in times if time is not None]
        yield Row(what, f"after {percentile(reached, 0.5):.1f} s (median; {len(reached)} of {rounds} trainings)")


if __name__ == "__main__":
    watch(sys.argv[1], float(sys.argv[2]))
