"""Responses that never change: computed, hashed and compressed once, and kept compressed."""

import gzip
import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import PurePath

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",  # modules are always UTF-8
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
FILES_URL = "/static/"  # of the page's files; their hash follows
MIN_COMPRESSED = 500  # bytes; smaller bodies are sent uncompressed

RawHeaders = Sequence[tuple[bytes, bytes]]


class Asset:
    """A body with its headers. From the first response on it is kept compressed by gzip, where that saves memory."""

    def __init__(self, body: bytes, headers: RawHeaders) -> None:
        self._body = body
        self._headers = [(name, value) for name, value in headers if name.lower() != b"content-length"]
        self._hash = hashlib.sha256(body).hexdigest()[:16]

    @cached_property
    def _compressed(self) -> bool:
        """Whether the body is kept compressed from now on: unless that saves less than a tenth."""
        if len(self._body) < MIN_COMPRESSED:
            return False
        small = gzip.compress(self._body, mtime=0)
        if len(small) >= 0.9 * len(self._body):
            return False
        self._body = small
        return True

    def response(self, headers: Headers) -> Response:
        known = [tag.strip().removeprefix("W/") for tag in headers.get("if-none-match", "").split(",")]
        as_gzip = self._compressed and accepts_gzip(headers)
        # Tags are compared byte by byte, so each form has its own.
        etag = f'"{self._hash}-gzip"' if as_gzip else f'"{self._hash}"'
        if etag in known:
            response = Response(status_code=304)
        elif as_gzip:
            response = Response(self._body, headers={"content-encoding": "gzip"})
        else:
            response = Response(gzip.decompress(self._body) if self._compressed else self._body)
        response.raw_headers += self._headers
        response.headers["etag"] = etag
        response.headers["vary"] = "Accept-Encoding"
        return response


def accepts_gzip(headers: Headers) -> bool:
    """Whether an Accept-Encoding header allows gzip (RFC 9110, section 12.5.3)."""
    weights: dict[str, str] = {}
    for part in headers.get("accept-encoding", "").lower().split(","):
        coding, _, parameter = part.partition(";")
        weights[coding.strip()] = parameter.strip().removeprefix("q=").strip()
    weight = weights.get("gzip", weights.get("*", "0"))
    return weight.strip("0.") != "" or weight == ""


def file_asset(name: str, content: bytes) -> Asset:
    return Asset(content, [(b"content-type", TYPES.get(PurePath(name).suffix, "application/octet-stream").encode())])


class ResponseCache:
    """Middleware that calls the application once for each path whose response never changes."""

    def __init__(self, app: ASGIApp, is_cached: Callable[[str], bool]) -> None:
        self._app = app
        self._is_cached = is_cached
        self._assets: dict[str, Asset] = {}  # by path; only responses of status 200

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or not self._is_cached(scope["path"]):
            await self._app(scope, receive, send)
            return
        asset = self._assets.get(scope["path"])
        if asset is None:
            asset = await self._fetch(scope, receive, send)
        if asset is not None:
            await asset.response(Headers(scope=scope))(scope, receive, send)

    async def _fetch(self, scope: Scope, receive: Receive, send: Send) -> Asset | None:
        """Call the application. None if the response is an error, which is sent unchanged."""
        start: Message = {}
        body: list[bytes] = []

        async def collect(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                if start["status"] == 200:
                    return
            elif message["type"] == "http.response.body" and start["status"] == 200:
                body.append(message.get("body", b""))
                return
            await send(message)

        # Without accept-encoding, so that the body is compressed here, once.
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self._app({**scope, "method": "GET", "headers": headers}, receive, collect)
        if start["status"] != 200:
            return None
        asset = self._assets[scope["path"]] = Asset(b"".join(body), start["headers"])
        return asset
