"""Many generated requests for every route of the REST interface."""

from typing import Any

from tests.server.test_openapi import validate


def test_responses_match_the_schema(schema: Any) -> None:
    validate(schema, 100)
