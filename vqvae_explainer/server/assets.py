"""Answers that never change: made, hashed and compressed once."""

import gzip
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",  # modules are UTF-8 whatever is said
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
STYLE_COMMENTS = re.compile(r"/\*.*?\*/\n?", re.DOTALL)
COMMENTS = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/[ \t]*|//[^\n]*)$", re.DOTALL | re.MULTILINE)
WORTHWHILE = 500  # bytes; less is sent as it is

RawHeaders = Sequence[tuple[bytes, bytes]]


class Asset:
    """A body with its headers, and its compressed form."""

    def __init__(self, body: bytes, headers: RawHeaders) -> None:
        self._body = body
        self._headers = [(name, value) for name, value in headers if name.lower() != b"content-length"]
        self._etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'

    @cached_property
    def compressed(self) -> bytes | None:
        """The body as gzip makes it, if that is worthwhile."""
        if len(self._body) < WORTHWHILE:
            return None
        small = gzip.compress(self._body, mtime=0)
        return small if len(small) < 0.9 * len(self._body) else None

    def response(self, headers: Headers) -> Response:
        """What a request with these headers gets."""
        known = [tag.strip().removeprefix("W/") for tag in headers.get("if-none-match", "").split(",")]
        accepts = "gzip" in headers.get("accept-encoding", "") and self.compressed is not None
        if self._etag in known:
            answer = Response(status_code=304)
        else:
            answer = Response(self.compressed if accepts else self._body)
            if accepts:
                answer.headers["content-encoding"] = "gzip"
        answer.raw_headers += self._headers
        answer.headers["etag"] = self._etag
        answer.headers["vary"] = "Accept-Encoding"
        return answer


def file_asset(path: Path) -> Asset:
    """A file, as browsers get it."""
    body = path.read_bytes()
    if path.suffix == ".js":
        body = without_comments(body.decode()).encode()
    elif path.suffix == ".css":
        body = STYLE_COMMENTS.sub("", body.decode()).encode()
    return Asset(body, [(b"content-type", TYPES.get(path.suffix, "application/octet-stream").encode())])


def without_comments(source: str) -> str:
    """JavaScript without the comments that have lines of their own: more than a quarter of the compressed page.

    Code keeps its line numbers. (A line of a template literal that begins like a comment would be lost: there is none.)
    """
    return COMMENTS.sub(lambda comment: "\n" * comment[0].count("\n"), source)


def add_files(app: FastAPI, url: str, folder: Path, names: Iterable[str] | None = None) -> None:
    """Serve a folder's files, or those of these names, from memory: no request ever reaches the file system."""
    chosen = (folder / name for name in names) if names else (path for path in folder.rglob("*") if path.is_file())
    assets = {path.relative_to(folder).as_posix(): file_asset(path) for path in chosen}

    @app.api_route(url + "/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    async def file(path: str, request: Request) -> Response:
        if path not in assets:
            raise HTTPException(404)
        return assets[path].response(request.headers)


class Kept:
    """Middleware that asks the application once for each page that never changes, and then knows it."""

    def __init__(self, app: ASGIApp, is_kept: Callable[[str], bool]) -> None:
        self._app = app
        self._is_kept = is_kept
        self._assets: dict[str, Asset] = {}  # by path: as many as there are answers of status 200

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request (the ASGI interface)."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or not self._is_kept(scope["path"]):
            await self._app(scope, receive, send)
            return
        asset = self._assets.get(scope["path"])
        if asset is None:
            asset = await self._ask(scope, receive, send)
        if asset is not None:
            await asset.response(Headers(scope=scope))(scope, receive, send)

    async def _ask(self, scope: Scope, receive: Receive, send: Send) -> Asset | None:
        """Ask the application; None if its answer is an error, which goes out as it is."""
        start: Message = {}
        body: list[bytes] = []

        async def collect(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                if start["status"] == 200:
                    return
            elif start["status"] == 200:
                body.append(message.get("body", b""))
                return
            await send(message)

        # Not compressed: that is done here, once.
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self._app({**scope, "method": "GET", "headers": headers}, receive, collect)
        if start["status"] != 200:
            return None
        asset = self._assets[scope["path"]] = Asset(b"".join(body), start["headers"])
        return asset
