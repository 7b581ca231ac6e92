"""Requests to a model with two levels, over REST and over the stream; answers of a model with one keep their form."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from tests.conftest import TINY_USAGE
from vqvae_explainer.explain.gradients import gradients
from vqvae_explainer.explain.live import LiveModel
from vqvae_explainer.explain.packing import unpack
from vqvae_explainer.explain.trace import NO_CODE, decode, trace
from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.settings import Settings

from ..streaming import message, pixels


@pytest.fixture(scope="module")
def served(hierarchy_dir: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(weights=hierarchy_dir))) as client:
        yield client


def ask(client: TestClient, type: str, **fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers over REST and over the stream."""
    rest = client.post(f"/api/{type}", json=fields)
    assert rest.status_code == 200, rest.text
    with client.websocket_connect("/ws") as socket:
        socket.send_text(json.dumps({"type": type, "seq": 1, **fields}))
        return rest.json(), socket.receive_json()


def test_trace(served: TestClient, hierarchy: LiveModel, drawings: list[bytes]) -> None:
    (expected,) = trace(hierarchy.model, drawings[:1])
    rest, stream = ask(served, "trace", pixels=pixels(drawings[0]))
    tensors = expected.tensors("features", "distances", "indices", "quantized", "reconstruction")
    assert (
        tensors.keys() | {"model", "variant", "losses"} == rest.keys() == stream.keys() - {"type", "seq", "server_ms"}
    )
    for id, tensor in tensors.items():
        np.testing.assert_allclose(rest[id], tensor, atol=1e-5)
        found = stream[id] if "indices" in id else unpack(stream[id])
        np.testing.assert_allclose(found, tensor, atol=1e-4 * max(1, np.ptp(tensor)))
    assert rest["losses"] == pytest.approx(expected.losses, rel=1e-4)


def test_stages_that_are_asked_for_are_those_of_both_levels(served: TestClient, drawings: list[bytes]) -> None:
    with served.websocket_connect("/ws") as socket:
        socket.send_text(message(1, drawings[0], stages=["features"]))
        answer = socket.receive_json()
    always = {"type", "seq", "server_ms", "model", "variant", "losses", "indices", "indices.top"}
    assert answer.keys() == always | {"features", "features.top"}


@pytest.mark.parametrize("without", [None, "indices", "indices.top"])
def test_decode(served: TestClient, hierarchy: LiveModel, drawings: list[bytes], without: str | None) -> None:
    (traced,) = trace(hierarchy.model, drawings[:1])
    grids = {"indices.top": traced.levels["top"].indices, "indices": traced.indices}
    fields = {name: None if name == without else grid.tolist() for name, grid in grids.items()}
    (expected,) = decode(
        hierarchy.model, *([np.full_like(g, NO_CODE) if name == without else g] for name, g in grids.items())
    )
    rest, stream = ask(served, "decode", **fields)
    np.testing.assert_allclose(rest["reconstruction"], expected, atol=1e-5)
    np.testing.assert_allclose(unpack(stream["reconstruction"]), expected, atol=1e-4)


@pytest.mark.parametrize(
    ("level", "cell", "rows", "columns"),
    [("top", (1, 3), slice(0, 21), slice(14, 28)), ("", (3, 2), slice(8, 20), slice(4, 16))],
)
def test_previews(
    served: TestClient,
    hierarchy: LiveModel,
    drawings: list[bytes],
    level: str,
    cell: tuple[int, int],
    rows: slice,
    columns: slice,
) -> None:
    (traced,) = trace(hierarchy.model, drawings[:1])
    grids = {id: of.indices for id, of in traced.levels.items()}
    expected = []
    for code in range(20):
        changed = {id: grid.copy() for id, grid in grids.items()}
        changed[level][cell] = code
        expected.append(decode(hierarchy.model, *([grid] for grid in changed.values()))[0][rows, columns])
    fields = {"indices": grids[""].tolist(), "indices.top": grids["top"].tolist(), "cell": cell, "level": level}
    rest, stream = ask(served, "previews", **fields)
    np.testing.assert_allclose(rest["pictures"], expected, atol=1e-5)
    np.testing.assert_allclose(unpack(stream["pictures"]), expected, atol=1e-4)


def test_backward(served: TestClient, hierarchy: LiveModel, drawings: list[bytes]) -> None:
    (expected,) = gradients(hierarchy.model, drawings[:1])
    rest, stream = ask(served, "backward", pixels=pixels(drawings[0]))
    for id, level in expected.levels.items():
        suffix = f".{id}" if id else ""
        np.testing.assert_allclose(rest[f"quantized{suffix}"], level.quantized, rtol=1e-4, atol=1e-9)
        for stage in ("features", "embeddings"):
            for loss, gradient in getattr(level, stage).items():
                found = rest[f"{stage}{suffix}"][loss], unpack(stream[f"{stage}{suffix}"][loss])
                np.testing.assert_allclose(found[0], gradient, rtol=1e-4, atol=1e-9)
                np.testing.assert_allclose(found[1], gradient, atol=np.ptp(gradient) * 1e-3 + 1e-9)
    assert rest.keys() == stream.keys() - {"type", "seq", "server_ms"}


def test_detail(served: TestClient, hierarchy: LiveModel) -> None:
    answer = served.get("/api/models/hierarchy").json()
    top, bottom = hierarchy.model.levels
    np.testing.assert_array_equal(np.float32(answer["embeddings"]), bottom.quantizer.embeddings)
    np.testing.assert_array_equal(np.float32(answer["levels"]["top"]["embeddings"]), top.quantizer.embeddings)
    assert answer["levels"]["top"].keys() == {
        "embeddings",
        "code_order",
        "projection",
        "fields",
        "code_pictures",
        "listings",
    }
    assert answer["metrics"]["levels"]["top"]["codes_used"] == 20
    assert answer["metrics"]["hierarchy"]["top_alone_mse"] == 0.1
    assert "code_usage_by_cell" not in answer["metrics"]["levels"]["top"]
    assert served.get("/api/models/hierarchy/usage").json() == {"by_cell": TINY_USAGE, "levels": {"top": TINY_USAGE}}


@pytest.mark.parametrize(
    ("route", "fields", "problem"),
    [
        ("decode", {"indices.top": [[0] * 7] * 7}, "indices.top must be 4 rows of 4 codes"),
        ("decode", {"indices.top": [[20] * 4] * 4}, "codes of this model are from 0 to 19"),
        ("previews", {"level": "top", "cell": [4, 0], "indices.top": [[0] * 4] * 4}, "from (0, 0) to (3, 3)"),
        ("previews", {"level": "top", "cell": [0, 0]}, "indices.top must be given"),
        ("previews", {"level": "middle", "cell": [0, 0]}, "Input should be '' or 'top'"),
    ],
)
def test_bad_requests(served: TestClient, route: str, fields: dict[str, Any], problem: str) -> None:
    refused = served.post(f"/api/{route}", json={"indices": [[0] * 7] * 7, **fields})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert problem in refused.text


@pytest.mark.parametrize(
    ("route", "fields", "problem"),
    [
        ("decode", {"indices.top": [[0] * 4] * 4}, "indices.top is for models with two levels, and this one has one"),
        ("decode", {"indices": None}, "indices must be 7 rows of 7 codes"),
        ("previews", {"level": "top", "cell": [0, 0]}, "this model has one level"),
    ],
)
def test_a_model_with_one_level_refuses_what_is_for_two(
    client: TestClient, route: str, fields: dict[str, Any], problem: str
) -> None:
    refused = client.post(f"/api/{route}", json={"model": "tiny", "indices": [[0] * 7] * 7, **fields})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert problem in refused.text
