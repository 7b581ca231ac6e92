"""Workers that are killed are replaced; workers that cannot start end the server with one line."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import Server
from tests.server.streaming import connected
from tests.server.test_workers import answered, visit_both

TIMEOUT = 150  # seconds, for a new worker to import PyTorch


def workers_of(server: Server) -> set[int]:
    """The process ids of the workers (Linux)."""
    assert server._process is not None
    children = Path(f"/proc/{server._process.pid}/task/{server._process.pid}/children")
    pids = {int(pid) for pid in children.read_text().split()}
    return {pid for pid in pids if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()}


def test_killed_worker_is_replaced(pair: Server, drawings: list[bytes]) -> None:
    first = workers_of(pair)
    assert len(first) == 2
    visit_both(pair.url, drawings)
    victim = min(first)
    os.kill(victim, signal.SIGKILL)
    deadline = time.monotonic() + TIMEOUT
    while not (len(workers_of(pair) - first) == 1 and victim not in workers_of(pair)):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    for _ in range(10):
        with connected(pair.url) as client:
            assert client.ask(1, drawings[0])["seq"] == 1
    assert answered(pair.url) == 70  # the counters of the killed one are kept

    start = time.monotonic()
    assert pair.terminate(signal.SIGTERM) in (0, -signal.SIGTERM)
    assert time.monotonic() - start < 6  # the new one may still import PyTorch
    assert not any(Path(f"/proc/{pid}").exists() for pid in first)


def test_weights_that_cannot_be_used_are_reported_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "vqvae_explainer", "serve", "--workers", "2", "--port", "0", "--weights", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("vqvae-explainer: There are no weights in")
