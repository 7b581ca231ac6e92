"""The WebSocket protocol and the supervisor: what they do, and which of uvicorn's internals they rely on."""

import asyncio
import inspect
import signal
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn
from uvicorn import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from uvicorn.supervisors.multiprocess import SIGNALS, Multiprocess, Process
from websockets.frames import Frame, Opcode

from vqvae_explainer.server.protocol import BACKLOG, READ, StreamProtocol

ADVICE = (
    f"uvicorn {uvicorn.__version__} changed internals that server/protocol.py and server/workers.py override. "
    "Compare both with its source, run `make soak`, and then move the version range in pyproject.toml."
)


class Transport:
    """Records what a protocol does to its transport."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.paused = False

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def write(self, _: bytes) -> None:
        self.calls.append("write")

    def close(self) -> None:
        self.calls.append("close")

    def abort(self) -> None:
        self.calls.append("abort")

    def is_closing(self) -> bool:
        return "close" in self.calls


def protocol_of(kind: type[WebSocketsSansIOProtocol]) -> tuple[Any, Transport]:
    """A protocol with a transport; needs a running event loop."""
    protocol = kind(Config(lambda: None, ws=StreamProtocol), ServerState(), {})
    transport = Transport()
    protocol.transport = transport  # type: ignore[assignment]
    return protocol, transport


def test_internals_have_the_same_signatures() -> None:
    expected: dict[Callable[..., Any], list[str]] = {
        WebSocketsSansIOProtocol.__init__: ["self", "config", "server_state", "app_state", "_loop"],
        WebSocketsSansIOProtocol.connection_made: ["self", "transport"],
        WebSocketsSansIOProtocol.send_receive_event_to_app: ["self"],
        WebSocketsSansIOProtocol.shutdown: ["self"],
        WebSocketsSansIOProtocol.keepalive_timeout: ["self"],
        WebSocketsSansIOProtocol.run_asgi: ["self"],
        WebSocketsSansIOProtocol.receive: ["self"],
        Multiprocess.__init__: ["self", "config", "sockets"],
        Multiprocess.keep_subprocess_alive: ["self"],
        Process.__init__: ["self", "config", "sockets"],
        Process.start: ["self"],
        Process.join: ["self"],
        uvicorn.Server.startup: ["self", "sockets"],
    }
    for function, parameters in expected.items():
        assert list(inspect.signature(function).parameters) == parameters, f"{function.__qualname__}: {ADVICE}"
    assert inspect.iscoroutinefunction(WebSocketsSansIOProtocol.run_asgi), ADVICE


def test_protocol_behaves_the_same() -> None:
    async def body() -> None:
        protocol, transport = protocol_of(WebSocketsSansIOProtocol)
        assert {"frames", "queue", "close_timeout", "handshake_complete", "close_sent", "app_state", "loop"} <= set(
            vars(protocol)
        ), ADVICE
        # A message pauses reading, unless it is paused already; taking it resumes reading.
        protocol.handle_text(Frame(Opcode.TEXT, b"one"))
        assert (protocol.read_paused, transport.paused, protocol.queue.qsize()) == (True, True, 1), ADVICE
        await protocol.receive()
        assert (protocol.read_paused, transport.paused) == (False, False), ADVICE
        protocol.read_paused = True
        protocol.handle_text(Frame(Opcode.TEXT, b"two"))
        assert (transport.paused, protocol.queue.qsize()) == (False, 1), ADVICE
        assert protocol.frames == [], ADVICE
        # A ping without an answer closes the transport, which keeps unsent data.
        protocol.keepalive_timeout()
        assert transport.calls[-1] == "close", ADVICE

    asyncio.run(body())


def test_supervisor_behaves_the_same() -> None:
    class OneRound(Multiprocess):
        def init_processes(self) -> None:
            assert self.processes == [], ADVICE

        def keep_subprocess_alive(self) -> None:
            self.should_exit.set()

    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        OneRound(Config("none:none"), []).run()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)

    # A worker answers each ping with whether it has started.
    worker = Process(Config("none:none"), [])
    for started in (False, True):
        worker.server.started = started
        worker.parent_conn.send(b"ping")
        worker.pong()
        assert worker.parent_conn.recv() is started, ADVICE
    assert (worker.process.is_alive(), worker.pid, worker.exitcode) == (False, None, None), ADVICE
    worker.parent_conn.close()
    worker.child_conn.close()


@pytest.mark.parametrize(
    ("sizes", "pauses"),
    [
        ([1200] * BACKLOG, False),
        ([10] * (BACKLOG + 1), True),
        ([READ + 1], True),
        ([10, READ + 1], True),
    ],
)
def test_reading_pauses_when_messages_pile_up(sizes: list[int], pauses: bool) -> None:
    async def body() -> None:
        protocol, transport = protocol_of(StreamProtocol)
        for size in sizes:
            protocol.handle_text(Frame(Opcode.TEXT, b"x" * size))
        assert transport.paused is pauses
        for _ in sizes:
            await protocol.receive()
        assert not transport.paused

    asyncio.run(body())
