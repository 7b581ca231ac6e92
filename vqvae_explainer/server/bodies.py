"""Limits of request bodies: their size, and the time until they have arrived."""

import asyncio
from collections.abc import Iterator

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import ProblemError, to_response

MAX_BODY = 65_536  # bytes; a drawing takes about 1,100
BODY_SECONDS = 10.0
LINGER_SECONDS = 2.0  # in which the rest of a refused body is read, so that its sender gets the answer and no reset

CLOSE = {"Connection": "close"}


class BodyLimits:
    """Middleware that reads the body before it calls the application, and refuses a body that is too large or slow.

    The application gets the whole body at once: what it does with one has no part in how the body is sent.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if "transfer-encoding" not in headers and not length.strip("0"):
            await self._app(scope, receive, send)
            return
        try:
            if not length.isdecimal() or int(length) > MAX_BODY:
                raise too_large()
            body = await read(receive)
        except ProblemError as problem:
            await refuse(problem, scope, receive, send)
            return
        if body is None:
            return
        rest: Iterator[Message] = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive_rest() -> Message:
            return next(rest, None) or await receive()

        await self._app(scope, receive_rest, send)


async def read(receive: Receive) -> bytes | None:
    """Read a body; None if the client disconnects first.

    Raises:
        ProblemError: it is too large or too slow.
    """
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                part = message.get("body", b"")
                size += len(part)
                if size > MAX_BODY:
                    raise too_large()
                parts.append(part)
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError:
        detail = f"The body must arrive within {BODY_SECONDS:.0f} seconds."
        raise ProblemError(408, "too_slow", detail, CLOSE) from None


def too_large() -> ProblemError:
    return ProblemError(413, "too_large", f"A body must have at most {MAX_BODY} bytes.", CLOSE)


async def refuse(problem: ProblemError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer at once, drop what still arrives, and close."""

    async def send_all_but_the_end(message: Message) -> None:
        await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

    await to_response(problem)(scope, receive, send_all_but_the_end)
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while (await receive()).get("more_body", False):
                pass
    except TimeoutError:
        pass  # closed with unread data
    await send({"type": "http.response.body"})
