"""The REST interface keeps to its own description, whatever it is asked."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.settings import Settings


@pytest.fixture(scope="module")
def described(weights_dir: Path, serve_here: Callable[[FastAPI], AbstractContextManager[str]]) -> Iterator[Any]:
    """The description of a running server."""
    with serve_here(create_app(Settings(weights=weights_dir))) as url:
        yield schemathesis.openapi.from_url(f"{url}/openapi.json")


def test_answers_are_as_described(described: Any) -> None:
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) >= 6
    for operation in operations:

        @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def check(case: Any) -> None:
            # What fits the description need not fit the model: a grid of another size is refused.
            case.call_and_validate(excluded_checks=[positive_data_acceptance])

        check()


def test_description_is_valid(described: Any) -> None:
    assert described.raw_schema["openapi"].startswith("3.")
    assert json.dumps(described.raw_schema)
