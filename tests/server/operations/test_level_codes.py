"""Codes of a model of two levels in requests and replies."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.explain.test_prior import numpy_prior
from tests.model.test_prior import network, random_codes
from vqvae_explainer.explain.packing import unpack
from vqvae_explainer.explain.prior import NumpyPrior
from vqvae_explainer.explain.sampling import FREE, Settings, sample
from vqvae_explainer.explain.scoring import score
from vqvae_explainer.server.operations.base import MismatchError, Operation
from vqvae_explainer.server.operations.compress import COMPRESS
from vqvae_explainer.server.operations.level_codes import join_levels, split_levels
from vqvae_explainer.server.operations.sample import SAMPLE
from vqvae_explainer.server.operations.score import SCORE

TOP, BOTTOM = [[1, 2], [3, 4]], [[5, 6, 7], [8, 9, 0], [1, 2, 3]]


@pytest.fixture(scope="module")
def prior() -> NumpyPrior:
    return numpy_prior(network("transformer", (3, 3, 12), coarse={"top": (2, 2)}))


def ask(operation: Operation[Any, Any, Any], prior: NumpyPrior, **fields: Any) -> list[dict[str, Any]]:
    """The replies to a request over REST and over the stream, without the model's name."""
    explained: Any = SimpleNamespace(prior=SimpleNamespace(network=prior))
    message = operation.message.model_validate({"type": operation.name, "seq": 1, **fields})
    operation.check(message, explained)
    [found] = operation.run(explained, [message])
    rest = operation.to_response(message, "two", found)
    assert rest.pop("model") == "two"
    return [rest, operation.to_fields(message, found)]


def test_levels_are_joined_and_split(prior: NumpyPrior) -> None:
    grids = prior.config.grids
    codes = join_levels({"": BOTTOM, "top": TOP}, grids)
    assert codes.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3]
    assert join_levels({"": None, "top": TOP}, grids).tolist() == [1, 2, 3, 4, *[FREE] * 9]
    split = split_levels("codes", codes, grids)
    assert {name: part.tolist() for name, part in split.items()} == {"codes.top": TOP, "codes": BOTTOM}
    matrices = split_levels("x", np.zeros((13, 5)), grids)
    assert {name: part.shape for name, part in matrices.items()} == {"x.top": (4, 5), "x": (9, 5)}


def test_sample(prior: NumpyPrior) -> None:
    given = [*np.ravel(TOP).tolist(), *[FREE] * 9]
    [expected] = sample(prior, [Settings(3, 1.0, None, 7, np.array(given))])
    rest, stream = ask(SAMPLE, prior, digit=3, seed=7, **{"given.top": TOP})
    names = {f"{field}{suffix}" for field in ("codes", "probabilities", "bits") for suffix in ("", ".top")} | {"digit"}
    assert rest.keys() == stream.keys() == names
    assert np.array(rest["codes.top"]).tolist() == stream["codes.top"] == TOP
    assert np.array(rest["codes"]).tolist() == stream["codes"] == expected.codes[4:].reshape(3, 3).tolist()
    np.testing.assert_allclose(unpack(stream["probabilities.top"]), expected.probabilities[:4], atol=1e-4)
    np.testing.assert_allclose(rest["bits"], expected.bits[4:].reshape(3, 3))


def test_score_and_compress(prior: NumpyPrior) -> None:
    codes = {"codes": BOTTOM, "codes.top": TOP}
    [expected] = score(prior, [join_levels({"": BOTTOM, "top": TOP}, prior.config.grids)])
    rest, stream = ask(SCORE, prior, **codes)
    np.testing.assert_allclose(rest["bits.top"], expected.bits[:4].reshape(2, 2))
    np.testing.assert_allclose(unpack(stream["bits"]), expected.bits[4:].reshape(3, 3), atol=1e-3)
    assert rest["total"] == stream["total"] == pytest.approx(expected.bits.sum())
    for reply in ask(COMPRESS, prior, **codes):
        assert reply.items() >= codes.items()


@pytest.mark.parametrize(
    ("fields", "field", "problem"),
    [
        ({"codes": BOTTOM}, "codes.top", "this model also needs codes.top"),
        ({"codes": BOTTOM, "codes.top": BOTTOM}, "codes.top", "codes.top must be 2 rows of 2 codes"),
        ({"codes": BOTTOM, "codes.top": [[12, 0], [0, 0]]}, "codes.top", "codes of this model are from 0 to 11"),
    ],
)
def test_bad_levels(prior: NumpyPrior, fields: dict[str, Any], field: str, problem: str) -> None:
    with pytest.raises(MismatchError, match=problem) as caught:
        ask(SCORE, prior, **fields)
    assert caught.value.field == field


def test_a_model_of_one_level_has_no_other() -> None:
    own = network("transformer", (3, 3, 12))
    for operation, field in ((SCORE, "codes"), (SAMPLE, "given")):
        fields = {field: random_codes(own, 1).reshape(3, 3).tolist(), f"{field}.top": TOP}
        with pytest.raises(MismatchError, match=f"this model has no {field}.top"):
            ask(operation, numpy_prior(own), **fields)
