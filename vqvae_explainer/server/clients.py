"""Who is connected to the stream: as many as the settings allow, and told when the server leaves."""

from typing import Protocol

from .metrics import ServerMetrics


class Client(Protocol):
    """A connection, as the registry sees it."""

    def leave(self) -> None:
        """Answer what was asked, then close."""


class Clients:
    """All open connections of this process."""

    def __init__(self, limit: int, allowed_origins: frozenset[str], metrics: ServerMetrics) -> None:
        self._limit = limit
        self.allowed_origins = allowed_origins
        self.metrics = metrics
        self._clients: set[Client] = set()
        self._leaving = False

    def admit(self, client: Client) -> bool:
        """Take a client in, unless there are too many or the server is about to end."""
        if self._leaving or len(self._clients) >= self._limit:
            return False
        self._clients.add(client)
        self.metrics.clients.inc()
        return True

    def release(self, client: Client) -> None:
        """Forget a client that was admitted."""
        self._clients.remove(client)
        self.metrics.clients.dec()

    def leave(self) -> None:
        """Let every client close once it has its answer, and take no other."""
        if self._leaving:
            return
        self._leaving = True
        for client in list(self._clients):
            client.leave()

    def __len__(self) -> int:
        return len(self._clients)
