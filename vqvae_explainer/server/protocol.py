"""HTTP and WebSocket protocols that limit what one client can take.

They override internals of uvicorn: pyproject.toml pins the versions that tests/server/test_protocol.py checks.
"""

from asyncio import BaseTransport, TimerHandle

import h11
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from .connections import BUSY, BUSY_HEADERS, Connections

READ = 4096  # bytes that are read and parsed before other connections run; asyncio's default is 262,144
BACKLOG = 4  # messages that may wait for the application before reading pauses
CLOSE_SECONDS = 2.0  # for a client to read its last answer and complete the closing handshake
HEAD_SECONDS = 10.0  # for the head of a request to arrive
STALL_SECONDS = 30.0  # in which a client must read something of an answer that waits for it
ALWAYS_ANSWERED = ("/healthz", "/metrics")
BAD_HANDSHAKE = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 18\r\n"
    b"Connection: close\r\n\r\nInvalid handshake."
)


class HttpProtocol(H11Protocol):
    """Closes connections that do not send a request or do not read its answer; knows the limit of connections."""

    _head_timer: TimerHandle | None = None
    _stall_timer: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        transport.max_size = READ  # type: ignore[attr-defined]  # an attribute of asyncio's transports
        self.app_state = {**self.app_state, "client": object()}  # one client of the batcher
        self._registry: Connections | None = self.app_state.get("connections")
        self._is_extra = False
        if self._registry is not None and not self._registry.admit(self, len(self.connections)):
            self._is_extra = True
            self.app = only_health(self.app)
        self._watch_head()

    def evict(self) -> None:
        """Called if another connection needs the place of this one."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch_head()

    def _watch_head(self) -> None:
        """Start or stop the timer of the request's head."""
        waits = self.conn.their_state is h11.IDLE and not self.transport.is_closing()
        if self._registry is not None:
            (self._registry.set_idle if waits else self._registry.set_busy)(self)
        if not waits and self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        elif waits and self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _should_upgrade(self) -> bool:
        return not self._is_extra and super()._should_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Called by uvicorn for bytes that are not HTTP, even if an answer has begun."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:
            self.transport.abort()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self.loop.call_later(CLOSE_SECONDS, self.transport.abort)  # unsent data would keep it open

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reader(self.transport.get_write_buffer_size())

    def _watch_reader(self, unsent: int) -> None:
        self._stall_timer = self.loop.call_later(STALL_SECONDS, self._check_reader, unsent)

    def _check_reader(self, unsent: int) -> None:
        now = self.transport.get_write_buffer_size()
        if now < unsent:
            self._watch_reader(now)
        else:
            self.transport.abort()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stall_timer is not None:
            self._stall_timer.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)  # resumes writing
        self._watch_head()


def only_health(app: ASGIApp) -> ASGIApp:
    """An application that refuses everything but the health check and the metrics."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await (app if scope["path"] in ALWAYS_ANSWERED else JSONResponse(BUSY, 503, BUSY_HEADERS))(scope, receive, send)

    return answer


class StreamProtocol(WebSocketsSansIOProtocol):
    """Answers what waits before the server stops; drops clients that do not read or answer."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.close_timeout = CLOSE_SECONDS
        self.transport.max_size = READ  # type: ignore[attr-defined]  # an attribute of asyncio's transports

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated and not self.close_sent:
            self.close_sent = True
            self.transport.write(BAD_HANDSHAKE)  # uvicorn sends nothing
            self.transport.close()

    def handle_cont(self, event: Frame) -> None:
        if event.data or event.fin:  # empty fragments would pile up: they do not count against the size of a message
            super().handle_cont(event)

    def handle_ping(self) -> None:
        """Called by uvicorn for each ping, whose pong is ready. Dropped if earlier answers have not been read."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def send_receive_event_to_app(self) -> None:
        """Called by uvicorn for each complete message.

        uvicorn pauses reading until the application has taken the message: two system calls for each. Here reading
        pauses only when messages pile up or a large one arrives.
        """
        if self.curr_msg_data_type == "text" and not is_utf8(b"".join(self.frames)):
            self.frames = []
            if not self.close_sent:  # uvicorn also logs a traceback
                self.conn.send_close(1007)
                self.handle_parser_exception()
            return
        is_small = sum(map(len, self.frames)) <= READ
        self.read_paused = is_small and self.queue.qsize() < BACKLOG  # True keeps uvicorn from pausing
        super().send_receive_event_to_app()

    def shutdown(self) -> None:
        if not self.handshake_complete or self.close_sent or "clients" not in self.app_state:
            super().shutdown()
            return
        self.app_state["clients"].drain()
        self.loop.call_later(CLOSE_SECONDS, self.transport.abort)

    def keepalive_timeout(self) -> None:
        """Called by uvicorn if a ping was not answered."""
        super().keepalive_timeout()
        self.transport.abort()  # unsent data would never be read

    async def run_asgi(self) -> None:
        await super().run_asgi()
        # A closed transport waits until its data is sent, if necessary forever.
        self.loop.call_later(CLOSE_SECONDS, self.transport.abort)


def is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
