"""Full evaluation of every shipped model on the 10,000 test digits."""

import pytest
from torch import Tensor

from vqvae_explainer.model.presets import DEFAULT, PRESETS
from vqvae_explainer.model.prior_weights import prior_path
from vqvae_explainer.model.weights import load_weights
from vqvae_explainer.resources import resource
from vqvae_explainer.training.metrics import evaluate
from vqvae_explainer.training.prior.metrics import evaluate_prior
from vqvae_explainer.training.prior.networks import load_network


@pytest.mark.parametrize("name", PRESETS)
def test_metrics_are_those_of_the_card(name: str, digits: Tensor) -> None:
    model, card = load_weights(resource("weights") / f"{name}.safetensors")
    measured, expected = evaluate(model, digits).model_dump(), card.figures.model_dump()
    for metric, value in measured.items():
        assert value == pytest.approx(expected[metric], rel=1e-3, abs=1e-5), metric


@pytest.mark.parametrize("name", [DEFAULT, "hierarchy-20"])
def test_metrics_of_the_prior_are_those_of_its_card(name: str, digits: Tensor, test_labels: Tensor) -> None:
    weights = resource("weights") / f"{name}.safetensors"
    network, card = load_network(prior_path(weights))
    model, _ = load_weights(weights)
    measured = evaluate_prior(network, model, card.code_usage, card.position_usage, digits, test_labels).model_dump()
    for metric, value in card.metrics.model_dump().items():
        # Rounding changes a code of a few samples.
        tolerance = {"abs": 0.5} if "frechet" in metric else {"abs": 2e-3} if "agreement" in metric else {"rel": 1e-3}
        assert measured[metric] == (value if isinstance(value, str) else pytest.approx(value, **tolerance)), metric
