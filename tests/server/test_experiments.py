"""Decoding edited grids, variants and backward passes, over REST and over the stream."""

from base64 import b64encode
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from vqvae_explainer.explain.gradients import gradients
from vqvae_explainer.explain.models import ExplainedModel
from vqvae_explainer.explain.packing import unpack
from vqvae_explainer.explain.trace import trace


@pytest.fixture
def pixels(drawings: list[bytes]) -> str:
    return b64encode(drawings[0]).decode()


def ask(client: TestClient, message: dict[str, Any]) -> dict[str, Any]:
    with client.websocket_connect("/ws") as socket:
        socket.send_json(message)
        answer: dict[str, Any] = socket.receive_json()
        return answer


def test_decode(client: TestClient, tiny: ExplainedModel, drawings: list[bytes]) -> None:
    (traced,) = trace(tiny.model, drawings[:1])
    grid = {"model": "tiny", "indices": traced.indices.tolist()}
    rest = client.post("/api/decode", json=grid).json()
    np.testing.assert_allclose(rest["reconstruction"], traced.reconstruction, atol=1e-5)
    frame = ask(client, {"type": "decode", "seq": 3, **grid})
    assert (frame["type"], frame["seq"], frame["model"]) == ("decode", 3, "tiny")
    np.testing.assert_allclose(unpack(frame["reconstruction"]), traced.reconstruction, atol=1e-4)


@pytest.mark.parametrize(
    ("indices", "problem"),
    [
        ([[0] * 7] * 6, "indices must be 7 rows of 7 codes"),
        ([[0] * 7] * 6 + [[0] * 8], "indices must be 7 rows of 7 codes"),
        ([[0] * 7] * 6 + [[0] * 6 + [20]], "codes of this model are from 0 to 19"),
        ([[-1] * 7] * 7, "greater than or equal to 0"),
        ([["x"] * 7] * 7, "valid integer"),
        ([], "at least 1 item"),
    ],
)
def test_bad_grids_are_refused(client: TestClient, indices: object, problem: str) -> None:
    refused = client.post("/api/decode", json={"model": "tiny", "indices": indices})
    assert refused.status_code == 422
    assert problem in refused.text
    frame = ask(client, {"type": "decode", "seq": 4, "model": "tiny", "indices": indices})
    assert (frame["type"], frame["seq"], frame["code"]) == ("error", 4, "invalid")
    assert problem in frame["message"]


@pytest.mark.parametrize("variant", ["normal", "bypass", "wrong-reshape"])
def test_variants(client: TestClient, tiny: ExplainedModel, drawings: list[bytes], pixels: str, variant: Any) -> None:
    (traced,) = trace(tiny.model, drawings[:1], variant)
    rest = client.post("/api/trace", json={"model": "tiny", "pixels": pixels, "variant": variant}).json()
    frame = ask(client, {"type": "trace", "seq": 1, "model": "tiny", "pixels": pixels, "variant": variant})
    assert rest["variant"] == frame["variant"] == variant
    assert rest["indices"] == frame["indices"] == traced.indices.tolist()
    np.testing.assert_allclose(rest["reconstruction"], traced.reconstruction, atol=1e-5)
    np.testing.assert_allclose(unpack(frame["reconstruction"]), traced.reconstruction, atol=1e-4)


@pytest.mark.parametrize("straight_through", [True, False])
def test_backward(
    client: TestClient, tiny: ExplainedModel, drawings: list[bytes], pixels: str, straight_through: bool
) -> None:
    (expected,) = gradients(tiny.model, drawings[:1], straight_through)
    request = {"model": "tiny", "pixels": pixels, "straight_through": straight_through}
    rest = client.post("/api/backward", json=request).json()
    frame = ask(client, {"type": "backward", "seq": 2, **request})
    assert rest["straight_through"] is frame["straight_through"] is straight_through
    np.testing.assert_allclose(rest["quantized"], expected.quantized, rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(unpack(frame["quantized"]), expected.quantized, atol=np.ptp(expected.quantized) * 1e-3)
    for loss in ("reconstruction", "codebook", "commitment"):
        for by in ("features", "embeddings"):
            values = getattr(expected, by)[loss]
            np.testing.assert_allclose(rest[by][loss], values, rtol=1e-4, atol=1e-9)
            np.testing.assert_allclose(unpack(frame[by][loss]), values, atol=np.ptp(values) * 1e-3 + 1e-9)


def test_a_slow_backward_pass_does_not_overtake_or_lose_the_trace(client: TestClient, pixels: str) -> None:
    with client.websocket_connect("/ws") as socket:
        socket.send_json({"type": "backward", "seq": 1, "pixels": pixels})
        socket.send_json({"type": "trace", "seq": 2, "pixels": pixels})
        answers = [socket.receive_json() for _ in range(2)]
    assert sorted((a["type"], a["seq"]) for a in answers) == [("backward", 1), ("trace", 2)]


def test_the_model_tells_its_listings_and_code_pictures(client: TestClient, tiny: ExplainedModel) -> None:
    detail = client.get("/api/models/tiny").json()
    assert detail["listings"] == [listing.model_dump(mode="json") for listing in tiny.listings]
    np.testing.assert_allclose(unpack(detail["code_pictures"]), tiny.code_pictures, atol=1e-4)
