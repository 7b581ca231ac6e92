"""Floods, thousands of connections and messages: other clients are served, and memory stays bounded."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from tests.server.streaming import HANDSHAKE, connected, on_the_wire
from tests.server.test_stream import FLOODS, median_seconds, reconnect
from vqvae_explainer.server.stream import MAX_BAD


@pytest.mark.parametrize("kind", FLOODS)
def test_flood_does_not_delay_others(watched: str, drawings: list[bytes], kind: str) -> None:
    wire = on_the_wire(FLOODS[kind]) * (10_000 // len(FLOODS[kind]))
    stop = Event()
    with connected(watched) as client:
        calm = median_seconds(client, drawings[1])
        thread = Thread(target=flood, args=[watched, wire, stop])
        thread.start()
        try:
            time.sleep(0.2)
            flooded = max(median_seconds(client, drawings[1]) for _ in range(5))
        finally:
            stop.set()
            thread.join(30)
    # The flooder gets its share of the server, and in this test half of the interpreter too.
    assert flooded < 20 * calm + 0.2


def flood(url: str, wire: bytes, stop: Event) -> None:
    """Send until `stop`; reconnect when the server has closed the connection."""
    while not stop.is_set():
        with connected(url) as flooder:
            flooder.connection.socket.settimeout(1)
            try:
                while not stop.is_set():
                    flooder.connection.socket.sendall(wire)
            except OSError:
                pass  # closed, or the server does not read as fast


def test_a_thousand_clients_that_disconnect_leave_nothing(watched: str, drawings: list[bytes]) -> None:
    reconnect(watched, drawings[0], 1000)


def resident_bytes(server: Any) -> int:
    """Memory of the server's process."""
    lines = Path(f"/proc/{server._process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * 1024


@pytest.fixture
def bounded(server: Any) -> Iterator[None]:
    """The server's memory grows by less than 10 MB during the test."""
    before = resident_bytes(server)
    yield
    assert resident_bytes(server) - before < 10_000_000


def ask_often(client: Any, drawing: bytes, number: int) -> None:
    for seq in range(number):
        assert client.ask(seq, drawing)["seq"] == seq


def abuse(server: Any, number: int) -> None:
    """Send bad messages without waiting for answers, as many on a connection as the server accepts."""
    bad = ["{", "[]", '{"type": "trace", "seq": 1, "pixels": "no"}', "[" * 300, '{"seq": 1e999}', "\x00", b"\x01" * 99]
    wire = [on_the_wire(content) for content in bad]
    everything = b"".join(wire[n % len(wire)] for n in range(MAX_BAD))
    for _ in range(number // MAX_BAD):
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
            client.sendall(HANDSHAKE)
            answers = 0
            with client.makefile("rb") as stream:
                while stream.readline().strip():
                    pass  # headers
                client.sendall(everything)
                while (kind := stream.read(2)) != b"\x88\x02":
                    assert kind[0] in (0x81, 0x89), stream.read(kind[1])  # text, or a ping
                    answers += kind[0] == 0x81
                    stream.read(int.from_bytes(stream.read(2)) if kind[1] == 126 else kind[1])
                assert stream.read(2) == (1008).to_bytes(2)
            assert answers == MAX_BAD


@pytest.fixture
def warm(server: Any, stream: Any, drawings: list[bytes]) -> None:
    """Allocations of the first frames and errors are not a leak."""
    ask_often(stream, drawings[0], 500)
    abuse(server, 10_000)


@pytest.mark.usefixtures("warm", "bounded")
def test_memory_over_thousands_of_frames(stream: Any, drawings: list[bytes]) -> None:
    ask_often(stream, drawings[1], 5000)


@pytest.mark.usefixtures("warm", "bounded")
def test_a_hundred_thousand_bad_messages(server: Any, stream: Any, drawings: list[bytes]) -> None:
    before = median_seconds(stream, drawings[0])
    start = time.monotonic()
    abuse(server, 100_000)
    assert time.monotonic() - start < 60
    assert median_seconds(stream, drawings[0]) < 3 * before + 0.02
