"""The protocols and the supervisor: what they do, and which of uvicorn's internals they rely on."""

import asyncio
import inspect
import signal
import socket
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import uvicorn
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from uvicorn.supervisors.multiprocess import SIGNALS, Multiprocess, Process
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from vqvae_explainer.server import protocol as protocol_module
from vqvae_explainer.server.protocol import BACKLOG, READ, StreamProtocol

from .streaming import HANDSHAKE, TIMEOUT, connected
from .test_stream import settled

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
        WebSocketsSansIOProtocol.data_received: ["self", "data"],
        WebSocketsSansIOProtocol.handle_cont: ["self", "event"],
        WebSocketsSansIOProtocol.handle_ping: ["self"],
        WebSocketsSansIOProtocol.handle_parser_exception: ["self"],
        H11Protocol.__init__: ["self", "config", "server_state", "app_state", "_loop"],
        H11Protocol.connection_made: ["self", "transport"],
        H11Protocol.connection_lost: ["self", "exc"],
        H11Protocol.data_received: ["self", "data"],
        H11Protocol.on_response_complete: ["self"],
        H11Protocol.send_400_response: ["self", "msg"],
        H11Protocol.timeout_keep_alive_handler: ["self"],
        H11Protocol.pause_writing: ["self"],
        H11Protocol.resume_writing: ["self"],
        H11Protocol._should_upgrade: ["self"],
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


def ask(url: str, sent: bytes) -> bytes:
    """Send bytes; everything that the server sends until it closes."""
    with socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=TIMEOUT) as client:
        client.sendall(sent)
        with client.makefile("rb") as stream:
            return stream.read()


@pytest.mark.parametrize(
    "header",
    [
        b"Cookie: " + b"x" * 9000,
        b"\r\n".join(b"X-%d: 1" % n for n in range(200)),
        b"X-Control: \x01",
        b"X-\xff: 1",
        b"no colon",
    ],
    ids=["long", "many", "control character", "not ASCII", "no colon"],
)
def test_handshakes_that_cannot_be_parsed(watched: str, header: bytes) -> None:
    assert ask(watched, HANDSHAKE[:-2] + header + b"\r\n\r\n").startswith(b"HTTP/1.1 400 ")


def test_bytes_that_are_not_http(watched: str, capsys: pytest.CaptureFixture[str]) -> None:
    for sent in (b"\x16\x03\x01\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"):
        assert ask(watched, sent).startswith(b"HTTP/1.1 400 ")
    assert "traceback" not in capsys.readouterr().err


def test_text_that_is_not_utf8_closes_the_connection(watched: str, capsys: pytest.CaptureFixture[str]) -> None:
    with connected(watched) as client:
        client.connection.socket.sendall(Frame(Opcode.TEXT, b"\xff\xfe").serialize(mask=True))
        with pytest.raises(ConnectionClosed) as closed:
            client.receive()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1007
    assert "traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("sent", [b"", b"GET / HT", HANDSHAKE[:60], b"GET /docs HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nG"])
def test_slow_heads(watched: str, monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(protocol_module, "HEAD_SECONDS", 0.3)
    port = int(watched.rsplit(":", 1)[1])
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as client:
        client.sendall(sent)
        try:
            while client.recv(65536):
                pass
        except ConnectionError:
            pass
    assert 0.2 < time.monotonic() - start < 3


def test_head_in_parts_and_connections_that_are_kept(watched: str) -> None:
    port = int(watched.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as client:
        for _ in range(2):
            for part in (b"GET /healthz HT", b"TP/1.1\r\nHost: 127", b".0.0.1\r\n\r\n"):
                client.sendall(part)
                time.sleep(0.01)
            received = b""
            while not received.endswith(b'{"status":"ok"}'):
                received += client.recv(65536)
            assert received.startswith(b"HTTP/1.1 200 ")


def test_reader_that_stops_is_disconnected(watched: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol_module, "STALL_SECONDS", 0.3)
    before = settled(watched, 12)
    port = int(watched.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        request = b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        client.sendall(request * 300)  # the answers fill the buffers of both sides
        with pytest.raises(ConnectionError):  # noqa: PT012 - at one of the attempts
            for _ in range(200):
                time.sleep(0.05)
                client.sendall(b"G")
    assert settled(watched, before) <= before


def test_pings_are_answered_if_the_client_reads(watched: str, drawings: list[bytes]) -> None:
    async def body() -> None:
        protocol, transport = protocol_of(StreamProtocol)
        for _ in range(3):
            protocol.handle_ping()
        assert transport.calls == ["write"] * 3
        protocol.pause_writing()
        for _ in range(1000):
            protocol.handle_ping()
        assert transport.calls == ["write"] * 3
        protocol.resume_writing()
        protocol.handle_ping()
        assert transport.calls == ["write"] * 4

    asyncio.run(body())
    with connected(watched) as client:
        client.connection.ping().wait(5)
        assert client.ask(1, drawings[0])["seq"] == 1


def test_empty_fragments_do_not_pile_up() -> None:
    async def body() -> None:
        protocol, _ = protocol_of(StreamProtocol)
        protocol.handle_text(Frame(Opcode.TEXT, b"a", fin=False))
        for _ in range(1000):
            protocol.handle_cont(Frame(Opcode.CONT, b"", fin=False))
        assert len(protocol.frames) == 1
        protocol.handle_cont(Frame(Opcode.CONT, b"b"))
        assert (await protocol.receive())["text"] == "ab"

    asyncio.run(body())


def test_health_after_all_of_this(watched: str) -> None:
    assert httpx.get(f"{watched}/healthz").status_code == 200
