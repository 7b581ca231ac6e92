"""The health check, and the models with their details."""

from collections.abc import Callable
from typing import Any

import numpy as np
from fastapi.testclient import TestClient

from vqvae_explainer.explain.models import ExplainedModel
from vqvae_explainer.explain.packing import unpack
from vqvae_explainer.model.playback import Playback


def shape(nested: Any) -> list[int]:
    """The shape of nested lists."""
    return list(np.array(nested).shape)


def test_health(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_models(client: TestClient, tiny: ExplainedModel) -> None:
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
        "metrics": {name: value for name, value in metrics.items() if not isinstance(value, list)},
    }


def test_model(client: TestClient, tiny: ExplainedModel) -> None:
    answer = client.get("/api/models/tiny").json()
    assert answer["config"] == tiny.card.config.model_dump()
    assert answer["metrics"] == tiny.card.figures.model_dump()
    assert answer["stages"] == tiny.stages
    assert answer["convolutional"] is True
    assert shape(answer["embeddings"]) == answer["stages"]["embeddings"]
    np.testing.assert_array_equal(np.float32(answer["embeddings"]), tiny.model.quantizer.embeddings)
    assert answer["code_order"] == tiny.code_order
    assert shape(answer["fields"]["reads"]) == shape(answer["fields"]["writes"]) == [7, 7, 4]
    assert 0 < answer["fields"]["share"] < 1
    assert answer["listings"] == [listing.model_dump(mode="json") for listing in tiny.listings]
    np.testing.assert_allclose(unpack(answer["code_pictures"]), tiny.code_pictures, atol=1e-4)


def test_projection_spreads_the_codes_most(client: TestClient, tiny: ExplainedModel) -> None:
    projection = client.get("/api/models/tiny").json()["projection"]
    codes = tiny.model.quantizer.embeddings.double().numpy()
    points = (codes - projection["mean"]) @ np.array(projection["axes"]).T
    spread = np.linalg.svd(codes - codes.mean(0), compute_uv=False) ** 2
    np.testing.assert_allclose((points**2).sum(0), spread[:2], rtol=1e-6)
    np.testing.assert_allclose(projection["shares"], spread[:2] / spread.sum(), rtol=1e-6)


def test_playback(client: TestClient, make_playback: Callable[[str], Playback]) -> None:
    assert client.get("/api/models/tiny/playback").json() == make_playback("tiny").model_dump(mode="json")
