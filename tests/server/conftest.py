"""Clients of the stream, over real sockets, that never wait for ever."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Thread
from typing import Any

import orjson
import pytest
import uvicorn
from fastapi import FastAPI
from websockets.sync.client import ClientConnection, connect

from vqvae_explainer.server.run import listen

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


@pytest.fixture
def serve_here() -> Callable[[FastAPI], AbstractContextManager[str]]:
    """Serve an application from a thread of the test's own process, so that the test can slow it down."""

    @contextmanager
    def serving(app: FastAPI) -> Iterator[str]:
        listener = listen("127.0.0.1", 0)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws_per_message_deflate=False))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
            listener.close()

    return serving
