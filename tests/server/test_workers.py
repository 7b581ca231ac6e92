"""`serve --workers`: several processes behind one address. The replacement of a killed worker is in tests/soak."""

import json
import signal
import time

import httpx

from ..conftest import Server
from .streaming import connected


def answered(url: str) -> float:
    """How many drawings all workers together have answered on the stream."""
    lines = httpx.get(f"{url}/metrics").text.splitlines()
    return sum(
        float(line.split()[1]) for line in lines if line.startswith('vqvae_explainer_frames_total{type="trace"}')
    )


def visit_both(url: str, drawings: list[bytes]) -> None:
    """60 drawings from three clients at a time: while one worker is busy, the other accepts."""
    for _ in range(20):
        with connected(url) as one, connected(url) as two, connected(url) as three:
            for client in (one, two, three):
                assert client.ask(1, drawings[0])["seq"] == 1


def test_two_workers_share_the_work_and_the_counters(pair: Server, drawings: list[bytes]) -> None:
    visit_both(pair.url, drawings)
    assert answered(pair.url) == 60
    start = time.monotonic()
    assert pair.terminate(signal.SIGTERM) in (0, -signal.SIGTERM)
    assert time.monotonic() - start < 5
    logged = [json.loads(line) for line in pair.errors.splitlines()]
    assert len({line["process"] for line in logged if line["message"] == "connection closed"}) == 2
