"""Traces contain the results of the model."""

from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest
import torch

from vqvae_explainer.explain.live import LiveModel
from vqvae_explainer.explain.trace import Trace, Variant, trace
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.quantizer import Quantization
from vqvae_explainer.model.vqvae import VQVAE


@pytest.fixture(scope="module")
def traces(tiny: LiveModel, drawings: list[bytes]) -> list[Trace]:
    return trace(tiny.model, drawings)


def as_input(drawing: bytes) -> torch.Tensor:
    """A drawing as input of the model: (1, 1, 28, 28), row by row."""
    rows = [[drawing[row * 28 + column] / 255 for column in range(28)] for row in range(28)]
    return torch.tensor(rows)[None, None]


def test_shapes_are_those_of_the_stages(tiny: LiveModel, traces: list[Trace]) -> None:
    for stage in ("features", "distances", "indices", "quantized", "reconstruction"):
        assert list(getattr(traces[0], stage).shape) == tiny.stages[stage]


def test_trace_equals_the_model(tiny: LiveModel, drawings: list[bytes], traces: list[Trace]) -> None:
    for drawing, traced in zip(drawings, traces, strict=True):
        output = tiny.model(as_input(drawing))
        features = tiny.model.encoder(as_input(drawing))[0].permute(1, 2, 0)
        np.testing.assert_allclose(traced.features, features, atol=1e-6)
        np.testing.assert_allclose(traced.reconstruction, output.reconstruction[0, 0], atol=1e-6)
        np.testing.assert_array_equal(traced.indices, output.quantization.indices[0])
        np.testing.assert_allclose(traced.distances, output.quantization.distances, atol=1e-5)


def test_stages_follow_from_each_other(tiny: LiveModel, traces: list[Trace]) -> None:
    """Row i·W + j of distances is cell (i, j); its smallest value is the index; quantized is that embedding."""
    codes = tiny.model.quantizer.embeddings.numpy()
    for traced in traces:
        for i in range(7):
            for j in range(7):
                row = traced.distances[i * 7 + j]
                expected = [((traced.features[i, j] - code) ** 2).sum() for code in codes]
                np.testing.assert_allclose(row, expected, atol=1e-5)
                assert traced.indices[i, j] == row.argmin()
                np.testing.assert_array_equal(traced.quantized[i, j], codes[traced.indices[i, j]])
        assert traced.reconstruction.min() >= 0
        assert traced.reconstruction.max() <= 1


def test_losses_are_each_drawings_own(drawings: list[bytes], traces: list[Trace]) -> None:
    for drawing, traced in zip(drawings, traces, strict=True):
        pixels = np.frombuffer(drawing, dtype=np.uint8).reshape(28, 28) / 255
        assert traced.losses["reconstruction"] == pytest.approx(
            ((traced.reconstruction - pixels) ** 2).mean(), rel=1e-5
        )
        snap = ((traced.quantized - traced.features) ** 2).mean()
        assert traced.losses["codebook"] == pytest.approx(snap, rel=1e-5)
        assert traced.losses["commitment"] == pytest.approx(snap, rel=1e-5)


@pytest.mark.parametrize("variant", get_args(Variant))
@pytest.mark.parametrize("codebook", ["ema", "gradient"])
def test_losses_are_the_models_own(
    make_model: Callable[[Config], VQVAE],
    make_config: Callable[..., Config],
    drawings: list[bytes],
    monkeypatch: pytest.MonkeyPatch,
    variant: Variant,
    codebook: str,
) -> None:
    """Whatever the model's code computes as a loss is in the trace, and in the total that it minimizes."""
    model = make_model(make_config(codebook=codebook, reconstruction_weight=4))
    forward = model.quantizer.forward

    def changed(features: torch.Tensor) -> Quantization:
        q = forward(features)
        return q._replace(commitment_loss=(q.features - q.quantized).abs().mean(dim=(1, 2, 3)))

    monkeypatch.setattr(model.quantizer, "forward", changed)
    for traced in trace(model, drawings[:2], variant):
        difference = traced.features - traced.quantized
        expected = {"codebook": np.square(difference).mean(), "commitment": np.abs(difference).mean()}
        assert {name: traced.losses[name] for name in expected} == pytest.approx(expected, rel=1e-5)
        total = 4 * traced.losses["reconstruction"] + 0.75 * traced.losses["commitment"]
        total += traced.losses["codebook"] if codebook == "gradient" else 0
        assert traced.losses["total"] == pytest.approx(total, rel=1e-5)


def test_a_linear_outputs_overshoot_counts(
    make_model: Callable[[Config], VQVAE], make_config: Callable[..., Config]
) -> None:
    """The picture is clipped to be shown; the loss that training minimizes is not."""
    model = make_model(make_config(output="linear"))
    with torch.no_grad():
        list(model.decoder.parameters())[-1].sub_(2)  # no ink anywhere, and less
    (traced,) = trace(model, [bytes(784)])
    assert traced.reconstruction.max() == 0
    assert traced.losses["reconstruction"] > 1


def test_drawings_differ(traces: list[Trace]) -> None:
    """Otherwise the tests above would not detect swapped drawings."""
    assert len({traced.indices.tobytes() for traced in traces}) == len(traces)


def test_batch_equals_single_traces(tiny: LiveModel, drawings: list[bytes], traces: list[Trace]) -> None:
    for drawing, traced in zip(drawings, traces, strict=True):
        [single] = trace(tiny.model, [drawing])
        for stage in ("features", "distances", "indices", "quantized", "reconstruction"):
            np.testing.assert_allclose(getattr(single, stage), getattr(traced, stage), atol=1e-5)
        assert single.losses == pytest.approx(traced.losses, rel=1e-4)


@pytest.mark.parametrize("size", [0, 783, 785])
def test_wrong_size(tiny: LiveModel, size: int) -> None:
    with pytest.raises(ValueError, match=rf"784 bytes, got \[784, {size}\]"):
        trace(tiny.model, [bytes(784), bytes(size)])
