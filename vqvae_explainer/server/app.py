"""The application: models, routes, files, headers."""

import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from threadpoolctl import threadpool_limits

from .. import __version__
from ..explain.loading import load_models
from .assets import ResponseCache
from .batcher import Batcher
from .bodies import BodyLimits
from .clients import Clients
from .connections import Connections, connection_limit
from .docs import add_docs
from .headers import SecurityHeaders, content_security_policy
from .hosts import AllowedHosts
from .metrics import ServerMetrics, add_metrics
from .page import ServedPages, add_page
from .problems import add_handlers
from .routes import add_routes
from .settings import Settings, load_settings
from .stream import add_stream
from .training_routes import add_trainings
from .trainings import Trainings


def create_app(settings: Settings | None = None) -> FastAPI:
    """Load the models and build the application.

    Raises:
        UserError: the weights or the settings cannot be used.
    """
    settings = settings or load_settings()
    threadpool_limits(1, user_api="blas")  # one drawing is too small to parallelize; cores are for other processes
    sys.setswitchinterval(0.0005)  # seconds until the background thread lets the event loop go on; the default is 5 ms
    models = load_models(settings.weights)
    metrics = ServerMetrics()
    batcher = Batcher(models, metrics.batches.observe)
    trainings = Trainings(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        batcher.start()
        allowed_origins = frozenset(settings.allowed_origins.lower().split())
        pages = ServedPages(settings)
        yield {  # the state of every connection
            "clients": Clients(settings.max_clients, allowed_origins, metrics),
            "pages": pages,
            # A page has a stream and, while it loads, connections for its files.
            "connections": Connections(connection_limit(2 * settings.max_clients + 64)),
        }
        trainings.close()
        await batcher.stop()
        for handler in logging.getLogger().handlers:
            handler.flush()  # uvicorn then ends the process by the signal that it received

    app = FastAPI(
        title="VQ-VAE explainer",
        version=__version__,
        description="Draw a digit and see inside a vector-quantized variational autoencoder while it works.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    add_page(app)
    add_routes(app, models, batcher)
    add_trainings(app, models, trainings, settings)
    add_stream(app, models, batcher)
    add_metrics(app, metrics)
    add_docs(app, settings.frame_ancestors)
    add_handlers(app)
    app.add_middleware(ResponseCache, is_cached=never_changes)
    app.add_middleware(BodyLimits)
    app.add_middleware(AllowedHosts, hosts=frozenset(settings.allowed_hosts.lower().split()), metrics=metrics)
    app.add_middleware(SecurityHeaders, policy=content_security_policy(settings.frame_ancestors))
    return app


def never_changes(path: str) -> bool:
    """Whether the response to a path is the same as long as the server runs."""
    return path in ("/", "/docs", "/openapi.json", "/api/models") or path.startswith("/api/models/")
