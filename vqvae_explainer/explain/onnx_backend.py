"""Runs an exported model with ONNX Runtime.

An export is used only if it gives the same results as the model in PyTorch, which is the code that the page shows.
`python -m benchmarks inference` compares the speed of both.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..model.card import ModelCard
from ..model.config import IMAGE_SIZE
from .backend import Backend, DrawingLosses, Floats, Quantized

TOLERANCE = 1e-4  # absolute, or relative to the largest value; the two differ by rounding only
LOSS_TOLERANCE = 1e-4  # relative: a loss can be far below 1
PARTS = ("encoder", "quantizer", "decoder", "losses")

logger = logging.getLogger(__name__)


def onnx_suffix(part: str) -> str:
    """Suffix of the file that holds the export of one part of a model."""
    return f"{part}.onnx"


class Session:
    def __init__(self, content: bytes) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # saves megabytes for each model and costs no time
        options.log_severity_level = 4  # errors are raised; do not print them too
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._session._model_bytes = None  # ONNX Runtime keeps the file, for a fallback that is not used here
        inputs = self._session.get_inputs()
        self._inputs = [input.name for input in inputs]
        self.shape = tuple(inputs[0].shape[1:])  # of the first input, without the batch

    def run(self, *arrays: Floats) -> list[Any]:
        inputs = zip(self._inputs, map(np.ascontiguousarray, arrays), strict=True)
        outputs: list[Any] = self._session.run(None, dict(inputs))
        return outputs


class OnnxBackend:
    """Runs an export.

    Args:
        files: the ONNX files of the encoder, the quantizer, the decoder and the losses.
        embeddings: the codebook (K, D).
    """

    def __init__(self, files: Sequence[bytes], embeddings: Floats) -> None:
        self.embeddings = embeddings
        self._encoder, self._quantizer, self._decoder, self._losses = map(Session, files)

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

    def losses(self, input: Floats, reconstruction: Floats, quantized: Quantized) -> DrawingLosses:
        arrays = (input, reconstruction, quantized.codebook_loss, quantized.commitment_loss)
        return DrawingLosses._make(self._losses.run(*arrays))


def read_export(weights: Path, card: ModelCard) -> list[bytes]:
    """The ONNX files beside a weights file, in the order of `PARTS`.

    Raises:
        OSError: a file cannot be read.
        ValueError: a file was not written together with the card.
    """
    paths = {onnx_suffix(part): weights.with_suffix(f".{onnx_suffix(part)}") for part in PARTS}
    files = {suffix: path.read_bytes() for suffix, path in paths.items()}
    for suffix, content in files.items():
        if not card.accepts(suffix, content):
            raise ValueError(f"{paths[suffix].name} is from another training run")
    return list(files.values())


def load_backend(own: Backend, weights: Path, card: ModelCard) -> Backend:
    """The ONNX backend if the model has an export that gives the same results as its own backend, or else that one."""
    paths = {onnx_suffix(part): weights.with_suffix(f".{onnx_suffix(part)}") for part in PARTS}
    if not any(path.is_file() and (not card.sha256 or suffix in card.sha256) for suffix, path in paths.items()):
        return own
    try:
        exported = OnnxBackend(read_export(weights, card), own.embeddings)
        if agrees(own, exported):
            return exported
        problem = "they disagree"
    except Exception as error:  # a damaged file can raise anything: ONNX Runtime's errors have no common class
        problem = str(error).partition("\n")[0]
    logger.warning("The ONNX export of %s cannot be used (%s): using PyTorch, which is slower", weights.name, problem)
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
    pictures = own.decode(vectors)
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
        (exported.decode(vectors), pictures),
    )
    losses = zip(exported.losses(probe, pictures, found), own.losses(probe, pictures, expected), strict=True)
    return all(
        np.allclose(one, other, rtol=0, atol=TOLERANCE * max(1, np.abs(other).max())) for one, other in pairs
    ) and all(np.allclose(one, other, rtol=LOSS_TOLERANCE, atol=0) for one, other in losses)
