"""The backward pass in NumPy, compared with autograd for all shipped models."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.conftest import ROOT
from vqvae_explainer.explain import gradients as autograd
from vqvae_explainer.explain.backend import Floats, Gradients
from vqvae_explainer.explain.live import LiveModel
from vqvae_explainer.explain.numpy_gradients import DECODERS, numpy_gradients
from vqvae_explainer.explain.torch_backend import TorchBackend
from vqvae_explainer.explain.trace import to_input
from vqvae_explainer.model.architectures import ARCHITECTURES
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.presets import PRESETS
from vqvae_explainer.model.weights import load_weights
from vqvae_explainer.training.drawings import authored_digits

SHIPPED = [ROOT / "weights" / f"{name}.safetensors" for name in PRESETS]
LOSSES = ("reconstruction", "codebook", "commitment")
AUTHORED = [digit.numpy().tobytes() for digit in authored_digits()[[2, 4, 8]]]
RANDOM = [ink.tobytes() for ink in np.random.default_rng(0).integers(0, 256, (2, 784), dtype=np.uint8)]
DRAWINGS = [bytes(784), bytes([255] * 784), *AUTHORED, *RANDOM]


def flat(found: list[Gradients]) -> dict[str, Floats]:
    """Each gradient of all drawings: (B, …)."""
    return {
        "quantized": np.stack([of.quantized for of in found]),
        **{f"features.{loss}": np.stack([of.features[loss] for of in found]) for loss in LOSSES},
        **{f"embeddings.{loss}": np.stack([of.embeddings[loss] for of in found]) for loss in LOSSES},
    }


@pytest.mark.parametrize("straight_through", [True, False])
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_autograd_finds_the_same_gradients(path: Path, straight_through: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    model, card = load_weights(path)
    values = flat(numpy_gradients(card.config, load_file(path), TorchBackend(model), DRAWINGS, straight_through))
    # In double precision: for minimal-512, whose output is saturated, rounding is nearly 1e-5 in single precision.
    monkeypatch.setattr(autograd, "to_input", lambda drawings: to_input(drawings).astype(np.float64))
    expected = flat(autograd.gradients(model.double(), DRAWINGS, straight_through))
    largest = max(np.abs(gradient).max() for gradient in expected.values())
    for name, gradient in expected.items():
        assert (values[name].shape, values[name].dtype) == (gradient.shape, np.float32)
        np.testing.assert_allclose(values[name], gradient, rtol=0, atol=1e-5 * largest, err_msg=name)
        assert values[name].any() == gradient.any(), name  # what is not reached is exactly zero


def test_drawings_of_a_batch_do_not_influence_each_other(tiny: LiveModel) -> None:
    tensors = {name: tensor.numpy() for name, tensor in tiny.model.state_dict().items()}
    arguments = (tiny.card.config, tensors, tiny.backend)
    together = numpy_gradients(*arguments, DRAWINGS)
    alone = [numpy_gradients(*arguments, [drawing])[0] for drawing in DRAWINGS]
    for name, gradient in flat(alone).items():
        np.testing.assert_allclose(flat(together)[name], gradient, rtol=1e-4, atol=1e-8, err_msg=name)


def test_extreme_outputs_neither_overflow_nor_warn(tiny: LiveModel) -> None:
    tensors = {name: tensor.numpy() * np.float32(1000) for name, tensor in tiny.model.state_dict().items()}
    for output in ("sigmoid", "tanh", "linear"):
        config = tiny.card.config.model_copy(update={"output": output})
        values = flat(numpy_gradients(config, tensors, tiny.backend, DRAWINGS))
        assert all(np.isfinite(gradient).all() for gradient in values.values())


def test_every_architecture_is_written_out() -> None:
    assert set(DECODERS) == set(ARCHITECTURES)


def test_another_architecture_is_named(tiny: LiveModel) -> None:
    config = Config.model_construct(**{**tiny.card.config.model_dump(by_alias=False), "architecture": "transformer"})
    with pytest.raises(NotImplementedError, match="transformer, only hierarchical, minimal, mlp, residual, strided"):
        numpy_gradients(config, {}, tiny.backend, DRAWINGS)


def test_it_needs_no_pytorch() -> None:
    """The whole way from the command to the gradients of a shipped model."""
    program = (
        "import sys; from pathlib import Path; from vqvae_explainer.explain.loading import load_models;"
        f"model = load_models(Path({str(ROOT / 'weights')!r}) / 'residual-20.safetensors')['residual-20'];"
        "found = model.gradients([bytes(784)])[0];"
        "print(found.computed_by, found.quantized.any(), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["numpy", "True", "False"]
