"""The page and the REST interface."""

import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from vqvae_explainer.explain.models import ExplainedModel
from vqvae_explainer.explain.trace import trace
from vqvae_explainer.model.playback import Playback


def shape(nested: Any) -> list[int]:
    """The shape of nested lists; every list is as long as its neighbours."""
    return list(np.array(nested).shape)


def pixels(drawing: bytes) -> str:
    return b64encode(drawing).decode()


def test_health(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_models(client: TestClient, tiny: ExplainedModel) -> None:
    answer = client.get("/api/models").json()
    assert answer["default"] == "other"
    assert [model["name"] for model in answer["models"]] == ["other", "tiny"]
    figures = tiny.card.figures.model_dump()
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
        "metrics": {name: value for name, value in figures.items() if not isinstance(value, list)},
    }


def test_model(client: TestClient, tiny: ExplainedModel) -> None:
    answer = client.get("/api/models/tiny").json()
    assert answer["config"] == tiny.card.config.model_dump()
    assert answer["metrics"] == tiny.card.figures.model_dump()
    assert answer["stages"] == tiny.stages
    assert shape(answer["embeddings"]) == answer["stages"]["embeddings"]
    np.testing.assert_array_equal(np.float32(answer["embeddings"]), tiny.model.quantizer.embeddings)
    assert answer["code_order"] == tiny.code_order
    assert shape(answer["fields"]["reads"]) == shape(answer["fields"]["writes"]) == [7, 7, 4]
    assert 0 < answer["fields"]["share"] < 1


@pytest.mark.parametrize("model", ["tiny", "other"])
def test_trace_equals_the_model(client: TestClient, drawings: list[bytes], model: str, request: Any) -> None:
    known: ExplainedModel = request.getfixturevalue(model)
    for drawing in drawings:
        answer = client.post("/api/trace", json={"model": model, "pixels": pixels(drawing)}).json()
        assert answer.keys() == {
            "model",
            "features",
            "distances",
            "indices",
            "quantized",
            "reconstruction",
            "losses",
            "variant",
        }
        assert answer["model"] == model
        expected = trace(known.model, [drawing])[0]
        for stage in ("features", "distances", "indices", "quantized", "reconstruction"):
            assert shape(answer[stage]) == known.stages[stage]
            np.testing.assert_allclose(answer[stage], getattr(expected, stage), atol=1e-6)
        assert answer["losses"] == pytest.approx(expected.losses)


def test_trace_of_the_default_model(client: TestClient, drawings: list[bytes]) -> None:
    for body in ({}, {"model": None}, {"model": None, "variant": "normal"}):
        assert client.post("/api/trace", json=body | {"pixels": pixels(drawings[0])}).json()["model"] == "other"


@pytest.mark.parametrize("name", ["none", "x" * 64, "Tiny", ""])
def test_trace_by_an_unknown_model(client: TestClient, name: str) -> None:
    answer = client.post("/api/trace", json={"model": name, "pixels": pixels(bytes(784))})
    assert answer.status_code == 404
    assert "other, tiny" in answer.json()["detail"]


def test_unknown_model(client: TestClient) -> None:
    answer = client.get("/api/models/none")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "There is no model 'none'; there are: other, tiny."}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"pixels": 3}',
        '{"pixels": null}',
        '{"pixels": NaN}',
        '{"pixels": "AAAA"}',
        '{"pixels": "!"}',
        '{"pixels": "\\ud800"}',
        f'{{"pixels": "{pixels(bytes(785))}"}}',
        f'{{"pixels": "{pixels(bytes(784))}", "brush": 1}}',
        f'{{"pixels": "{pixels(bytes(784))}", "model": 3}}',
        f'{{"pixels": "{pixels(bytes(784))}", "model": "{"x" * 65}"}}',
    ],
)
def test_bad_request(client: TestClient, body: str) -> None:
    answer = client.post("/api/trace", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_projection_spreads_the_codes_most(client: TestClient, tiny: ExplainedModel) -> None:
    told = client.get("/api/models/tiny").json()["projection"]
    codes = tiny.model.quantizer.embeddings.double().numpy()
    points = (codes - told["mean"]) @ np.array(told["axes"]).T
    spread = np.linalg.svd(codes - codes.mean(0), compute_uv=False) ** 2
    np.testing.assert_allclose((points**2).sum(0), spread[:2], rtol=1e-6)
    np.testing.assert_allclose(told["shares"], spread[:2] / spread.sum(), rtol=1e-6)


def test_playback(client: TestClient, make_playback: Callable[[str], Playback]) -> None:
    assert client.get("/api/models/tiny/playback").json() == make_playback("tiny").model_dump(mode="json")
    assert not client.get("/api/models/other").json()["playback"]
    answer = client.get("/api/models/other/playback")
    assert (answer.status_code, answer.json()["detail"]) == (404, "The training of 'other' was not recorded.")
    assert client.get("/api/models/none/playback").status_code == 404


def test_page(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<!doctype html>" in answer.text.lower()
    assert "{{" not in answer.text


def test_page_loads_only_its_own_files(client: TestClient) -> None:
    """What `src` and `<link href>` name is served, with the type that browsers insist on."""
    page = client.get("/").text
    addresses = re.findall(r"""\ssrc=["']([^"']+)""", page) + re.findall(r"""<link[^>]*\shref=["']([^"']+)""", page)
    assert len(addresses) >= 3
    for address in addresses:
        answer = client.get(address)
        assert address.startswith("/static/")
        assert answer.status_code == 200, address
        kinds = {".js": "javascript", ".css": "text/css", ".svg": "image/svg+xml"}
        kind = next((kind for suffix, kind in kinds.items() if address.endswith(suffix)), "")
        assert kind in answer.headers["content-type"]


@pytest.mark.parametrize("path", ["/none", "/static/none", "/api/none", "/static/../pyproject.toml"])
def test_nothing_there(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
