"""Fixtures for tests of the server; tests/soak uses them too."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis

from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.settings import Settings

from .. import conftest
from ..conftest import Server, running
from .streaming import Client, connected, serving


@pytest.fixture
def stream(server: Any) -> Iterator[Client]:
    """A connection to the shared server."""
    with connected(server.url) as client:
        yield client


@pytest.fixture(scope="module")
def watched(weights_dir: Path) -> Iterator[str]:
    """A server that pings every second, and gives the number of its event loop's tasks under /tasks."""
    app = create_app(Settings(weights=weights_dir))

    @app.get("/tasks")
    async def tasks() -> int:
        return len(asyncio.all_tasks())

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VQVAE_EXPLAINER_PING_SECONDS", "1")
        with serving(app) as url:
            yield url


@pytest.fixture
def pair(weights_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server with two workers."""
    monkeypatch.setattr(conftest, "START_SECONDS", 2 * conftest.START_SECONDS)  # they start at the same time
    server = Server(weights_dir)
    server._command += ["--workers", "2"]
    with running(server):
        yield server


@pytest.fixture(scope="module")
def schema(weights_dir: Path) -> Iterator[Any]:
    """The OpenAPI schema of a running server."""
    with serving(create_app(Settings(weights=weights_dir))) as url:
        yield schemathesis.openapi.from_url(f"{url}/openapi.json")
