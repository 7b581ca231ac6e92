"""The ONNX backend gives the same results as PyTorch, and is not used if it does not."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np
import pytest
import torch

from vqvae_explainer.explain.backend import Backend
from vqvae_explainer.explain.onnx_backend import PARTS, OnnxBackend, Session, load_backend, onnx_suffix, parts_of
from vqvae_explainer.explain.torch_backend import TorchBackend
from vqvae_explainer.explain.trace import decode, trace
from vqvae_explainer.explain.variants import Variant
from vqvae_explainer.model.card import ModelCard, hash_of
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.quantizer import Quantization
from vqvae_explainer.model.vqvae import VQVAE, Losses
from vqvae_explainer.training.export import export_onnx

ROOT = Path(__file__).parent.parent.parent


class Exported(NamedTuple):
    model: VQVAE
    weights: Path  # where its weights would be; only the exports beside it exist
    card: ModelCard

    def load(self, model: VQVAE | None = None) -> Backend:
        """The backend for this model or for another one that finds these exports."""
        return load_backend(TorchBackend(model or self.model), self.weights, self.card)


@pytest.fixture(scope="session")
def export(
    quick_export: None,  # noqa: ARG001
    make_card: Callable[[Config], ModelCard],
) -> Callable[[VQVAE, Path], Exported]:
    def write(model: VQVAE, folder: Path) -> Exported:
        files = export_onnx(model)
        assert tuple(files) == parts_of(model.config)
        for part, content in files.items():
            (folder / f"tiny.{onnx_suffix(part)}").write_bytes(content)
        return Exported(model, folder / "tiny.safetensors", make_card(model.config))

    return write


@pytest.fixture(scope="module")
def exported(
    tmp_path_factory: pytest.TempPathFactory,
    bundled: Path,
    make_config: Callable[..., Config],
    make_model: Callable[[Config], VQVAE],
    make_card: Callable[[Config], ModelCard],
) -> Exported:
    folder, config = tmp_path_factory.mktemp("exported"), make_config()
    for part in PARTS:
        shutil.copy(bundled.with_suffix(f".{onnx_suffix(part)}"), folder)
    return Exported(make_model(config), folder / bundled.name, make_card(config))


@pytest.fixture
def copied(exported: Exported, tmp_path: Path) -> Exported:
    """Exports that a test may damage."""
    shutil.copytree(exported.weights.parent, tmp_path, dirs_exist_ok=True)
    return exported._replace(weights=tmp_path / exported.weights.name)


@pytest.mark.parametrize("number", [1, 2, 7])
@pytest.mark.parametrize("variant", get_args(Variant))
def test_the_same_trace(exported: Exported, drawings: list[bytes], number: int, variant: Variant) -> None:
    fast = exported.load()
    assert isinstance(fast, OnnxBackend)
    both = (trace(backend, drawings[:number], variant) for backend in (fast, exported.model))
    for found, expected in zip(*both, strict=True):
        np.testing.assert_allclose(found.features, expected.features, atol=1e-5)
        np.testing.assert_allclose(found.distances, expected.distances, atol=1e-4)
        np.testing.assert_array_equal(found.indices, expected.indices)
        np.testing.assert_array_equal(found.quantized, expected.quantized)
        np.testing.assert_allclose(found.reconstruction, expected.reconstruction, atol=1e-5)
        assert found.losses == pytest.approx(expected.losses, rel=1e-4)


def test_the_same_picture(exported: Exported) -> None:
    model = exported.model
    grid = np.arange(model.grid.cells).reshape(model.grid.shape) % model.grid.num_embeddings
    np.testing.assert_allclose(decode(exported.load(), [grid])[0], decode(model, [grid])[0], atol=1e-5)


def test_exports_contain_no_paths(exported: Exported) -> None:
    for part in PARTS:
        content = exported.weights.with_suffix(f".{onnx_suffix(part)}").read_bytes()
        assert b'.py"' not in content
        assert str(ROOT).encode() not in content


def test_a_session_does_not_keep_its_file(exported: Exported) -> None:
    content = exported.weights.with_suffix(f".{onnx_suffix('decoder')}").read_bytes()
    before = sys.getrefcount(content)
    session = Session(content)
    assert sys.getrefcount(content) == before
    assert session.shapes


def test_without_exports(exported: Exported, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    without = exported._replace(weights=tmp_path / "tiny.safetensors")
    assert isinstance(without.load(), TorchBackend)
    assert not caplog.records


def check_fallback(backend: Backend, drawings: list[bytes], caplog: pytest.LogCaptureFixture) -> str:
    """PyTorch answers, after one warning that names the model. Returns the warning."""
    assert isinstance(backend, TorchBackend)
    assert len(trace(backend, drawings[:1])) == 1
    (record,) = caplog.records
    message = record.getMessage()
    assert message.startswith("The ONNX export of tiny.safetensors cannot be used (")
    assert record.exc_info is None
    assert len(message.splitlines()) == 1
    return message


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "no ONNX", "exchanged"])
def test_damaged_exports_are_not_used(
    copied: Exported, drawings: list[bytes], caplog: pytest.LogCaptureFixture, part: str, damage: str
) -> None:
    paths = {name: copied.weights.with_suffix(f".{onnx_suffix(name)}") for name in PARTS}
    content = paths[part].read_bytes()
    others = [paths[other].read_bytes() for other in PARTS if other != part]
    contents = {"empty": [b""], "cut": [content[: len(content) // 2]], "no ONNX": [b"<html>" * 99], "exchanged": others}
    if damage == "missing":
        paths[part].unlink()
        check_fallback(copied.load(), drawings, caplog)
    for wrong in contents.get(damage, []):
        paths[part].write_bytes(wrong)
        caplog.clear()
        check_fallback(copied.load(), drawings, caplog)


def test_exports_of_another_training_are_not_used(
    copied: Exported, drawings: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    sha256 = {onnx_suffix(part): hash_of(b"other") for part in PARTS}
    named = copied._replace(card=copied.card.model_copy(update={"sha256": sha256}))
    assert "tiny.encoder.onnx is from another training run" in check_fallback(named.load(), drawings, caplog)


def test_exports_of_other_weights_are_not_used(
    exported: Exported,
    make_model: Callable[[Config], VQVAE],
    drawings: list[bytes],
    caplog: pytest.LogCaptureFixture,
) -> None:
    other = make_model(exported.model.config.model_copy(update={"seed": 1}))
    assert "disagree" in check_fallback(exported.load(other), drawings, caplog)


@pytest.mark.parametrize("other_size", [{"num_embeddings": 30}, {"num_embeddings": 1}, {"embedding_dim": 4}])
def test_exports_of_another_size_are_not_used(
    exported: Exported,
    make_model: Callable[[Config], VQVAE],
    drawings: list[bytes],
    caplog: pytest.LogCaptureFixture,
    other_size: dict[str, int],
) -> None:
    other = make_model(exported.model.config.model_copy(update=other_size))
    assert "disagree" in check_fallback(exported.load(other), drawings, caplog)


def farthest(q: Quantization) -> Quantization:
    """A wrong quantizer: it chooses the farthest codes."""
    indices = q.distances.argmax(dim=1)
    return q._replace(indices=indices.reshape(q.indices.shape), quantized_vectors=q.embeddings[indices])


def backwards(q: Quantization) -> Quantization:
    """A wrong quantizer: the right codes with their numbers reversed."""
    return q._replace(quantized_vectors=q.quantized_vectors.flip(1))


def other_commitment(q: Quantization) -> Quantization:
    """A quantizer with another commitment loss."""
    return q._replace(commitment_loss=1.001 * q.commitment_loss)


@pytest.mark.parametrize("change", [farthest, backwards, other_commitment])
def test_exports_of_other_code_are_not_used(
    exported: Exported,
    monkeypatch: pytest.MonkeyPatch,
    drawings: list[bytes],
    caplog: pytest.LogCaptureFixture,
    change: Callable[[Quantization], Quantization],
) -> None:
    """After a change of the quantizer's source, the page shows the results of the changed code."""
    quantizer = exported.model.quantizer
    forward = quantizer.forward
    monkeypatch.setattr(quantizer, "forward", lambda features: change(forward(features)))
    assert "disagree" in check_fallback(exported.load(), drawings, caplog)


@pytest.mark.parametrize("term", Losses._fields)
def test_exports_of_other_losses_are_not_used(
    exported: Exported,
    monkeypatch: pytest.MonkeyPatch,
    drawings: list[bytes],
    caplog: pytest.LogCaptureFixture,
    term: str,
) -> None:
    losses = exported.model.losses

    def changed(*arguments: torch.Tensor) -> Losses:
        terms = losses(*arguments)
        return terms._replace(**{term: 1.001 * getattr(terms, term)})

    monkeypatch.setattr(exported.model, "losses", changed)
    assert "disagree" in check_fallback(exported.load(), drawings, caplog)


def test_other_architecture_and_large_features(
    tmp_path: Path,
    make_config: Callable[..., Config],
    make_model: Callable[[Config], VQVAE],
    export: Callable[[VQVAE, Path], Exported],
    drawings: list[bytes],
) -> None:
    """A 1×1 grid. The rounding of large features is larger than that of small ones."""
    model = make_model(make_config(architecture="mlp"))
    with torch.no_grad():
        for weight in list(model.encoder.parameters())[-2:]:
            weight.mul_(300)
    fast = export(model, tmp_path).load()
    assert isinstance(fast, OnnxBackend)
    for found, expected in zip(trace(fast, drawings), trace(model, drawings), strict=True):
        np.testing.assert_allclose(found.features, expected.features, rtol=1e-4, atol=1e-3)
        np.testing.assert_array_equal(found.indices, expected.indices)
        np.testing.assert_allclose(found.reconstruction, expected.reconstruction, atol=1e-4)


@pytest.mark.parametrize("part", ["encoder", "quantizer", "decoder"])
def test_only_one_part_differs(
    exported: Exported,
    make_model: Callable[[Config], VQVAE],
    drawings: list[bytes],
    caplog: pytest.LogCaptureFixture,
    part: str,
) -> None:
    other = make_model(exported.model.config)
    with torch.no_grad():
        next(iter(getattr(other, part).state_dict().values())).add_(0.1)
    assert "disagree" in check_fallback(exported.load(other), drawings, caplog)
