"""Check of the Host header, against pages that reach this server under a name of their own (DNS rebinding)."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from .metrics import ServerMetrics
from .problems import ProblemError, to_response

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
WRONG_HOST = ProblemError(
    421, "wrong_host", "This server does not answer to this Host; VQVAE_EXPLAINER_ALLOWED_HOSTS can add names."
)


class AllowedHosts:
    """Middleware that refuses requests to other hosts than the allowed ones.

    Names of the loopback interface, and the address at which the connection arrived, are always allowed. Requests
    without a Host do not come from browsers.

    Args:
        app: the application.
        hosts: allowed names; all are allowed if there are none, or `*`.
        metrics: counts refused requests.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str], metrics: ServerMetrics) -> None:
        self._app = app
        self._hosts = frozenset() if "*" in hosts or not hosts else hosts | LOOPBACK
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or self._is_allowed(scope):
            await self._app(scope, receive, send)
            return
        self._metrics.refused.labels("host").inc()
        if scope["type"] == "http":
            await to_response(WRONG_HOST)(scope, receive, send)
        else:
            await send({"type": "websocket.close"})  # before it is accepted: 403

    def _is_allowed(self, scope: Scope) -> bool:
        host = Headers(scope=scope).get("host")
        if not self._hosts or host is None:
            return True
        name = host_name(host)
        server = scope.get("server")
        return name in self._hosts or (server is not None and name == server[0])


def host_name(host: str) -> str:
    """A Host header without its port, and without the brackets of an IPv6 address."""
    name, colon, port = host.lower().rpartition(":")
    if not colon or not port.isdecimal():
        name = host.lower()
    return name.removeprefix("[").removesuffix("]").removesuffix(".")
