"""The parts of a model through ONNX Runtime, where they have been exported.

The exports are PyTorch's own records of the code that the page shows, and are used only as long as they agree with it.
`python -m benchmarks inference` compares the time that both take.
"""

import logging
from pathlib import Path
from typing import Any

import numpy as np

from ..model.config import IMAGE_SIZE
from ..model.vqvae import VQVAE
from .backend import Backend, Floats, Quantized, TorchBackend

TOLERANCE = 1e-4  # of ink, features and distances, or of the largest of them; the two differ by rounding only
PARTS = ("encoder", "quantizer", "decoder")

logger = logging.getLogger(__name__)


def onnx_path(weights: Path, part: str) -> Path:
    """Where the export of a part of a weights file's model is, if there is one."""
    return weights.with_suffix(f".{part}.onnx")


class Session:
    """An ONNX file that ONNX Runtime runs on one thread."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        (input,) = self._session.get_inputs()
        self._input = input.name
        self.shape = tuple(input.shape[1:])  # of an item of the input

    def run(self, input: Floats) -> list[Any]:
        """All outputs for an input, which may be a view."""
        outputs: list[Any] = self._session.run(None, {self._input: np.ascontiguousarray(input)})
        return outputs


class OnnxBackend:
    """A model as ONNX Runtime runs it."""

    def __init__(self, weights: Path, embeddings: Floats) -> None:
        self.embeddings = embeddings  # (K, D)
        self._encoder, self._quantizer, self._decoder = (Session(onnx_path(weights, part)) for part in PARTS)

    def takes(self, features: Floats) -> bool:
        """Whether the quantizer and the decoder are made for features of this shape."""
        return self._quantizer.shape == self._decoder.shape == features.shape[1:]

    def encode(self, input: Floats) -> Floats:
        """Digits (B, 1, 28, 28) with ink in [0, 1] → features (B, D, H, W)."""
        features: Floats = self._encoder.run(input)[0]
        return features

    def quantize(self, features: Floats) -> Quantized:
        """Features (B, D, H, W) → what the quantizer makes of them."""
        return Quantized._make(self._quantizer.run(features))

    def decode(self, vectors: Floats) -> Floats:
        """A grid of vectors (B, H, W, D) → digits (B, 1, 28, 28); a linear output may overshoot [0, 1]."""
        pictures: Floats = self._decoder.run(vectors.transpose(0, 3, 1, 2))[0]
        return pictures


def load_backend(model: VQVAE, weights: Path) -> Backend:
    """The exported parts of a model; or its own, if it has not been exported, or not these weights and this code."""
    own = TorchBackend(model)
    if not all(onnx_path(weights, part).is_file() for part in PARTS):
        return own
    exported = OnnxBackend(weights, own.embeddings)
    if agree(own, exported):
        return exported
    logger.warning("%s and its ONNX export disagree: PyTorch is used, which takes longer", weights.name)
    return own


def agree(own: Backend, exported: OnnxBackend) -> bool:
    """Whether both compute the same, part by part."""
    probe = np.random.default_rng(0).random((2, 1, IMAGE_SIZE, IMAGE_SIZE), dtype=np.float32)
    features = own.encode(probe)
    if not exported.takes(features):
        return False
    expected, found = own.quantize(features), exported.quantize(features)
    if found.distances.shape != expected.distances.shape:  # of another codebook
        return False
    vectors = expected.quantized_vectors.reshape(expected.features.shape)
    # Rounding may decide between two codes. Then both are as near.
    chosen, expected_choice = (
        np.take_along_axis(expected.distances, q.indices.reshape(-1, 1), axis=1) for q in (found, expected)
    )
    same = (found.indices == expected.indices).flatten()
    pairs = (
        (exported.encode(probe), features),
        (found.features, expected.features),
        (found.distances, expected.distances),
        (chosen, expected_choice),
        (found.quantized_vectors[same], expected.quantized_vectors[same]),
        (exported.decode(vectors), own.decode(vectors)),
    )
    return all(np.allclose(one, other, rtol=0, atol=TOLERANCE * max(1, np.abs(other).max())) for one, other in pairs)
