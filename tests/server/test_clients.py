"""Who is let in, who is sent away, and what both are told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.clients import Clients
from vqvae_explainer.server.metrics import ServerMetrics
from vqvae_explainer.server.settings import Settings
from vqvae_explainer.server.stream import MAX_BAD


@pytest.fixture(scope="module")
def small(weights_dir: Path, serve_here: Callable[[FastAPI], AbstractContextManager[str]]) -> Iterator[str]:
    """The address of a server that takes three clients, also from the pages of a school."""
    settings = Settings(weights=weights_dir, max_clients=3, allowed_origins="https://school.example")
    with serve_here(create_app(settings)) as url:
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


def test_foreign_pages_are_refused_before_they_are_in(small: str) -> None:
    assert open_from(small, "http://evil.example") == 403
    assert open_from(small, "null") == 403
    assert open_from(small, None) == 101
    assert open_from(small, small) == 101
    assert open_from(small, "https://school.example") == 101
    assert 'vqvae_explainer_refused_clients_total{reason="origin"} 2.0' in httpx.get(f"{small}/metrics").text


def test_too_many_clients_are_told_to_come_later(small: str, connect_to: Any, drawings: list[bytes]) -> None:
    with connect_to(small) as one, connect_to(small) as two:
        with connect_to(small) as three:
            assert three.ask(1, drawings[0])["seq"] == 1
            with connect_to(small) as four, pytest.raises(ConnectionClosed) as closed:
                four.receive()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1013
            metrics = httpx.get(f"{small}/metrics").text
            assert "vqvae_explainer_clients 3.0" in metrics
            assert 'vqvae_explainer_refused_clients_total{reason="limit"} 1.0' in metrics
            assert [client.ask(2, drawings[1])["seq"] for client in (one, two)] == [2, 2]
        assert one.ask(3, drawings[0])["seq"] == 3  # by now the server has heard of the third's leaving
        with connect_to(small) as five:
            assert five.ask(1, drawings[0])["seq"] == 1


def test_abuse_ends_the_connection(small: str, connect_to: Any, drawings: list[bytes]) -> None:
    with connect_to(small) as client:
        for _ in range(2):  # a good message in between starts the count anew
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


class Leaver:
    """A client that notes how often it was asked to leave."""

    def __init__(self) -> None:
        self.asked = 0

    def leave(self) -> None:
        self.asked += 1


def test_registry() -> None:
    clients = Clients(2, frozenset(), ServerMetrics())
    one, two, three = Leaver(), Leaver(), Leaver()
    assert [clients.admit(client) for client in (one, two, three)] == [True, True, False]
    clients.release(one)
    assert clients.admit(three)
    assert len(clients) == 2
    clients.leave()
    clients.leave()
    assert [client.asked for client in (one, two, three)] == [0, 1, 1]
    clients.release(two)
    assert not clients.admit(one)


def test_clients_come_and_go_at_once(small: str, connect_to: Any, drawings: list[bytes]) -> None:
    """Many more than there is room for, in threads: each is served or told, and none stays."""
    told: list[object] = []

    def visit() -> None:
        with connect_to(small) as client:
            try:
                told.append(client.ask(1, drawings[0])["seq"])
            except ConnectionClosed as closed:
                told.append(closed.rcvd and closed.rcvd.code)

    threads = [threading.Thread(target=visit) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(told) == 20
    assert set(told) <= {1, 1013}
    with connect_to(small) as client:
        assert client.ask(7, drawings[0])["seq"] == 7
