"""Scoring and packing codes over REST and over the stream."""

import json
from base64 import b64decode
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from vqvae_explainer.explain.compression import decompress
from vqvae_explainer.explain.models import ExplainedModel
from vqvae_explainer.explain.packing import unpack
from vqvae_explainer.explain.scoring import score

CODES = np.arange(49).reshape(7, 7) % 20


def test_score(client: TestClient, stream: Any, tiny_served: ExplainedModel) -> None:
    assert tiny_served.prior is not None
    [found] = score(tiny_served.prior.network, [CODES.ravel()])
    request = {"model": "tiny", "codes": CODES.tolist()}
    rest = client.post("/api/score", json=request).json()
    stream.connection.send(json.dumps({"type": "score", "seq": 3, **request}))
    answer = stream.receive()
    fields = {"model", "bits", "class_bits", "total", "unigram_bits"}
    assert rest.keys() == fields
    assert answer.keys() == fields | {"type", "seq", "server_ms"}
    np.testing.assert_allclose(rest["bits"], found.bits.reshape(7, 7), atol=1e-3)
    np.testing.assert_allclose(unpack(answer["bits"]), found.bits.reshape(7, 7), atol=1e-3)
    for reply in (rest, answer):
        np.testing.assert_allclose(reply["class_bits"], found.class_bits, atol=1e-3)
        assert reply["total"] == pytest.approx(found.bits.sum(), abs=1e-3)
        assert reply["unigram_bits"] == pytest.approx(49 * np.log2(20))


def test_compress(client: TestClient, stream: Any, tiny_served: ExplainedModel) -> None:
    assert tiny_served.prior is not None
    request = {"model": "tiny", "codes": CODES.tolist()}
    rest = client.post("/api/compress", json=request).json()
    stream.connection.send(json.dumps({"type": "compress", "seq": 3, **request}))
    answer = stream.receive()
    assert rest.items() <= answer.items()
    assert rest.keys() == {"model", "digit", "bits", "data", "information", "codes"}
    assert rest["codes"] == CODES.tolist()
    assert rest["information"] - 2 < rest["bits"] < rest["information"] + 5  # the untrained classes are much the same
    data = b64decode(rest["data"])
    assert len(data) == -(-rest["bits"] // 8)
    bits = "".join(f"{byte:08b}" for byte in data)
    np.testing.assert_array_equal(decompress(tiny_served.prior.network, bits), CODES.ravel())


@pytest.mark.parametrize("operation", ["score", "compress"])
@pytest.mark.parametrize(
    ("codes", "problem"),
    [([[0] * 7] * 6, "codes must be 7 rows of 7 codes"), ([[20] * 7] * 7, "codes of this model are from 0 to 19")],
)
def test_bad_grids(client: TestClient, stream: Any, operation: str, codes: Any, problem: str) -> None:
    request = {"model": "tiny", "codes": codes}
    refused = client.post(f"/api/{operation}", json=request)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    stream.connection.send(json.dumps({"type": operation, "seq": 4, **request}))
    answer = stream.receive()
    assert answer["code"] == "invalid"
    assert problem in refused.text
    assert problem in answer["message"]


def test_the_card_of_a_prior_and_whether_there_is_one(client: TestClient, tiny_served: ExplainedModel) -> None:
    assert tiny_served.prior is not None
    card = client.get("/api/models/tiny/prior").json()
    assert card == tiny_served.prior.card.model_dump(mode="json")
    assert np.shape(card["position_usage"]) == (10, 49, 20)
    refused = client.get("/api/models/other/prior")
    assert (refused.status_code, refused.json()["code"]) == (404, "no_prior")
    assert {model["name"]: model["prior"] for model in client.get("/api/models").json()["models"]} == {
        "tiny": True,
        "other": False,
    }
