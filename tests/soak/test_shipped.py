"""Full evaluation of every shipped model on the 10,000 test digits."""

import pytest
from torch import Tensor

from vqvae_explainer.model.presets import PRESETS
from vqvae_explainer.model.weights import load_weights
from vqvae_explainer.resources import resource
from vqvae_explainer.training.metrics import evaluate


@pytest.mark.parametrize("name", PRESETS)
def test_metrics_are_those_of_the_card(name: str, digits: Tensor) -> None:
    model, card = load_weights(resource("weights") / f"{name}.safetensors")
    measured, expected = evaluate(model, digits).model_dump(), card.figures.model_dump()
    for metric, value in measured.items():
        assert value == pytest.approx(expected[metric], rel=1e-3, abs=1e-5), metric
