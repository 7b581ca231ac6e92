"""OpenAPI: everything is described, and the server keeps to its description."""

from base64 import b64encode
from re import match
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

POSTED = {"403", "404", "408", "413", "422", "503"}
TRAININGS: dict[str, dict[str, set[str]]] = {
    "/api/trainings": {"get": {"200"}, "post": {"201"} | POSTED},
    "/api/trainings/prepare": {"post": {"200", "403"}},
    "/api/trainings/{id}": {"get": {"200", "404", "422"}, "delete": {"200", "403", "404", "422"}},
    "/api/trainings/{id}/drawing": {"put": {"200"} | POSTED},
    "/api/trainings/{id}/weights": {"get": {"200", "404", "409", "422"}},
}


def test_responses_match_the_schema(schema: Any) -> None:
    """A few requests for each route; many in tests/soak."""
    validate(schema, 4)


def validate(schema: Any, examples: int) -> None:
    """Send generated requests to every route and check the responses."""
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 6
    for operation in operations:

        @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def check(case: Any) -> None:
            # A request that matches the schema may not fit the model: a grid of another size is refused.
            case.call_and_validate(excluded_checks=[positive_data_acceptance])

        check()


@pytest.fixture(scope="module")
def document(client: TestClient) -> Any:
    return client.get("/openapi.json").json()


def test_every_field_is_described(document: Any) -> None:
    described = {
        f"{name}.{field}": content.get("description")
        for name, component in document["components"]["schemas"].items()
        for field, content in component.get("properties", {}).items()
    }
    assert len(described) > 40
    assert [field for field, description in described.items() if not description] == []


def test_every_route_is_described(document: Any) -> None:
    assert document["openapi"].startswith("3.")
    paths = document["paths"]
    assert paths.keys() == {
        "/healthz",
        "/api/models",
        "/api/models/{name}",
        "/api/models/{name}/playback",
        "/api/models/{name}/prior",
        "/api/models/{name}/usage",
        "/api/trace",
        "/api/decode",
        "/api/backward",
        "/api/previews",
        "/api/sample",
        "/api/score",
        "/api/compress",
        *TRAININGS,
    }
    for path, methods in paths.items():
        for method, route in methods.items():
            assert route["description"]
            assert route["summary"]
            if path in TRAININGS:
                assert set(route["responses"]) == TRAININGS[path][method]
                continue
            codes = {
                code: answer["content"]["application/json"]["schema"] for code, answer in route["responses"].items()
            }
            assert all("$ref" in answer for answer in codes.values())
            expected = {"200"} if path in ("/healthz", "/api/models") else {"200", "404", "422"}
            assert codes.keys() == expected | ({"408", "413", "503"} if "post" in methods else set())


def test_requests_are_bounded(document: Any) -> None:
    schema = document["components"]["schemas"]["TraceRequest"]
    assert schema["additionalProperties"] is False
    pixels = schema["properties"]["pixels"]
    assert pixels["minLength"] == pixels["maxLength"] == len(b64encode(bytes(784)))
    for content in (bytes(784), bytes(range(196)) * 4, b"\xff" * 784):
        assert match(pixels["pattern"], b64encode(content).decode())
    assert not match(pixels["pattern"], b64encode(bytes(785)).decode())
