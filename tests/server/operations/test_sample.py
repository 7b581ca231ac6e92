"""Sampling codes over REST and over the stream."""

import json
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from vqvae_explainer.explain.models import ExplainedModel
from vqvae_explainer.explain.packing import unpack
from vqvae_explainer.explain.sampling import FREE, Settings, sample

TWO_ROWS = [[3] * 7, [4] * 7, *[[None] * 7] * 5]


def expected(explained: ExplainedModel, *settings: Any) -> Any:
    assert explained.prior is not None
    return sample(explained.prior.network, [Settings(*settings)])[0]


def test_sample(client: TestClient, stream: Any, tiny_served: ExplainedModel) -> None:
    given = np.array([FREE if code is None else code for row in TWO_ROWS for code in row])
    found = expected(tiny_served, 3, 0.8, 5, 11, given)
    request = {"model": "tiny", "digit": 3, "temperature": 0.8, "top_k": 5, "seed": 11, "given": TWO_ROWS}
    rest = client.post("/api/sample", json=request).json()
    assert rest.keys() == {"model", "digit", "codes", "probabilities", "bits"}
    assert (rest["digit"], rest["codes"]) == (3, found.codes.reshape(7, 7).tolist())
    assert rest["codes"][:2] == TWO_ROWS[:2]
    np.testing.assert_allclose(rest["probabilities"], found.probabilities, atol=1e-5)
    assert ((np.array(rest["probabilities"]) > 0).sum(axis=1) == 5).all()
    np.testing.assert_allclose(rest["bits"], found.bits.reshape(7, 7), atol=1e-3)
    stream.connection.send(json.dumps({"type": "sample", "seq": 3, **request}))
    answer = stream.receive()
    assert answer.keys() == {"type", "seq", "model", "digit", "codes", "probabilities", "bits", "server_ms"}
    assert (answer["digit"], answer["codes"]) == (3, found.codes.reshape(7, 7).tolist())
    np.testing.assert_allclose(unpack(answer["probabilities"]), found.probabilities, atol=1e-4)
    np.testing.assert_allclose(unpack(answer["bits"]), found.bits.reshape(7, 7), atol=1e-3)


def test_everything_but_the_model_can_be_left_out(client: TestClient, tiny_served: ExplainedModel) -> None:
    found = expected(tiny_served, None, 1.0, None, 0, np.full(49, FREE))
    rest = client.post("/api/sample", json={"model": "tiny"}).json()
    assert (rest["digit"], rest["codes"]) == (found.digit, found.codes.reshape(7, 7).tolist())


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"digit": 10}, "less than or equal to 9"),
        ({"temperature": 0}, "greater than or equal to 0.1"),
        ({"temperature": 6}, "less than or equal to 5"),
        ({"top_k": 0}, "greater than or equal to 1"),
        ({"seed": 2**32}, "less than 4294967296"),
        ({"given": [[0] * 7] * 6}, "given must be 7 rows of 7 codes"),
        ({"given": [[None] * 6 + [20]] * 7}, "codes of this model are from 0 to 19"),
    ],
)
def test_bad_requests(client: TestClient, stream: Any, changes: dict[str, Any], problem: str) -> None:
    refused = client.post("/api/sample", json={"model": "tiny"} | changes)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert problem in refused.text
    stream.connection.send(json.dumps({"type": "sample", "seq": 4, "model": "tiny"} | changes))
    answer = stream.receive()
    assert (answer["type"], answer["seq"], answer["code"]) == ("error", 4, "invalid")
    assert problem in answer["message"]


@pytest.mark.parametrize("operation", ["sample", "score", "compress"])
def test_a_model_without_prior(client: TestClient, stream: Any, operation: str) -> None:
    request = {"model": "other"} | ({} if operation == "sample" else {"codes": [[0] * 7] * 7})
    refused = client.post(f"/api/{operation}", json=request)
    assert (refused.status_code, refused.json()["code"]) == (404, "no_prior")
    assert refused.json()["detail"].startswith("The model 'other' has no prior.")
    stream.connection.send(json.dumps({"type": operation, "seq": 5} | request))
    answer = stream.receive()
    assert (answer["type"], answer["seq"], answer["code"]) == ("error", 5, "no_prior")
