"""Previews of every code in one cell over REST and over the stream."""

import json
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from vqvae_explainer.explain.models import ExplainedModel
from vqvae_explainer.explain.packing import unpack
from vqvae_explainer.explain.trace import decode, trace


@pytest.mark.parametrize(
    ("cell", "rows", "columns"),
    [((3, 2), slice(8, 20), slice(4, 16)), ((0, 6), slice(0, 8), slice(20, 28)), ((6, 0), slice(20, 28), slice(0, 8))],
)
def test_previews(
    client: TestClient,
    stream: Any,
    tiny: ExplainedModel,
    drawings: list[bytes],
    cell: tuple[int, int],
    rows: slice,
    columns: slice,
) -> None:
    indices = trace(tiny.model, drawings[:1])[0].indices
    expected = []
    for code in range(20):
        variant = indices.copy()
        variant[cell] = code
        expected.append(decode(tiny.model, [variant])[0][rows, columns])
    body = {"model": "tiny", "indices": indices.tolist(), "cell": cell}
    rest = client.post("/api/previews", json=body).json()
    assert rest.keys() == {"model", "pictures"}
    np.testing.assert_allclose(rest["pictures"], expected, atol=1e-5)
    stream.connection.send(json.dumps({"type": "previews", "seq": 3, **body}))
    answer = stream.receive()
    assert answer.keys() == {"type", "seq", "model", "pictures", "server_ms"}
    np.testing.assert_allclose(unpack(answer["pictures"]), expected, atol=1e-4)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"cell": [7, 0]}, "cells of this model are from (0, 0) to (6, 6)"),
        ({"cell": [0, -1]}, "greater than or equal to 0"),
        ({"cell": [0]}, "Field required"),
        ({"indices": [[0] * 7] * 6}, "indices must be 7 rows of 7 codes"),
    ],
)
def test_bad_cells(client: TestClient, fields: dict[str, Any], problem: str) -> None:
    body = {"model": "tiny", "indices": [[0] * 7] * 7, "cell": [0, 0], **fields}
    refused = client.post("/api/previews", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert problem in refused.text
