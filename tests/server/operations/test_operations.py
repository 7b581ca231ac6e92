"""A request type is one object: routes, messages of the stream and OpenAPI follow from it."""

import dataclasses
import json
from pathlib import Path
from typing import Any, Literal

import pytest
from fastapi.testclient import TestClient
from pydantic import Field

from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.operations import OPERATIONS, TRACE
from vqvae_explainer.server.operations.base import DrawingRequest, ModelResponse, Operation, StreamMessage
from vqvae_explainer.server.settings import Settings

from ..streaming import message, pixels


class InkMessage(StreamMessage, DrawingRequest):
    type: Literal["ink"]


class InkResponse(ModelResponse):
    ink: int = Field(description="Sum of all pixels.")


INK: Operation[DrawingRequest, InkMessage, int] = Operation(
    name="ink",
    endpoint="sum_ink",
    description="Add up the pixels of a drawing.",
    request=DrawingRequest,
    response=InkResponse,
    message=InkMessage,
    run=lambda _, requests: [sum(request.pixels) for request in requests],
    to_response=lambda _, model, ink: {"model": model, "ink": ink},
    to_fields=lambda _, ink: {"ink": ink},
)


def test_one_object_adds_a_request_type(
    weights_dir: Path, drawings: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OPERATIONS, "ink", INK)
    expected = sum(drawings[0])
    with TestClient(create_app(Settings(weights=weights_dir))) as client:
        rest = client.post("/api/ink", json={"pixels": pixels(drawings[0])})
        assert rest.json() == {"model": "other", "ink": expected}
        route = client.get("/openapi.json").json()["paths"]["/api/ink"]["post"]
        assert (route["summary"], route["description"]) == ("Sum Ink", INK.description)
        with client.websocket_connect("/ws") as socket:
            socket.send_text(message(4, drawings[0], type="ink"))
            answer = socket.receive_json()
            assert (answer["type"], answer["seq"], answer["ink"]) == ("ink", 4, expected)
            socket.send_text(message(5, drawings[0], type="none"))
            assert ", ink." in socket.receive_json()["message"]


def test_failure_is_answered_and_the_next_request_works(
    weights_dir: Path, drawings: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [RuntimeError("out of memory"), RuntimeError("out of memory")]

    def fails_twice(*arguments: Any) -> Any:
        if failures:
            raise failures.pop()
        return TRACE.run(*arguments)

    monkeypatch.setitem(OPERATIONS, "trace", dataclasses.replace(TRACE, run=fails_twice))
    app = create_app(Settings(weights=weights_dir))
    body = {"pixels": pixels(drawings[0])}
    with TestClient(app, raise_server_exceptions=False) as client, client.websocket_connect("/ws") as socket:
        socket.send_text(message(1, drawings[0]))
        answer = socket.receive_json()
        assert (answer["type"], answer["seq"], answer["code"]) == ("error", 1, "internal")
        failed = client.post("/api/trace", json=body)
        assert (failed.status_code, failed.json()["code"]) == (500, "internal")
        assert "out of memory" not in json.dumps([answer, failed.json()])  # only the log has it
        socket.send_text(message(2, drawings[0]))
        assert socket.receive_json()["type"] == "trace"
        assert client.post("/api/trace", json=body).status_code == 200
