"""The application: models, routes, files, headers."""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import torch
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi_offline import FastAPIOffline
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .. import __version__
from ..explain.models import load_models
from ..resources import resource
from .batcher import Batcher
from .routes import add_routes
from .settings import Settings

DOCS_FILES = "/docs-files"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'"
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Load the models and make the application.

    Raises:
        UserError: the weights cannot be used.
    """
    settings = settings or Settings()
    torch.set_num_threads(1)  # a drawing is too small to share; the other cores are for other processes
    models = load_models(settings.weights)
    batcher = Batcher(models)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        batcher.start()
        yield
        await batcher.stop()

    app = FastAPIOffline(
        title="VQ-VAE explainer",
        version=__version__,
        description="Draw a digit and see inside a vector-quantized variational autoencoder while it works.",
        docs_url=None,
        redoc_url=None,
        static_url=DOCS_FILES,
        lifespan=lifespan,
    )
    static = resource("static")
    # The content's hash is in the path, so that modules which import each other by relative paths share it and
    # browsers may keep them for good.
    static_url = f"/static/{tree_hash(static)}"
    app.mount(static_url, StaticFiles(directory=static), name="static")
    add_routes(app, models, batcher, static_url)
    add_docs(app)
    app.add_exception_handler(RequestValidationError, refuse)
    app.add_middleware(Headers, static_url=static_url)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    return app


async def refuse(_: Request, error: Exception) -> Response:
    """Say what is wrong with a request, without its content: not all of it can be written as JSON."""
    assert isinstance(error, RequestValidationError)
    problems = [{key: problem[key] for key in ("type", "loc", "msg")} for problem in error.errors()]
    return Response(json.dumps({"detail": problems}), status_code=422, media_type="application/json")


def tree_hash(folder: Path) -> str:
    """A hash of the names and contents of all files in a folder."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def add_docs(app: FastAPI) -> None:
    """Serve the OpenAPI document's page under /docs, from local files only."""
    page = get_swagger_ui_html(
        openapi_url=app.openapi_url or "",
        title=f"{app.title}: interface",
        swagger_js_url=f"{DOCS_FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{DOCS_FILES}/swagger-ui.css",
        swagger_favicon_url=f"{DOCS_FILES}/favicon.png",
    )
    # The page has one script in line: allow just that one.
    hashes = " ".join(
        f"'sha256-{b64encode(hashlib.sha256(script).digest()).decode()}'"
        for script in re.findall(rb"<script>(.*?)</script>", page.body, re.DOTALL)
    )
    policy = f"{CONTENT_SECURITY_POLICY}; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'"

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page.body, headers={"Content-Security-Policy": policy})


class Headers:
    """Adds security headers to every response, and a long life to files whose path holds their hash."""

    def __init__(self, app: ASGIApp, static_url: str) -> None:
        self._app = app
        self._static_url = static_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request (the ASGI interface)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                present = {name.lower() for name, _ in headers}
                cached = scope["path"].startswith(self._static_url) and message["status"] in (200, 206, 304)
                for name, value in (
                    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"no-referrer"),
                    (b"cache-control", b"public, max-age=31536000, immutable" if cached else b"no-cache"),
                ):
                    if name not in present:
                        headers.append((name, value))
            await send(message)

        await self._app(scope, receive, send_with_headers)
