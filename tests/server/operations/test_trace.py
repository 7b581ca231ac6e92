"""Traces over REST and over the stream."""

from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from vqvae_explainer.explain.live import LiveModel
from vqvae_explainer.explain.packing import unpack
from vqvae_explainer.explain.trace import trace
from vqvae_explainer.server.operations.trace import STREAM_STAGES

from ..streaming import pixels


@pytest.mark.parametrize("model", ["tiny", "other"])
def test_rest(client: TestClient, drawings: list[bytes], model: str, request: Any) -> None:
    explained: LiveModel = request.getfixturevalue(model)
    for drawing, expected in zip(drawings, trace(explained.model, drawings), strict=True):
        answer = client.post("/api/trace", json={"model": model, "pixels": pixels(drawing)}).json()
        assert answer.keys() == {"model", "variant", "indices", "losses", *STREAM_STAGES}
        assert (answer["model"], answer["variant"]) == (model, "normal")
        for stage in (*STREAM_STAGES, "indices"):
            values = np.array(answer[stage])
            assert list(values.shape) == explained.stages[stage]
            np.testing.assert_allclose(values, getattr(expected, stage), atol=1e-5)
        assert answer["losses"] == pytest.approx(expected.losses, rel=1e-4)


def test_stream(stream: Any, drawings: list[bytes], tiny: LiveModel) -> None:
    for seq, (drawing, expected) in enumerate(zip(drawings, trace(tiny.model, drawings), strict=True)):
        answer = stream.ask(seq, drawing, model="tiny")
        assert answer.keys() == {"type", "seq", "model", "variant", "indices", "losses", "server_ms", *STREAM_STAGES}
        assert (answer["type"], answer["seq"], answer["model"]) == ("trace", seq, "tiny")
        assert answer["indices"] == expected.indices.tolist()
        assert answer["losses"] == pytest.approx(expected.losses, rel=1e-4)
        assert answer["server_ms"] > 0
        for stage in STREAM_STAGES:
            assert answer[stage]["shape"] == tiny.stages[stage]
            values = getattr(expected, stage)
            np.testing.assert_allclose(unpack(answer[stage]), values, atol=1e-4 * max(1, np.ptp(values)))


def test_default_model(client: TestClient, stream: Any, drawings: list[bytes]) -> None:
    for model in ({}, {"model": None}):
        assert client.post("/api/trace", json={"pixels": pixels(drawings[0]), **model}).json()["model"] == "other"
        assert stream.ask(1, drawings[0], **model)["model"] == "other"


def test_page_chooses_the_stages(stream: Any, drawings: list[bytes]) -> None:
    for stages in ([], ["reconstruction"], ["distances", "features"]):
        answer = stream.ask(1, drawings[0], stages=stages)
        assert answer.keys() & set(STREAM_STAGES) == set(stages)
        assert {"indices", "losses", "seq"} < answer.keys()


def test_answer_is_small(stream: Any, drawings: list[bytes]) -> None:
    stream.send(1, drawings[0], model="tiny")
    assert len(stream.connection.recv(timeout=20)) <= 16 * 1024


def test_variants(client: TestClient, stream: Any, tiny: LiveModel, drawings: list[bytes]) -> None:
    pictures = []
    for variant in ("normal", "bypass", "wrong-reshape"):
        (expected,) = trace(tiny.model, drawings[:1], variant)
        body = {"model": "tiny", "pixels": pixels(drawings[0]), "variant": variant}
        rest = client.post("/api/trace", json=body).json()
        answer = stream.ask(1, drawings[0], model="tiny", variant=variant)
        assert rest["variant"] == answer["variant"] == variant
        assert rest["indices"] == answer["indices"] == expected.indices.tolist()
        np.testing.assert_allclose(rest["reconstruction"], expected.reconstruction, atol=1e-5)
        np.testing.assert_allclose(unpack(answer["reconstruction"]), expected.reconstruction, atol=1e-4)
        pictures.append(expected.reconstruction)
    assert abs(pictures[0] - pictures[1]).max() > 2e-4
    assert abs(pictures[0] - pictures[2]).max() > 2e-4
