"""Full evaluation of every shipped model on the 10,000 test digits."""

from base64 import b64decode
from typing import Any

import numpy as np
import pytest
from torch import Tensor

from vqvae_explainer.model.card import Metrics
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
    measured, expected = flat(evaluate(model, digits)), flat(card.figures)
    assert measured.keys() == expected.keys()
    for metric, value in measured.items():
        # A cell may lie between two codes.
        tolerance = {"abs": 2} if metric.endswith("by_cell") else {"rel": 1e-3, "abs": 1e-5}
        assert value == pytest.approx(expected[metric], **tolerance), metric


def flat(metrics: Metrics) -> dict[str, Any]:
    """Metrics of all levels by their name, such as levels.top.margin."""
    found: dict[str, Any] = {}

    def add(values: dict[str, Any], path: str) -> None:
        for name, value in values.items():
            if isinstance(value, dict):
                add(value, f"{path}{name}.")
            else:
                found[path + name] = (
                    np.frombuffer(b64decode(value), "<u2").astype(int) if isinstance(value, str) else value
                )

    add(metrics.model_dump(), "")
    return found


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
