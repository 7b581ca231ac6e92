"""Runs an exported model with ONNX Runtime.

An export is used only if it gives the same results as the model in PyTorch, which is the code that the page shows.
`python -m benchmarks inference` compares the speed of both.
"""

import logging
from pathlib import Path
from typing import Any

import numpy as np

from ..model.config import IMAGE_SIZE
from ..model.vqvae import VQVAE
from .backend import Backend, Floats, Quantized, TorchBackend

TOLERANCE = 1e-4  # absolute, or relative to the largest value; the two differ by rounding only
PARTS = ("encoder", "quantizer", "decoder")

logger = logging.getLogger(__name__)


def onnx_path(weights: Path, part: str) -> Path:
    """Path of the export of one part of the model of a weights file."""
    return weights.with_suffix(f".{part}.onnx")


class Session:
    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        (input,) = self._session.get_inputs()
        self._input = input.name
        self.shape = tuple(input.shape[1:])  # of the input, without the batch

    def run(self, input: Floats) -> list[Any]:
        outputs: list[Any] = self._session.run(None, {self._input: np.ascontiguousarray(input)})
        return outputs


class OnnxBackend:
    def __init__(self, weights: Path, embeddings: Floats) -> None:
        self.embeddings = embeddings  # (K, D)
        self._encoder, self._quantizer, self._decoder = (Session(onnx_path(weights, part)) for part in PARTS)

    def accepts(self, features: Floats) -> bool:
        """Whether quantizer and decoder were exported for features of this shape."""
        return self._quantizer.shape == self._decoder.shape == features.shape[1:]

    def encode(self, input: Floats) -> Floats:
        features: Floats = self._encoder.run(input)[0]
        return features

    def quantize(self, features: Floats) -> Quantized:
        return Quantized._make(self._quantizer.run(features))

    def decode(self, vectors: Floats) -> Floats:
        pictures: Floats = self._decoder.run(vectors.transpose(0, 3, 1, 2))[0]
        return pictures


def load_backend(model: VQVAE, weights: Path) -> Backend:
    """The ONNX backend if the model has an export that gives the same results, or else the PyTorch backend."""
    own = TorchBackend(model)
    if not all(onnx_path(weights, part).is_file() for part in PARTS):
        return own
    exported = OnnxBackend(weights, own.embeddings)
    if agrees(own, exported):
        return exported
    logger.warning("%s and its ONNX export disagree: using PyTorch, which is slower", weights.name)
    return own


def agrees(own: Backend, exported: OnnxBackend) -> bool:
    probe = np.random.default_rng(0).random((2, 1, IMAGE_SIZE, IMAGE_SIZE), dtype=np.float32)
    features = own.encode(probe)
    if not exported.accepts(features):
        return False
    expected, found = own.quantize(features), exported.quantize(features)
    if found.distances.shape != expected.distances.shape:  # another codebook size
        return False
    vectors = expected.quantized_vectors.reshape(expected.features.shape)
    # Rounding can decide between two codes at nearly the same distance: compare the distances of the chosen codes.
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
