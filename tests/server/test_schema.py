"""The REST interface keeps to its own description, whatever it is asked."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings

from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.settings import Settings


@pytest.fixture(scope="module")
def described(weights_dir: Path, serve_here: Callable[[FastAPI], AbstractContextManager[str]]) -> Iterator[Any]:
    """The description of a running server."""
    with serve_here(create_app(Settings(weights=weights_dir))) as url:
        yield schemathesis.openapi.from_url(f"{url}/openapi.json")


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers_are_as_described(case: Any) -> None:
    # Not the stream's 101 and the like: only what OpenAPI describes. Undocumented methods are answered by 405.
    case.call_and_validate()


def test_description_is_valid(described: Any) -> None:
    assert described.raw_schema["openapi"].startswith("3.")
    assert json.dumps(described.raw_schema)
