"""The stream's transport: uvicorn's WebSockets, that part in peace and for certain."""

from asyncio import BaseTransport

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

READ = 4096  # bytes that are read, and parsed in one go, before others have their turn; asyncio's default is 262,144
BACKLOG = 4  # messages that may wait for the application before reading pauses
CLOSE_SECONDS = 2.0  # for a client to take its last answer and to say goodbye


class StreamProtocol(WebSocketsSansIOProtocol):
    """Lets clients have their answers when the server ends; forgets those that do not read or answer."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Called by asyncio."""
        super().connection_made(transport)
        self.close_timeout = CLOSE_SECONDS
        self.transport.max_size = READ  # type: ignore[attr-defined]  # of asyncio's own transports

    def send_receive_event_to_app(self) -> None:
        """Called by uvicorn when a message is complete; it then pauses reading until the message is taken.

        That is two system calls a message. Here it is left until messages pile up, or a large one comes.
        """
        is_small = sum(map(len, self.frames)) <= READ
        self.read_paused = is_small and self.queue.qsize() < BACKLOG  # True keeps uvicorn from pausing
        super().send_receive_event_to_app()

    def shutdown(self) -> None:
        """Called by uvicorn when the server ends."""
        if not self.handshake_complete or self.close_sent or "clients" not in self.app_state:
            super().shutdown()
            return
        self.app_state["clients"].drain()
        self.loop.call_later(CLOSE_SECONDS, self.transport.abort)

    def keepalive_timeout(self) -> None:
        """Called by uvicorn when a ping was not answered."""
        super().keepalive_timeout()
        self.transport.abort()  # what waits to be sent would never be read

    async def run_asgi(self) -> None:
        """Called by uvicorn for each connection."""
        await super().run_asgi()
        # A closed transport waits until what it has is read, if need be for ever.
        self.loop.call_later(CLOSE_SECONDS, self.transport.abort)
