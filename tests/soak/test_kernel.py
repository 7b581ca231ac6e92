"""The page's kernel gives PyTorch's results for test digits, with every shipped model."""

from pathlib import Path

import pytest
from torch import Tensor

from tests.web.test_kernel import SHIPPED, check, run_kernel
from vqvae_explainer.model.weights import load_weights
from vqvae_explainer.resources import resource

DRAWINGS, BACKWARD = 100, 10


@pytest.mark.parametrize("name", SHIPPED)
def test_test_digits(tmp_path: Path, digits: Tensor, name: str) -> None:
    drawings = [bytes(digit.flatten().tolist()) for digit in digits[:DRAWINGS]]
    weights = resource("weights") / f"{name}.safetensors"
    run_kernel(tmp_path, [weights], drawings, BACKWARD)
    check(tmp_path, name, load_weights(weights)[0], drawings, BACKWARD)
