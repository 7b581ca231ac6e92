"""Security and cache headers of every response."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .assets import FILES_URL

POLICY = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'"


def content_security_policy(frame_ancestors: str, *more: str) -> str:
    """The Content-Security-Policy of a page.

    Args:
        frame_ancestors: sources that may embed it.
        more: further directives.
    """
    return "; ".join((POLICY, f"frame-ancestors {frame_ancestors}", *more))


class SecurityHeaders:
    """Adds security headers to every response; files whose path contains a hash are cached forever."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        guard = (b"x-content-type-options", b"nosniff")
        # Scripts and styles are subject to the policy of their page.
        self._of_files = (guard, (b"cache-control", b"public, max-age=31536000, immutable"))
        self._of_responses = (
            guard,
            (b"content-security-policy", policy.encode()),
            (b"referrer-policy", b"no-referrer"),
            (b"cache-control", b"no-cache"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                present = {name.lower() for name, _ in headers}
                is_file = scope["path"].startswith(FILES_URL) and message["status"] in (200, 304)
                for name, value in self._of_files if is_file else self._of_responses:
                    if name not in present:
                        headers.append((name, value))
            await send(message)

        await self._app(scope, receive, send_with_headers)
