"""The ONNX backend gives the same results as PyTorch, and is not used if it does not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from vqvae_explainer.explain.backend import TorchBackend
from vqvae_explainer.explain.onnx_backend import PARTS, OnnxBackend, load_backend, onnx_path
from vqvae_explainer.explain.trace import decode, trace
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.quantizer import Quantization
from vqvae_explainer.model.vqvae import VQVAE
from vqvae_explainer.training.export import export_onnx

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def exported(
    tmp_path_factory: pytest.TempPathFactory,
    make_config: Callable[..., Config],
    make_model: Callable[[Config], VQVAE],
) -> tuple[VQVAE, Path]:
    """A model and the path of its weights; only the exports beside it exist."""
    model = make_model(make_config())
    weights = tmp_path_factory.mktemp("exported") / "tiny.safetensors"
    assert export_onnx(model, weights) == [onnx_path(weights, part) for part in PARTS]
    return model, weights


@pytest.mark.parametrize("number", [1, 2, 7])
def test_the_same_trace(exported: tuple[VQVAE, Path], drawings: list[bytes], number: int) -> None:
    model, weights = exported
    fast = load_backend(model, weights)
    assert isinstance(fast, OnnxBackend)
    for found, expected in zip(trace(fast, drawings[:number]), trace(model, drawings[:number]), strict=True):
        np.testing.assert_allclose(found.features, expected.features, atol=1e-5)
        np.testing.assert_allclose(found.distances, expected.distances, atol=1e-4)
        np.testing.assert_array_equal(found.indices, expected.indices)
        np.testing.assert_array_equal(found.quantized, expected.quantized)
        np.testing.assert_allclose(found.reconstruction, expected.reconstruction, atol=1e-5)
        assert found.losses == pytest.approx(expected.losses, rel=1e-4)


def test_the_same_picture(exported: tuple[VQVAE, Path]) -> None:
    model, weights = exported
    grid = np.arange(model.grid.cells).reshape(model.grid.shape) % model.grid.num_embeddings
    np.testing.assert_allclose(decode(load_backend(model, weights), [grid])[0], decode(model, [grid])[0], atol=1e-5)


def test_exports_contain_no_paths(exported: tuple[VQVAE, Path]) -> None:
    _, weights = exported
    for part in PARTS:
        content = onnx_path(weights, part).read_bytes()
        assert b'.py"' not in content
        assert str(ROOT).encode() not in content


def test_without_exports(exported: tuple[VQVAE, Path], tmp_path: Path) -> None:
    model, _ = exported
    assert isinstance(load_backend(model, tmp_path / "tiny.safetensors"), TorchBackend)


def test_exports_of_other_weights_are_not_used(
    exported: tuple[VQVAE, Path], make_model: Callable[[Config], VQVAE], caplog: pytest.LogCaptureFixture
) -> None:
    model, weights = exported
    other = make_model(model.config.model_copy(update={"seed": 1}))
    assert isinstance(load_backend(other, weights), TorchBackend)
    assert "disagree" in caplog.text


@pytest.mark.parametrize("other_size", [{"num_embeddings": 30}, {"num_embeddings": 1}, {"embedding_dim": 4}])
def test_exports_of_another_size_are_not_used(
    exported: tuple[VQVAE, Path],
    make_model: Callable[[Config], VQVAE],
    caplog: pytest.LogCaptureFixture,
    other_size: dict[str, int],
) -> None:
    model, weights = exported
    other = make_model(model.config.model_copy(update=other_size))
    assert isinstance(load_backend(other, weights), TorchBackend)
    assert "disagree" in caplog.text


def farthest(q: Quantization) -> Quantization:
    """A wrong quantizer: it chooses the farthest codes."""
    indices = q.distances.argmax(dim=1)
    return q._replace(indices=indices.reshape(q.indices.shape), quantized_vectors=q.embeddings[indices])


def backwards(q: Quantization) -> Quantization:
    """A wrong quantizer: the right codes with their numbers reversed."""
    return q._replace(quantized_vectors=q.quantized_vectors.flip(1))


@pytest.mark.parametrize("change", [farthest, backwards])
def test_exports_of_other_code_are_not_used(
    exported: tuple[VQVAE, Path],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    change: Callable[[Quantization], Quantization],
) -> None:
    """After a change of the quantizer's source, the page shows the results of the changed code."""
    model, weights = exported
    forward = model.quantizer.forward
    monkeypatch.setattr(model.quantizer, "forward", lambda features: change(forward(features)))
    assert isinstance(load_backend(model, weights), TorchBackend)
    assert "disagree" in caplog.text


def test_other_architecture_and_large_features(
    tmp_path: Path, make_config: Callable[..., Config], make_model: Callable[[Config], VQVAE], drawings: list[bytes]
) -> None:
    """A 1×1 grid. The rounding of large features is larger than that of small ones."""
    model = make_model(make_config(architecture="mlp"))
    with torch.no_grad():
        for weight in list(model.encoder.parameters())[-2:]:
            weight.mul_(300)
    export_onnx(model, tmp_path / "large.safetensors")
    fast = load_backend(model, tmp_path / "large.safetensors")
    assert isinstance(fast, OnnxBackend)
    for found, expected in zip(trace(fast, drawings), trace(model, drawings), strict=True):
        np.testing.assert_allclose(found.features, expected.features, rtol=1e-4, atol=1e-3)
        np.testing.assert_array_equal(found.indices, expected.indices)
        np.testing.assert_allclose(found.reconstruction, expected.reconstruction, atol=1e-4)


@pytest.mark.parametrize("part", PARTS)
def test_only_one_part_differs(
    exported: tuple[VQVAE, Path], make_model: Callable[[Config], VQVAE], caplog: pytest.LogCaptureFixture, part: str
) -> None:
    model, weights = exported
    other = make_model(model.config)
    with torch.no_grad():
        next(iter(getattr(other, part).state_dict().values())).add_(0.1)
    assert isinstance(load_backend(other, weights), TorchBackend)
    assert "disagree" in caplog.text
