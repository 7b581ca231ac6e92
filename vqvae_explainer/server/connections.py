"""The open connections of this process: their limit, and who has to go when it is reached."""

from typing import Protocol

BUSY = {"code": "busy", "detail": "The server has too much to do; try again later."}
BUSY_HEADERS = {"Retry-After": "1"}  # seconds
RESERVED_FILES = 64  # open files other than connections
RESERVE = 16  # connections beyond the limit that are answered for /healthz and /metrics only


class Evictable(Protocol):
    """A connection."""

    def evict(self) -> None:
        """Close it now."""


class Connections:
    """Limits the number of connections, streams included.

    At the limit a new connection takes the place of the one that has waited longest for a request. If all are in use,
    a few more are let in for the health check.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._idle: dict[Evictable, None] = {}  # those without a request, the longest-waiting first

    def admit(self, connection: Evictable, number: int) -> bool:
        """Register a new connection, the one with this number; False if it is beyond the limit."""
        within = True
        if number > self._limit:
            oldest = next(iter(self._idle), None)
            if oldest is not None:
                self.set_busy(oldest)
                oldest.evict()
            else:
                within = False
                if number > self._limit + RESERVE:
                    connection.evict()
                    return False
        self._idle[connection] = None
        return within

    def set_idle(self, connection: Evictable) -> None:
        """Note that a connection waits for a request."""
        self._idle.setdefault(connection)

    def set_busy(self, connection: Evictable) -> None:
        """Note that a connection has a request, is a stream, or is closed."""
        self._idle.pop(connection, None)


def connection_limit(wanted: int) -> int:
    """Raise the process's limit of open files if necessary; returns how many connections fit, at most `wanted`."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = wanted + RESERVE + RESERVED_FILES
    if soft != resource.RLIM_INFINITY and soft < files:
        soft = files if hard == resource.RLIM_INFINITY else min(files, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return max(1, min(wanted, soft - RESERVE - RESERVED_FILES))
    return wanted
