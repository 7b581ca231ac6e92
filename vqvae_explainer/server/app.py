"""The application: models, routes, files, headers."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import torch
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.gzip import GZipMiddleware
from prometheus_client import CONTENT_TYPE_LATEST

from .. import __version__
from ..explain.models import load_models
from ..resources import resource
from .assets import Kept, add_files
from .batcher import Batcher
from .clients import Clients
from .docs import add_docs
from .headers import SecurityHeaders, content_security_policy
from .metrics import ServerMetrics
from .routes import add_routes
from .settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """Load the models and make the application.

    Raises:
        UserError: the weights cannot be used.
    """
    settings = settings or Settings()
    torch.set_num_threads(1)  # a drawing is too small to share; the other cores are for other processes
    models = load_models(settings.weights)
    metrics = ServerMetrics()
    batcher = Batcher(models, metrics.batches.observe)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        batcher.start()
        allowed_origins = frozenset(settings.allowed_origins.lower().split())
        yield {"clients": Clients(settings.max_clients, allowed_origins, metrics)}  # the state of every connection
        await batcher.stop()

    app = FastAPI(
        title="VQ-VAE explainer",
        version=__version__,
        description="Draw a digit and see inside a vector-quantized variational autoencoder while it works.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    static = resource("static")
    # The content's hash is in the path, so that modules which import each other by relative paths share it and
    # browsers may keep them for good.
    static_url = f"/static/{tree_hash(static)}"
    add_files(app, static_url, static)
    add_routes(app, models, batcher, static_url)
    add_metrics(app, metrics)
    add_docs(app, settings.frame_ancestors)
    app.add_exception_handler(RequestValidationError, refuse)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=4)
    app.add_middleware(Kept, is_kept=never_changes)
    app.add_middleware(SecurityHeaders, policy=content_security_policy(settings.frame_ancestors), static_url=static_url)
    return app


def never_changes(path: str) -> bool:
    """Whether the answer to a path is the same for as long as the server runs."""
    return path in ("/", "/docs", "/openapi.json", "/api/models") or path.startswith("/api/models/")


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


def add_metrics(app: FastAPI, metrics: ServerMetrics) -> None:
    """Serve the counts to Prometheus under /metrics."""

    @app.get("/metrics", include_in_schema=False)
    async def tell() -> Response:
        return Response(metrics.text(), headers={"content-type": CONTENT_TYPE_LATEST})
