"""Limits and origins of the stream's clients."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.clients import Clients
from vqvae_explainer.server.metrics import ServerMetrics
from vqvae_explainer.server.settings import Settings
from vqvae_explainer.server.stream import MAX_BAD

from .streaming import connected, serving


@pytest.fixture(scope="module")
def small(weights_dir: Path) -> Iterator[str]:
    """A server for three clients that also allows the pages of a school."""
    settings = Settings(weights=weights_dir, max_clients=3, allowed_origins="https://school.example")
    with serving(create_app(settings)) as url:
        yield url


def open_from(url: str, origin: str | None) -> int:
    """The status of opening the stream from a page of that origin."""
    headers = None if origin is None else {"Origin": origin}
    try:
        with connect(f"{url.replace('http', 'ws')}/ws", additional_headers=headers) as connection:
            assert connection.response is not None
            return connection.response.status_code
    except InvalidStatus as refused:
        return refused.response.status_code


def test_foreign_pages_are_refused(small: str) -> None:
    assert open_from(small, "http://evil.example") == 403
    assert open_from(small, "null") == 403
    assert open_from(small, None) == 101
    assert open_from(small, small) == 101
    assert open_from(small, "https://school.example") == 101
    assert 'vqvae_explainer_refused_clients_total{reason="origin"} 2.0' in httpx.get(f"{small}/metrics").text


def test_clients_beyond_the_limit_are_refused(small: str, drawings: list[bytes]) -> None:
    with connected(small) as one, connected(small) as two:
        with connected(small) as three:
            assert three.ask(1, drawings[0])["seq"] == 1
            with connected(small) as four, pytest.raises(ConnectionClosed) as closed:
                four.receive()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1013
            metrics = httpx.get(f"{small}/metrics").text
            assert "vqvae_explainer_clients 3.0" in metrics
            assert 'vqvae_explainer_refused_clients_total{reason="limit"} 1.0' in metrics
            assert [client.ask(2, drawings[1])["seq"] for client in (one, two)] == [2, 2]
        assert one.ask(3, drawings[0])["seq"] == 3  # by now the server knows that the third has gone
        with connected(small) as five:
            assert five.ask(1, drawings[0])["seq"] == 1


def test_abuse_ends_the_connection(small: str, drawings: list[bytes]) -> None:
    with connected(small) as client:
        for _ in range(2):  # a good message resets the count
            for _ in range(MAX_BAD - 1):
                client.connection.send("{")
            for _ in range(MAX_BAD - 1):
                assert client.receive()["code"] == "not_json"
            assert client.ask(1, drawings[0])["type"] == "trace"
        for _ in range(MAX_BAD):
            client.connection.send("{")
        with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012 - after some answers
            while True:
                assert client.receive()["type"] == "error"
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008


class Drained:
    """A client that counts calls of `drain`."""

    def __init__(self) -> None:
        self.calls = 0

    def drain(self) -> None:
        self.calls += 1


def test_registry() -> None:
    clients = Clients(2, frozenset(), ServerMetrics())
    one, two, three = Drained(), Drained(), Drained()
    assert [clients.admit(client) for client in (one, two, three)] == [True, True, False]
    clients.release(one)
    assert clients.admit(three)
    clients.drain()
    clients.drain()
    assert [client.calls for client in (one, two, three)] == [0, 1, 1]
    clients.release(two)
    assert not clients.admit(one)


def test_many_clients_at_once_are_served_or_refused(small: str, drawings: list[bytes]) -> None:
    outcomes: list[object] = []

    def visit() -> None:
        with connected(small) as client:
            try:
                outcomes.append(client.ask(1, drawings[0])["seq"])
            except ConnectionClosed as closed:
                outcomes.append(closed.rcvd and closed.rcvd.code)

    threads = [threading.Thread(target=visit) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(outcomes) == 20
    assert set(outcomes) <= {1, 1013}
    with connected(small) as client:
        assert client.ask(7, drawings[0])["seq"] == 7
