"""WebSocket protocol that always completes the closing handshake and limits what one client can take.

It overrides internals of uvicorn: pyproject.toml pins the versions that tests/server/test_protocol.py checks.
"""

from asyncio import BaseTransport

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

READ = 4096  # bytes that are read and parsed before other connections run; asyncio's default is 262,144
BACKLOG = 4  # messages that may wait for the application before reading pauses
CLOSE_SECONDS = 2.0  # for a client to read its last answer and complete the closing handshake


class StreamProtocol(WebSocketsSansIOProtocol):
    """Answers what waits before the server stops; drops clients that do not read or answer."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.close_timeout = CLOSE_SECONDS
        self.transport.max_size = READ  # type: ignore[attr-defined]  # an attribute of asyncio's transports

    def send_receive_event_to_app(self) -> None:
        """Called by uvicorn for each complete message.

        uvicorn pauses reading until the application has taken the message: two system calls for each. Here reading
        pauses only when messages pile up or a large one arrives.
        """
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
