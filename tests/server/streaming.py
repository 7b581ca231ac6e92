"""Clients of the stream over real sockets, and a server in a thread of the test's process."""

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import orjson
from fastapi import FastAPI
from websockets.frames import Frame, Opcode
from websockets.sync.client import ClientConnection, connect

from vqvae_explainer.server.run import AnnouncingServer, configure, listen

TIMEOUT = 20  # seconds
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def pixels(drawing: bytes) -> str:
    return b64encode(drawing).decode()


def message(seq: int, drawing: bytes, **more: object) -> str:
    """A trace message, unless `type` says otherwise."""
    return json.dumps({"type": "trace", "seq": seq, "pixels": pixels(drawing)} | more)


def on_the_wire(content: str | bytes) -> bytes:
    """A message as a client sends it."""
    if isinstance(content, bytes):
        return Frame(Opcode.BINARY, content).serialize(mask=True)
    return Frame(Opcode.TEXT, content.encode(errors="surrogatepass")).serialize(mask=True)


class Client:
    """A page's side of the stream."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send(self, seq: int, drawing: bytes, **more: object) -> None:
        self.connection.send(message(seq, drawing, **more))

    def receive(self) -> dict[str, Any]:
        answer: dict[str, Any] = orjson.loads(self.connection.recv(timeout=TIMEOUT))
        return answer

    def ask(self, seq: int, drawing: bytes, **more: object) -> dict[str, Any]:
        """Send a drawing and wait for the answer."""
        self.send(seq, drawing, **more)
        return self.receive()

    def stop_reading(self) -> None:
        """From now on neither answers, pings nor a close are read, as if the machine had gone."""
        self.connection.protocol.receive_data = lambda _: None  # type: ignore[method-assign]


@contextmanager
def connected(url: str) -> Iterator[Client]:
    """Connect to the stream of the server at an HTTP address."""
    with connect(f"{url.replace('http', 'ws')}/ws", open_timeout=TIMEOUT) as connection:
        yield Client(connection)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application as `serve` does; its address."""
    listener = listen("127.0.0.1", 0)
    started = Event()
    server = AnnouncingServer(configure(app), started.set)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert started.wait(TIMEOUT)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
