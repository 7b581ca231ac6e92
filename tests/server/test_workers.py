"""`serve --workers`: several processes behind one address."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from .. import conftest
from ..conftest import Server, running

PATIENCE = 150  # seconds, for a new worker to import PyTorch


class TwoWorkers(Server):
    """A server with two workers."""

    def __init__(self, weights: Path) -> None:
        super().__init__(weights)
        self._command += ["--workers", "2"]


@pytest.fixture
def pair(weights_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwoWorkers]:
    monkeypatch.setattr(conftest, "START_SECONDS", 2 * conftest.START_SECONDS)  # they start at the same time
    with running(TwoWorkers(weights_dir)) as server:
        yield server


def workers_of(server: Server) -> set[int]:
    """The process ids of its workers."""
    assert server._process is not None
    children = Path(f"/proc/{server._process.pid}/task/{server._process.pid}/children")
    if not children.exists():
        pytest.skip("needs Linux's /proc")
    pids = {int(pid) for pid in children.read_text().split()}
    return {pid for pid in pids if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()}


def frames(url: str) -> float:
    """How many drawings all workers together have traced for the stream."""
    lines = httpx.get(f"{url}/metrics").text.splitlines()
    return sum(
        float(line.split()[1]) for line in lines if line.startswith('vqvae_explainer_frames_total{type="trace"}')
    )


def visit(url: str, connect_to: Any, drawings: list[bytes], number: int) -> None:
    for seq in range(number):
        with connect_to(url) as client:
            assert client.ask(seq, drawings[0])["seq"] == seq


def test_two_workers(pair: TwoWorkers, connect_to: Any, drawings: list[bytes]) -> None:
    url = pair.url
    first = workers_of(pair)
    assert len(first) == 2
    # Whoever accepts first has the connection: with one busy at a time, both come to it.
    for _ in range(20):
        with connect_to(url) as one, connect_to(url) as two, connect_to(url) as three:
            for client in (one, two, three):
                assert client.ask(1, drawings[0])["seq"] == 1
    assert frames(url) == 60

    victim = min(first)
    os.kill(victim, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while not (len(workers_of(pair) - first) == 1 and victim not in workers_of(pair)):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    visit(url, connect_to, drawings, 10)  # the other one serves meanwhile
    assert frames(url) == 70  # what the dead one counted is not lost

    assert pair._process is not None
    start = time.monotonic()
    assert pair.terminate(signal.SIGTERM) in (0, -signal.SIGTERM)
    assert time.monotonic() - start < 5 + 1  # the new one may be importing PyTorch
    assert not any(Path(f"/proc/{pid}").exists() for pid in first)
    closings = [json.loads(line) for line in pair.errors.splitlines()]
    assert {line["process"] for line in closings if line["message"] == "connection closed"} == first


def test_weights_that_cannot_be_used_are_told_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "vqvae_explainer", "serve", "--workers", "2", "--port", "0", "--weights", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 2
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("vqvae-explainer: There are no weights in")


def test_reloading_is_for_one() -> None:
    command = [sys.executable, "-m", "vqvae_explainer", "serve", "--workers", "2", "--reload", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert done.stderr == "vqvae-explainer: --reload is for a single worker: leave --workers out.\n"
