"""`train-prior` and `evaluate --prior` as a user runs them, on a few digits."""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from torch import Tensor

from vqvae_explainer.cli import main
from vqvae_explainer.explain.prior_loading import open_prior
from vqvae_explainer.model.card import hash_of
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.prior_card import PriorMetrics
from vqvae_explainer.model.prior_weights import load_prior, prior_path
from vqvae_explainer.model.vqvae import VQVAE
from vqvae_explainer.model.weights import save_weights
from vqvae_explainer.training.prior import metrics, run
from vqvae_explainer.training.prior.networks import load_network

TRAINED, EVALUATED = 200, 120
SMALL = ["--epochs", "2", "--batch-size", "32", "--channels", "16", "--layers", "1", "--device", "cpu"]


@pytest.fixture(autouse=True)
def few_digits(
    monkeypatch: pytest.MonkeyPatch, train_digits: Tensor, train_labels: Tensor, digits: Tensor, test_labels: Tensor
) -> None:
    data = {
        True: (train_digits[:TRAINED], train_labels[:TRAINED]),
        False: (digits[:EVALUATED], test_labels[:EVALUATED]),
    }
    monkeypatch.setattr(run, "load_mnist", lambda _, train: data[train][0])
    monkeypatch.setattr(run, "load_labels", lambda _, train: data[train][1])
    monkeypatch.setattr(metrics, "SAMPLES", 40)


@pytest.fixture
def weights(weights_dir: Path, tmp_path: Path) -> Path:
    """The model `tiny` in a folder of its own."""
    for suffix in ("safetensors", "json"):
        shutil.copy(weights_dir / f"tiny.{suffix}", tmp_path)
    return tmp_path / "tiny.safetensors"


def test_train_then_evaluate(weights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train-prior", "--weights", str(weights), *SMALL]) == 0
    assert f"Wrote {prior_path(weights)} and card." in capsys.readouterr().out
    assert {path.name for path in weights.parent.iterdir()} == {
        "tiny.safetensors",
        "tiny.json",
        "tiny.prior.safetensors",
        "tiny.prior.json",
    }
    prior = open_prior(weights)
    assert prior is not None
    config, measured = prior.card.config, prior.card.metrics
    assert (config.model, config.model_sha256) == ("tiny", hash_of(weights.read_bytes()))
    assert (config.epochs, config.channels, config.height, config.width, config.num_embeddings) == (2, 16, 7, 7, 20)
    assert [epoch.epoch for epoch in prior.card.history] == [1, 2]
    assert prior.card.sha256 == hash_of(prior_path(weights).read_bytes())
    assert sum(prior.card.code_usage) == pytest.approx(1)
    assert all(sum(cell) == pytest.approx(1, abs=0.01) for cells in prior.card.position_usage for cell in cells)
    assert measured.bits_uniform == pytest.approx(49 * math.log2(20))
    assert 0 < measured.bits < measured.bits_uniform
    assert measured.frechet_digits < measured.frechet_uniform
    assert 0 <= measured.agreement <= 1

    assert main(["evaluate", "--weights", str(weights), "--prior", "--json"]) == 0
    assert PriorMetrics.model_validate_json(capsys.readouterr().out) == measured
    path = prior_path(weights).with_suffix(".json")
    path.write_text(path.read_text().replace(json.dumps(measured.bits), "999", 1))
    assert main(["evaluate", "--weights", str(weights), "--prior", "--update-card"]) == 0
    assert f"bits_given_class {measured.bits_given_class:>20.5f}".split() == capsys.readouterr().out.split()[:2]
    assert load_prior(prior_path(weights))[1] == prior.card


def test_pixelcnn(weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    arguments = ["train-prior", "--weights", str(weights), "--architecture", "pixelcnn", "--out", str(out), *SMALL]
    assert main(arguments) == 0
    network, card = load_network(out / "tiny.prior.safetensors")
    assert card.config.architecture == "pixelcnn"
    assert not network.training
    assert "bits a test digit" in capsys.readouterr().out


def test_errors(
    weights: Path,
    tmp_path: Path,
    make_config: Callable[..., Config],
    make_model: Callable[[Config], VQVAE],
    make_card: Callable[[Config], object],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*arguments: str) -> str:
        assert main(list(arguments)) == 2
        return capsys.readouterr().err

    given = ["--weights", str(weights)]
    assert "There is no prior at" in refused("evaluate", *given, "--prior")
    assert "epochs cannot be 0" in refused("train-prior", *given, "--epochs", "0")
    assert "channels must be a multiple of heads" in refused("train-prior", *given, "--channels", "10")
    assert "There is no checkpoint" in refused("train-prior", *given, "--resume")
    (tmp_path / "tiny.prior.checkpoint.safetensors").write_bytes(b"")
    assert "is from an unfinished run" in refused("train-prior", *given)
    config = make_config("single", architecture="mlp", embedding_dim=4)
    save_weights(make_model(config), make_card(config), tmp_path)
    single = str(tmp_path / "single.safetensors")
    assert "A prior needs a grid of at least two codes" in refused("train-prior", "--weights", single)
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert "runs in one process" in refused("train-prior", *given)
