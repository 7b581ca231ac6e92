"""Floods, slow readers, silent sockets: they harm only themselves."""

import asyncio
import json
import socket
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import orjson
import pytest
from fastapi import FastAPI
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.settings import Settings

BIG_BUFFER = 1 << 20


@pytest.fixture(scope="module")
def watched(weights_dir: Path, serve_here: Callable[[FastAPI], AbstractContextManager[str]]) -> Iterator[str]:
    """A server of the test's own process that tells under /tasks how many tasks its event loop has."""
    app = create_app(Settings(weights=weights_dir))

    @app.get("/tasks")
    async def tasks() -> int:
        return len(asyncio.all_tasks())

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VQVAE_EXPLAINER_PING_SECONDS", "1")
        with serve_here(app) as url:
            yield url


def settled(url: str, most: int) -> int:
    """The number of tasks once it has fallen to `most`, or after ten seconds."""
    for _ in range(100):
        number = int(httpx.get(f"{url}/tasks", timeout=60).text)
        if number <= most:
            break
        time.sleep(0.1)
    return number


def masked(text: str) -> bytes:
    """A text message as a client puts it on the wire."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=True)


def message(drawing: bytes, **more: object) -> str:
    return orjson.dumps({"type": "trace", "seq": 1, "pixels": b64encode(drawing).decode()} | more).decode()


def seconds_of(client: Any, drawing: bytes, number: int) -> list[float]:
    """How long each of some answers took."""
    taken = []
    for seq in range(number):
        start = time.perf_counter()
        assert client.ask(seq, drawing, stages=[])["seq"] == seq
        taken.append(time.perf_counter() - start)
    return taken


@pytest.mark.parametrize("kind", ["drawings", "bad messages", "tiny bad messages"])
def test_flood_of_one_does_not_starve_others(watched: str, connect_to: Any, drawings: list[bytes], kind: str) -> None:
    flood = {
        "drawings": masked(message(drawings[0])) * 8,
        "bad messages": masked(json.dumps({"type": "trace", "seq": 1, "pixels": "no"})) * 200,
        "tiny bad messages": masked("1") * 900,
    }[kind]
    stop = Event()

    def pour() -> None:
        while not stop.is_set():
            with connect_to(watched) as flooder:
                flooder.connection.socket.settimeout(1)
                try:
                    while not stop.is_set():
                        flooder.connection.socket.sendall(flood)
                except OSError:
                    pass  # the server has had enough of it, or does not read as fast

    with connect_to(watched) as client:
        calm = sorted(seconds_of(client, drawings[1], 30))[15]
        thread = Thread(target=pour)
        thread.start()
        try:
            time.sleep(0.2)
            flooded = sorted(seconds_of(client, drawings[1], 30))[15]
        finally:
            stop.set()
            thread.join(30)
    # The flooder takes its turns, and, in this test, half of the interpreter: nobody else loses more than that.
    assert flooded < 20 * calm + 0.2


def test_slow_reader_costs_little_and_delays_nobody(watched: str, connect_to: Any, drawings: list[bytes]) -> None:
    """It asks without reading: its answers stop, and so does the reading of its questions."""
    question = masked(message(drawings[0]))
    port = int(watched.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as slow, connect_to(watched) as client:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert b" 101 " in slow.recv(1024)
        slow.settimeout(0.5)
        poured = 0
        before = sorted(seconds_of(client, drawings[1], 30))[15]
        with pytest.raises(OSError):  # noqa: PT011, PT012 - the server no longer reads, or has ended it
            while poured < 64 * BIG_BUFFER:
                poured += slow.send(question * 100)
        assert poured < 16 * BIG_BUFFER  # what the two kernels' buffers hold
        assert sorted(seconds_of(client, drawings[1], 30))[15] < 10 * before + 0.1
    assert settled(watched, 20) <= 20


def test_silent_socket_is_closed_by_ping(watched: str, connect_to: Any) -> None:
    """A client whose machine went away neither reads nor answers pings."""
    before = settled(watched, 12)
    with connect_to(watched) as gone:
        gone.connection.protocol.receive_data = lambda _: None  # deaf: pings are not answered
        with connect_to(watched) as alive:
            for _ in range(40):
                time.sleep(0.1)
            assert "vqvae_explainer_clients 1.0" in httpx.get(f"{watched}/metrics").text
            alive.connection.ping().wait(5)
    assert settled(watched, before) <= before


def test_connects_and_disconnects_leave_nothing(watched: str, drawings: list[bytes]) -> None:
    """1,000 clients go in the middle of a frame, or of a handshake."""
    port = int(watched.rsplit(":", 1)[1])
    before = settled(watched, 12)
    handshake = (
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()
    drawn = masked(message(drawings[0]))
    parts = [handshake, handshake[:60], handshake + drawn, handshake + drawn * 3 + drawn[:500], handshake + drawn[:2]]
    for number in range(1000):
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(parts[number % len(parts)])
            if number % 2:
                # Reset instead of a farewell.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert settled(watched, before) <= before
    assert "vqvae_explainer_clients 0.0" in httpx.get(f"{watched}/metrics").text


def test_closing_tells_the_code(watched: str, connect_to: Any) -> None:
    with connect_to(watched) as client:
        client.connection.close(4000, "enough")
        with pytest.raises(ConnectionClosed):
            client.receive()
