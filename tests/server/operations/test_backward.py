"""Backward passes over REST and over the stream."""

from typing import Any

import numpy as np
from fastapi.testclient import TestClient

from vqvae_explainer.explain.gradients import gradients
from vqvae_explainer.explain.live import LiveModel
from vqvae_explainer.explain.packing import unpack

from ..streaming import pixels


def test_backward(client: TestClient, stream: Any, tiny: LiveModel, drawings: list[bytes]) -> None:
    for straight_through in (True, False):
        (expected,) = gradients(tiny.model, drawings[:1], straight_through)
        body = {"model": "tiny", "pixels": pixels(drawings[0]), "straight_through": straight_through}
        rest = client.post("/api/backward", json=body).json()
        assert rest.keys() == {"model", "straight_through", "quantized", "features", "embeddings", "computed_by"}
        answer = stream.ask(2, drawings[0], type="backward", model="tiny", straight_through=straight_through)
        assert answer.keys() == rest.keys() | {"type", "seq", "server_ms"}
        assert rest["straight_through"] is answer["straight_through"] is straight_through
        assert rest["computed_by"] == answer["computed_by"] == expected.computed_by
        compare(rest["quantized"], answer["quantized"], expected.quantized)
        for loss in ("reconstruction", "codebook", "commitment"):
            for by in ("features", "embeddings"):
                compare(rest[by][loss], answer[by][loss], getattr(expected, by)[loss])


def compare(rest: Any, packed: Any, expected: Any) -> None:
    np.testing.assert_allclose(rest, expected, rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(unpack(packed), expected, atol=np.ptp(expected) * 1e-3 + 1e-9)


def test_trace_is_not_lost_behind_a_backward_pass(stream: Any, drawings: list[bytes]) -> None:
    stream.send(1, drawings[0], type="backward")
    stream.send(2, drawings[0])
    answers = [stream.receive() for _ in range(2)]
    assert sorted((answer["type"], answer["seq"]) for answer in answers) == [("backward", 1), ("trace", 2)]
