"""The connected clients of the stream: their limit, and their end when the server shuts down."""

from typing import Protocol

from .metrics import ServerMetrics


class Client(Protocol):
    """A connection."""

    def drain(self) -> None:
        """Answer what waits, then close."""


class Clients:
    """All open connections of this process."""

    def __init__(self, limit: int, allowed_origins: frozenset[str], metrics: ServerMetrics) -> None:
        self._limit = limit
        self.allowed_origins = allowed_origins
        self.metrics = metrics
        self._clients: set[Client] = set()
        self._draining = False

    def admit(self, client: Client) -> bool:
        """Register a client. False if the limit is reached or the server is shutting down."""
        if self._draining or len(self._clients) >= self._limit:
            return False
        self._clients.add(client)
        self.metrics.clients.inc()
        return True

    def release(self, client: Client) -> None:
        self._clients.remove(client)
        self.metrics.clients.dec()

    def drain(self) -> None:
        """Close every client once it has its answers, and admit no more."""
        if self._draining:
            return
        self._draining = True
        for client in list(self._clients):
            client.drain()
