"""A prior is served if it fits the weights that it lies beside; otherwise the log says why it is not."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from vqvae_explainer.explain.prior_loading import open_prior
from vqvae_explainer.model.prior_weights import load_prior, prior_path


@pytest.fixture
def weights(weights_dir: Path, tmp_path: Path) -> Path:
    """The model `tiny` and its prior in a folder of their own."""
    for path in weights_dir.glob("tiny.*"):
        shutil.copy(path, tmp_path)
    return tmp_path / "tiny.safetensors"


def change_card(weights: Path, **fields: object) -> None:
    path = prior_path(weights).with_suffix(".json")
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def test_a_prior_is_opened(weights: Path) -> None:
    prior = open_prior(weights)
    assert prior is not None
    assert prior.network.config == prior.card.config
    assert prior.network.code_usage.tolist() == prior.card.code_usage
    assert load_prior(prior_path(weights))[1] == prior.card


def test_no_prior(weights: Path, caplog: pytest.LogCaptureFixture) -> None:
    prior_path(weights).unlink()
    assert open_prior(weights) is None
    assert not caplog.records


BREAKAGES: dict[str, Callable[[Path], object]] = {
    "was trained on the codes of other weights": lambda weights: weights.write_bytes(weights.read_bytes() + b" "),
    "does not have the SHA-256": lambda weights: change_card(weights, sha256="0"),
    "is not the card of a prior": lambda weights: change_card(weights, code_usage="none"),
    "cannot be read": lambda weights: prior_path(weights).write_bytes(b"none"),
    "No such file": lambda weights: prior_path(weights).with_suffix(".json").unlink(),
    "only transformers run without PyTorch": lambda weights: change_card(
        weights, config=open_prior(weights).card.config.model_dump() | {"architecture": "pixelcnn"}
    ),
    "do not fit their configuration": lambda weights: change_card(
        weights, config=open_prior(weights).card.config.model_dump() | {"channels": 10}
    ),
}


@pytest.mark.parametrize("problem", BREAKAGES)
def test_broken_priors(weights: Path, problem: str, caplog: pytest.LogCaptureFixture) -> None:
    BREAKAGES[problem](weights)
    assert open_prior(weights) is None
    assert problem in caplog.text
