"""Mixed precision: what computes in bfloat16, what does not, and when it ends."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from vqvae_explainer.model.config import Config
from vqvae_explainer.model.hierarchical import make_model
from vqvae_explainer.training.loop import train
from vqvae_explainer.training.precision import mixed_precision

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def dtypes_of(outputs: nn.Module, kind: type[nn.Module]) -> set[torch.dtype]:
    """A set to which every module of a kind adds the type of what it computes."""
    seen: set[torch.dtype] = set()
    for module in outputs.modules():
        if isinstance(module, kind):
            module.register_forward_hook(lambda _module, _inputs, output: seen.add(output.dtype))
    return seen


@pytest.mark.parametrize("architecture", ["residual", "hierarchical"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_networks_alone_compute_in_it(make_config: Callable[..., Config], architecture: str, precision: str) -> None:
    model = make_model(make_config(architecture=architecture, precision=precision))
    convolutions = dtypes_of(model, nn.Conv2d)
    with mixed_precision(model):
        output = model(torch.rand(2, 1, 28, 28))
        assert convolutions == {DTYPES[precision]}
        assert {output.reconstruction.dtype, output.losses.total.dtype} == {torch.float32}
        assert {level.distances.dtype for level in output.levels} == {torch.float32}
        torch.autograd.backward(output.losses.mean().total)
    assert {parameter.grad.dtype for parameter in model.parameters() if parameter.grad is not None} == {torch.float32}


def test_evaluation_and_later_training_are_in_float32(make_config: Callable[..., Config]) -> None:
    model = make_model(make_config(precision="bfloat16"))
    input = torch.rand(2, 1, 28, 28)
    expected = model(input).reconstruction
    with mixed_precision(model):
        assert not torch.equal(model(input).reconstruction, expected)
        assert torch.equal(model.eval()(input).reconstruction, expected)
    assert torch.equal(model.train()(input).reconstruction, expected)


def test_training_comes_close_to_that_in_float32(
    make_config: Callable[..., Config], train_digits: Tensor, tmp_path: Path
) -> None:
    def history(precision: str, name: str) -> list[float]:
        config = make_config(precision=precision, epochs=2, batch_size=32, learning_rate=0.02)
        _, epochs = train(config, train_digits[: 32 * 12], torch.device("cpu"), tmp_path / name, report=lambda _: None)
        return [epoch.reconstruction for epoch in epochs]

    exact, mixed = history("float32", "exact"), history("bfloat16", "mixed")
    assert mixed != exact
    assert mixed == pytest.approx(exact, rel=0.05)
    assert mixed == history("bfloat16", "again")  # bit by bit
