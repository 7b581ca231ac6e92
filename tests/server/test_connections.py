"""The limit of connections: idle ones make room for new ones, and the health check is always answered."""

import json
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from vqvae_explainer.server import app as app_module
from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.connections import RESERVE, RESERVED_FILES, Connections, connection_limit
from vqvae_explainer.server.settings import Settings

from .streaming import HANDSHAKE, TIMEOUT, serving

LIMIT = 8


class Evicted:
    """A connection that notes its end."""

    def __init__(self) -> None:
        self.is_open = True

    def evict(self) -> None:
        self.is_open = False


def test_idle_connections_make_room() -> None:
    connections = Connections(3)
    opened = [Evicted() for _ in range(5)]
    assert connections.admit(opened[0], 1)
    assert connections.admit(opened[1], 2)
    assert connections.admit(opened[2], 3)
    connections.set_busy(opened[0])
    assert connections.admit(opened[3], 4)
    connections.set_idle(opened[0])
    assert connections.admit(opened[4], 4)
    assert [connection.is_open for connection in opened] == [True, False, False, True, True]


def test_a_few_more_are_let_in_when_all_are_busy() -> None:
    connections = Connections(1)
    admitted = []
    for number in range(1, RESERVE + 3):
        connection = Evicted()
        admitted.append((connections.admit(connection, number), connection.is_open))
        connections.set_busy(connection)
    assert admitted == [(True, True)] + [(False, True)] * RESERVE + [(False, False)]


def test_limit_of_open_files(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {}
    monkeypatch.setattr(resource, "setrlimit", lambda _, pair: limits.update(set=pair))
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 4096))
    assert connection_limit(1024) == 1024
    assert limits == {"set": (1024 + RESERVE + RESERVED_FILES, 4096)}
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 512))
    assert connection_limit(1024) == 512 - RESERVE - RESERVED_FILES
    assert limits == {"set": (512, 512)}


@pytest.fixture
def small(weights_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server for few connections."""
    monkeypatch.setattr(app_module, "connection_limit", lambda _: LIMIT)
    with serving(create_app(Settings(weights=weights_dir))) as url:
        yield url


def test_silent_connections_do_not_keep_others_out(small: str) -> None:
    port = int(small.rsplit(":", 1)[1])
    with ExitStack() as stack:
        silent = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(5 * LIMIT)]
        for _ in range(3):
            assert httpx.get(f"{small}/api/models").status_code == 200
        silent[0].settimeout(TIMEOUT)
        with suppress(ConnectionResetError):
            assert silent[0].recv(1) == b""  # the first had to go


def test_health_is_answered_when_all_connections_are_in_use(small: str) -> None:
    port = int(small.rsplit(":", 1)[1])
    with ExitStack() as stack:
        for _ in range(LIMIT):
            stream = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT))
            stream.sendall(HANDSHAKE)
            assert b" 101 " in stream.recv(1024)
        refused = httpx.get(f"{small}/api/models")
        assert (refused.status_code, refused.json()["code"]) == (503, "busy")
        assert refused.headers["retry-after"] == "1"
        with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as another:
            another.sendall(HANDSHAKE)
            assert b" 503 " in another.recv(1024)
        assert httpx.get(f"{small}/healthz").status_code == 200
        assert "vqvae_explainer_clients 8.0" in httpx.get(f"{small}/metrics").text
    deadline = time.monotonic() + TIMEOUT
    while httpx.get(f"{small}/api/models").status_code != 200:
        assert time.monotonic() < deadline
    assert json.loads(httpx.get(f"{small}/healthz").text) == {"status": "ok"}
