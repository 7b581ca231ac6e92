"""The shipped models, evaluated on some of the real test digits. tests/soak evaluates them on all."""

from base64 import b64decode
from contextlib import redirect_stdout
from io import StringIO

import numpy as np
import pytest
import torch
from torch import Tensor

from vqvae_explainer.cli import main
from vqvae_explainer.explain.bundle import BundledModel
from vqvae_explainer.explain.compression import compress, decompress
from vqvae_explainer.explain.detail import Check
from vqvae_explainer.explain.loading import load_models
from vqvae_explainer.explain.prior_loading import open_prior
from vqvae_explainer.explain.scoring import score
from vqvae_explainer.explain.trace import trace
from vqvae_explainer.model.card import Metrics, ModelCard, load_card
from vqvae_explainer.model.playback import load_playback
from vqvae_explainer.model.presets import DEFAULT, PRESETS
from vqvae_explainer.model.prior_weights import load_prior, prior_path
from vqvae_explainer.model.weights import hashes, load_weights
from vqvae_explainer.resources import resource
from vqvae_explainer.training.metrics import evaluate
from vqvae_explainer.training.prior.classifier import judge, load_classifier
from vqvae_explainer.training.prior.codes import encode
from vqvae_explainer.training.prior.metrics import bits_by_class, mixture_bits
from vqvae_explainer.training.prior.networks import load_network

WEIGHTS = resource("weights") / f"{DEFAULT}.safetensors"
DIGITS = 500
# Mean squared error on the first 500 test digits, computed in double precision and with torch.cdist.
ERRORS = {
    "residual-20": 0.002233,
    "explainer": 0.005711,
    "explainer-frozen": 0.011966,
    "minimal-20": 0.005188,
    "minimal-30": 0.004449,
    "minimal-40": 0.004171,
    "minimal-512": 0.102515,
    "minimal-512-revived": 0.002548,
    "keras-64": 0.003784,
    "hierarchy-20": 0.002576,
    "hierarchy-paper": 0.001576,
    "mlp-512": 0.063806,
}


@pytest.fixture(scope="module")
def card() -> ModelCard:
    return load_card(WEIGHTS.with_suffix(".json"))


@pytest.fixture(scope="module")
def metrics(digits: Tensor) -> Metrics:
    """The output of `evaluate` for the default model."""
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as printed:
        patch.setattr("vqvae_explainer.training.run.load_mnist", lambda *_, **__: digits[:DIGITS])
        assert main(["evaluate", "--json"]) == 0
    return Metrics.model_validate_json(printed.getvalue())


def test_default_model_is_good(metrics: Metrics) -> None:
    assert metrics.test_mse <= 0.0028
    assert metrics.codes_used == 20
    assert metrics.perplexity > 10
    assert metrics.margin <= 0.4
    assert metrics.quantization_error <= 0.04
    assert metrics.locality >= 0.95
    assert metrics.auroc >= 0.8


def test_metrics_are_those_of_the_card(metrics: Metrics, card: ModelCard) -> None:
    """Up to the difference between 500 and 10,000 digits."""
    for name in ("test_mse", "perplexity", "quantization_error", "margin", "locality", "auroc"):
        assert getattr(metrics, name) == pytest.approx(getattr(card.figures, name), rel=0.06), name
    for name in ("codes_used", "bits_per_image", "compression_ratio", "parameters"):
        assert getattr(metrics, name) == pytest.approx(getattr(card.figures, name)), name


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_shipped_with_its_card(name: str, digits: Tensor) -> None:
    model, card = load_weights(resource("weights") / f"{name}.safetensors")
    preset = PRESETS[name]
    assert model.config == card.config == preset
    assert card.figures.parameters == sum(tensor.numel() for tensor in model.parameters()) + (
        0 if preset.codebook == "gradient" else sum(level.quantizer.embeddings.numel() for level in model.levels)
    )
    assert_provenance(card)
    assert hashes(resource("weights") / f"{name}.safetensors").items() <= card.sha256.items()
    input = digits[:DIGITS].float() / 255
    with torch.inference_mode():
        error = (model(input).reconstruction.clamp(0, 1) - input).square().mean().item()
    assert error == pytest.approx(ERRORS[name], rel=1e-3)


def test_each_level_of_the_hierarchy_holds_its_part(digits: Tensor, test_labels: Tensor) -> None:
    model, card = load_weights(resource("weights") / "hierarchy-20.safetensors")
    for metrics in (card.figures, measured := evaluate(model, digits[:DIGITS])):
        assert metrics.test_mse <= 0.0048
        assert metrics.hierarchy is not None
        assert metrics.hierarchy.top_alone_mse <= 0.016
        assert metrics.hierarchy.top_shuffled_mse >= 10 * metrics.test_mse
        assert metrics.codes_used >= 18
        assert metrics.levels["top"].codes_used >= 18
    assert measured.levels["top"].margin == pytest.approx(card.figures.levels["top"].margin, rel=0.06)
    with torch.inference_mode():
        top, bottom = model(digits[:DIGITS].float() / 255).levels
        pictures = model.decode(top.quantized, torch.zeros_like(bottom.quantized)).clamp(0, 1)
    classes, _ = judge(load_classifier(), pictures)
    assert (classes == test_labels[:DIGITS]).double().mean() >= 0.92


def test_the_papers_grids_leave_hardly_anything_to_the_top() -> None:
    figures = load_card(resource("weights") / "hierarchy-paper.json").figures
    assert figures.hierarchy is not None
    assert figures.hierarchy.top_shuffled_mse <= 1.2 * figures.test_mse


def test_a_healthy_and_a_collapsed_run_can_be_played_back() -> None:
    paths = (resource("weights") / f"{name}.safetensors" for name in PRESETS)
    playbacks = (load_playback(path, load_card(path.with_suffix(".json"))) for path in paths)
    ends = {p.name: p.snapshots[-1].codes_used / len(p.snapshots[-1].usage) for p in playbacks if p is not None}
    assert ends[DEFAULT] == 1
    assert min(ends.values()) < 0.1


@pytest.mark.parametrize("name", PRESETS)
def test_every_model_runs_from_its_bundle(name: str, digits: Tensor) -> None:
    """The bundle fits weights and sources. If sources changed, run `vqvae-explainer export`."""
    weights = resource("weights") / f"{name}.safetensors"
    explained = load_models(weights)[name]
    assert isinstance(explained, BundledModel)
    drawings = [bytes(digit.flatten().tolist()) for digit in digits[:100]]
    found, expected = trace(explained.backend, drawings), trace(load_weights(weights)[0], drawings)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.features, other.features, atol=1e-4 * max(1, np.abs(other.features).max()))
    # Rounding can decide between two codes at nearly the same distance.
    assert np.mean([one.indices == other.indices for one, other in zip(found, expected, strict=True)]) > 0.999
    assert explained.detail["config"] == PRESETS[name].model_dump()
    assert explained.detail["metrics"] == explained.card.figures.without_cells().model_dump()
    check = Check.model_validate(explained.check)
    [found] = trace(load_weights(weights)[0], [b64decode(check.pixels)])
    assert check.indices == found.indices.tolist()


def test_exports_contain_no_paths() -> None:
    exports = list(resource("weights").glob("*.onnx"))
    assert exports
    assert not [path.name for path in exports if b'.py"' in path.read_bytes()]


@pytest.fixture(scope="module")
def codes(digits: Tensor) -> Tensor:
    """The codes of some digits, (200, 49)."""
    return encode(load_weights(WEIGHTS)[0], digits[:200])


def test_prior_is_good() -> None:
    _, card = load_prior(prior_path(WEIGHTS))
    metrics = card.metrics
    assert metrics.bits_given_class <= 116
    assert metrics.bits <= 119.5
    assert metrics.class_accuracy >= 0.96
    assert metrics.classifier_accuracy >= 0.992
    assert metrics.agreement >= 0.91
    assert metrics.agreement_cool >= 0.94
    assert metrics.auroc_bits >= 0.94
    assert metrics.auroc_excess >= 0.97
    assert metrics.frechet <= min(6, 2 * metrics.frechet_digits)
    assert card.command.startswith("vqvae-explainer train-prior")
    assert [epoch.epoch for epoch in card.history] == list(range(1, card.config.epochs + 1))


def test_prior_of_two_levels_is_good() -> None:
    _, card = load_prior(prior_path(resource("weights") / "hierarchy-20.safetensors"))
    metrics = card.metrics
    assert metrics.bits_given_class <= 123
    assert metrics.agreement >= 0.9
    assert metrics.agreement_cool >= 0.945
    assert metrics.auroc_excess >= 0.96
    assert metrics.frechet <= 2 * metrics.frechet_digits
    assert [epoch.epoch for epoch in card.history] == list(range(1, card.config.epochs + 1))


def test_prior_without_pytorch_gives_the_bits_of_pytorch(codes: Tensor, test_labels: Tensor) -> None:
    network, card = load_network(prior_path(WEIGHTS))
    expected = bits_by_class(network, codes)
    served = open_prior(WEIGHTS)
    assert served is not None
    found = score(served.network, list(codes.numpy()))
    np.testing.assert_allclose([grid.class_bits for grid in found], expected, atol=1e-3)
    np.testing.assert_allclose([grid.bits.sum() for grid in found], mixture_bits(expected), atol=1e-3)
    given_class = expected[torch.arange(len(codes)), test_labels[: len(codes)]]
    assert given_class.mean().item() == pytest.approx(card.metrics.bits_given_class, rel=0.05)


def test_packed_codes_take_their_bits(codes: Tensor) -> None:
    served = open_prior(WEIGHTS)
    assert served is not None
    grids = list(codes[:40].numpy())
    excess = []
    for grid, scored in zip(grids, score(served.network, grids), strict=True):
        packed = compress(served.network, grid, scored.class_bits)
        np.testing.assert_array_equal(decompress(served.network, packed.bits), grid)
        excess.append(len(packed.bits) - scored.bits.sum())
    assert 0 < np.mean(excess) < 2


def assert_provenance(card: ModelCard) -> None:
    """The card says how the weights were trained."""
    assert card.command.startswith("vqvae-explainer train")
    assert {"python", "torch", "vqvae-explainer"} <= card.versions.keys()
    assert all(card.versions.values())
    assert card.device
    assert len(card.data_md5) == 4
    assert [epoch.epoch for epoch in card.history] == list(range(1, card.config.epochs + 1))
