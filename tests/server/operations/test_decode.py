"""Decoding grids of codes over REST and over the stream."""

import json
from typing import Any

import numpy as np
from fastapi.testclient import TestClient

from vqvae_explainer.explain.live import LiveModel
from vqvae_explainer.explain.packing import unpack
from vqvae_explainer.explain.trace import trace

BAD_GRIDS: list[tuple[Any, str]] = [
    ([[0] * 7] * 6, "indices must be 7 rows of 7 codes"),
    ([[0] * 7] * 6 + [[0] * 8], "indices must be 7 rows of 7 codes"),
    ([[0] * 7] * 6 + [[0] * 6 + [20]], "codes of this model are from 0 to 19"),
    ([[-1] * 7] * 7, "greater than or equal to 0"),
    ([["x"] * 7] * 7, "valid integer"),
    ([], "at least 1 item"),
]


def test_decode(client: TestClient, stream: Any, tiny: LiveModel, drawings: list[bytes]) -> None:
    (traced,) = trace(tiny.model, drawings[:1])
    grid = {"model": "tiny", "indices": traced.indices.tolist()}
    rest = client.post("/api/decode", json=grid).json()
    assert rest.keys() == {"model", "reconstruction"}
    np.testing.assert_allclose(rest["reconstruction"], traced.reconstruction, atol=1e-5)
    stream.connection.send(json.dumps({"type": "decode", "seq": 3, **grid}))
    answer = stream.receive()
    assert answer.keys() == {"type", "seq", "model", "reconstruction", "server_ms"}
    assert (answer["type"], answer["seq"], answer["model"]) == ("decode", 3, "tiny")
    np.testing.assert_allclose(unpack(answer["reconstruction"]), traced.reconstruction, atol=1e-4)


def test_bad_grids(client: TestClient, stream: Any) -> None:
    for indices, problem in BAD_GRIDS:
        refused = client.post("/api/decode", json={"model": "tiny", "indices": indices})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
        assert problem in refused.text
        stream.connection.send(json.dumps({"type": "decode", "seq": 4, "model": "tiny", "indices": indices}))
        answer = stream.receive()
        assert (answer["type"], answer["seq"], answer["code"]) == ("error", 4, "invalid")
        assert problem in answer["message"]
