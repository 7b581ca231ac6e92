"""Clients of the stream, over real sockets, that never wait for ever."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Event, Thread
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from websockets.sync.client import ClientConnection, connect

from vqvae_explainer.server.run import AnnouncingServer, configure, listen

PATIENCE = 20  # seconds


class Client:
    """A page's side of the stream."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send(self, seq: int, drawing: bytes, **more: object) -> None:
        """Send a drawing."""
        pixels = b64encode(drawing).decode()
        self.connection.send(orjson.dumps({"type": "trace", "seq": seq, "pixels": pixels} | more).decode())

    def receive(self) -> dict[str, Any]:
        """The next frame."""
        frame: dict[str, Any] = orjson.loads(self.connection.recv(timeout=PATIENCE))
        return frame

    def ask(self, seq: int, drawing: bytes, **more: object) -> dict[str, Any]:
        """Send a drawing and wait for the answer."""
        self.send(seq, drawing, **more)
        return self.receive()


@contextmanager
def connected(url: str) -> Iterator[Client]:
    """Connect to the stream of the server at an HTTP address."""
    with connect(f"{url.replace('http', 'ws')}/ws", open_timeout=PATIENCE) as connection:
        yield Client(connection)


@pytest.fixture
def connect_to() -> Callable[[str], AbstractContextManager[Client]]:
    """`connected`, to connect to a server of the test's own."""
    return connected


@pytest.fixture
def stream(server: Any) -> Iterator[Client]:
    """A connection to the shared server."""
    with connected(server.url) as client:
        yield client


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application from a thread of the test's own process, as `serve` does; its address."""
    listener = listen("127.0.0.1", 0)
    started = Event()
    server = AnnouncingServer(configure(app), started.set)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert started.wait(PATIENCE)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(scope="session")
def serve_here() -> Callable[[FastAPI], AbstractContextManager[str]]:
    """`serving`, so that a test can change the application or slow it down."""
    return serving
