"""The health check, and the models with their details."""

import socket
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import pytest
from fastapi.testclient import TestClient

from tests.conftest import TINY_USAGE
from vqvae_explainer.explain.live import LiveModel
from vqvae_explainer.explain.packing import unpack
from vqvae_explainer.model.playback import Playback
from vqvae_explainer.server import batcher
from vqvae_explainer.server.lane import Lane

from .streaming import pixels


def shape(nested: Any) -> list[int]:
    """The shape of nested lists."""
    return list(np.array(nested).shape)


def test_health(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_health_without_a_body(client: TestClient) -> None:
    answer = client.head("/healthz")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == len(client.get("/healthz").content)


def test_responses_vary_once(client: TestClient) -> None:
    body = {"pixels": pixels(bytes(784))}
    for encoding, expected in (("gzip", "gzip"), ("gzip;q=0", None)):
        headers = {"accept-encoding": encoding}
        for answer in (
            client.get("/", headers=headers),
            client.get("/api/models", headers=headers),
            client.post("/api/trace", json=body, headers=headers),
            client.post("/api/backward", json=body, headers=headers),
        ):
            assert answer.headers.get_list("vary") == ["Accept-Encoding"]
            assert answer.headers.get("content-encoding") == expected


def test_requests_beyond_the_limit_are_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batcher, "MAX_JOBS", 0)
    for path in ("/api/trace", "/api/backward"):
        answer = client.post(path, json={"pixels": pixels(bytes(784))})
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
        assert answer.headers["retry-after"] == "1"
    assert client.get("/healthz").status_code == 200


def test_connection_has_one_place_in_the_queue(watched: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that are sent before the first is answered wait in the connection, not in the queue."""
    waiting: list[int] = []
    add = Lane.add

    def counted(lane: Lane, entry: Any) -> None:
        add(lane, entry)
        waiting.append(len(lane._entries))

    monkeypatch.setattr(Lane, "add", counted)
    body = orjson.dumps({"pixels": pixels(bytes(784))})
    head = f"POST /api/trace HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
    request = f"{head}Content-Type: application/json\r\n\r\n".encode() + body
    last = request.replace(b"Host", b"Connection: close\r\nHost", 1)
    with socket.create_connection(("127.0.0.1", int(watched.rsplit(":", 1)[1])), timeout=20) as client:
        client.sendall(request * 9 + last)
        with client.makefile("rb") as stream:
            assert stream.read().count(b"HTTP/1.1 200 OK") == 10
    assert waiting == [1] * 10


def test_models(client: TestClient, tiny: LiveModel) -> None:
    answer = client.get("/api/models").json()
    assert answer["default"] == "other"
    assert [model["name"] for model in answer["models"]] == ["other", "tiny"]
    metrics = tiny.card.figures.model_dump()
    assert answer["models"][1] == {
        "name": "tiny",
        "title": "Tiny",
        "description": "Test",
        "reference": "",
        "claim": "",
        "grid": [7, 7],
        "num_embeddings": 20,
        "embedding_dim": 16,
        "playback": True,
        "prior": True,
        "metrics": {name: value for name, value in metrics.items() if not isinstance(value, list | str)},
    }


def test_model(client: TestClient, tiny: LiveModel) -> None:
    answer = client.get("/api/models/tiny").json()
    assert answer["config"] == tiny.card.config.model_dump()
    assert answer["metrics"] == tiny.card.figures.without_cells().model_dump()
    assert answer["stages"] == tiny.stages
    assert answer["convolutional"] is True
    assert shape(answer["embeddings"]) == answer["stages"]["embeddings"]
    np.testing.assert_array_equal(np.float32(answer["embeddings"]), tiny.model.quantizer.embeddings)
    assert answer["code_order"] == tiny.levels[""].code_order
    assert shape(answer["fields"]["reads"]) == shape(answer["fields"]["writes"]) == [7, 7, 4]
    assert 0 < answer["fields"]["share"] < 1
    assert answer["listings"] == [listing.model_dump(mode="json") for listing in tiny.listings[""]]
    np.testing.assert_allclose(*map(unpack, (answer["code_pictures"], tiny.levels[""].code_pictures)), atol=1e-4)


def test_projection_spreads_the_codes_most(client: TestClient, tiny: LiveModel) -> None:
    projection = client.get("/api/models/tiny").json()["projection"]
    codes = tiny.model.quantizer.embeddings.double().numpy()
    points = (codes - projection["mean"]) @ np.array(projection["axes"]).T
    spread = np.linalg.svd(codes - codes.mean(0), compute_uv=False) ** 2
    np.testing.assert_allclose((points**2).sum(0), spread[:2], rtol=1e-6)
    np.testing.assert_allclose(projection["shares"], spread[:2] / spread.sum(), rtol=1e-6)


def test_usage_by_cell_is_loaded_on_its_own(client: TestClient) -> None:
    assert client.get("/api/models/tiny/usage").json() == {"by_cell": TINY_USAGE}
    assert "code_usage_by_cell" not in client.get("/api/models/tiny").json()["metrics"]
    assert client.get("/api/models/none/usage").status_code == 404


def test_playback(client: TestClient, make_playback: Callable[[str], Playback]) -> None:
    assert client.get("/api/models/tiny/playback").json() == make_playback("tiny").model_dump(mode="json")
