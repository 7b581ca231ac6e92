"""Runs an exported model with ONNX Runtime.

An export is used only if it gives the same results as the model in PyTorch, which is the code that the page shows.
`python -m benchmarks inference` compares the speed of both.
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..model.card import ModelCard
from ..model.config import IMAGE_SIZE, Config
from ..model.grid import MAIN, grids_of
from .backend import Backend, DrawingLosses, Floats, Quantized, code_losses

TOLERANCE = 1e-4  # absolute, or relative to the largest value; the two differ by rounding only
LOSS_TOLERANCE = 1e-4  # relative: a loss can be far below 1
PARTS = ("encoder", "quantizer", "decoder", "losses")
LEVEL_PARTS = ("encoder", "quantizer")  # those that each level has

logger = logging.getLogger(__name__)


def onnx_suffix(part: str) -> str:
    """Suffix of the file that holds the export of one part of a model."""
    return f"{part}.onnx"


def level_part(part: str, level: str) -> str:
    """The name of a level's part: "encoder" of the main level, "top.encoder" of the top."""
    return f"{level}.{part}" if level else part


def parts_of(config: Config) -> tuple[str, ...]:
    """The parts of a model: `PARTS`, then those of the other levels."""
    others = (id for id in grids_of(config) if id != MAIN)
    return (*PARTS, *(level_part(part, id) for id in others for part in LEVEL_PARTS))


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
        self.shapes = [tuple(input.shape[1:]) for input in inputs]  # without the batch

    def run(self, *arrays: Floats) -> list[Any]:
        inputs = zip(self._inputs, map(np.ascontiguousarray, arrays), strict=True)
        outputs: list[Any] = self._session.run(None, dict(inputs))
        return outputs


class OnnxBackend:
    """Runs an export.

    Args:
        files: the ONNX file of each part.
        codebooks: the codebook (K, D) of each level, in the order in which they are computed.
    """

    def __init__(self, files: Mapping[str, bytes], codebooks: dict[str, Floats]) -> None:
        self.codebooks = codebooks
        self._encoders = [Session(files[level_part("encoder", id)]) for id in codebooks]
        self._quantizers = {id: Session(files[level_part("quantizer", id)]) for id in codebooks}
        self._decoder, self._losses = Session(files["decoder"]), Session(files["losses"])

    def accepts(self, features: Sequence[Floats]) -> bool:
        """Whether quantizers and decoder were exported for features of these shapes, one for each level."""
        shapes = [encoded.shape[1:] for encoded in features]
        return shapes == self._decoder.shapes == [quantizer.shapes[0] for quantizer in self._quantizers.values()]

    def encode(self, input: Floats, *known: Floats) -> Floats:
        features: Floats = self._encoders[len(known)].run(input, *map(channels_first, known))[0]
        return features

    def quantize(self, features: Floats, level: str = MAIN) -> Quantized:
        return Quantized._make(self._quantizers[level].run(features))

    def decode(self, *vectors: Floats) -> Floats:
        pictures: Floats = self._decoder.run(*map(channels_first, vectors))[0]
        return pictures

    def losses(self, input: Floats, reconstruction: Floats, quantized: Sequence[Quantized]) -> DrawingLosses:
        return DrawingLosses._make(self._losses.run(input, reconstruction, *code_losses(quantized)))


def channels_first(vectors: Floats) -> Floats:
    """(B, H, W, D) → (B, D, H, W)."""
    return vectors.transpose(0, 3, 1, 2)


def read_export(weights: Path, card: ModelCard) -> dict[str, bytes]:
    """The ONNX files beside a weights file, by part.

    Raises:
        OSError: a file cannot be read.
        ValueError: a file was not written together with the card.
    """
    paths = {part: weights.with_suffix(f".{onnx_suffix(part)}") for part in parts_of(card.config)}
    files = {part: path.read_bytes() for part, path in paths.items()}
    for part, content in files.items():
        if not card.accepts(onnx_suffix(part), content):
            raise ValueError(f"{paths[part].name} is from another training run")
    return files


def load_backend(own: Backend, weights: Path, card: ModelCard) -> Backend:
    """The ONNX backend if the model has an export that gives the same results as its own backend, or else that one."""
    paths = {onnx_suffix(part): weights.with_suffix(f".{onnx_suffix(part)}") for part in parts_of(card.config)}
    if not any(path.is_file() and (not card.sha256 or suffix in card.sha256) for suffix, path in paths.items()):
        return own
    try:
        exported = OnnxBackend(read_export(weights, card), own.codebooks)
        if agrees(own, exported):
            return exported
        problem = "they disagree"
    except Exception as error:  # a damaged file can raise anything: ONNX Runtime's errors have no common class
        problem = str(error).partition("\n")[0]
    logger.warning("The ONNX export of %s cannot be used (%s): using PyTorch, which is slower", weights.name, problem)
    return own


def agrees(own: Backend, exported: OnnxBackend) -> bool:
    probe = np.random.default_rng(0).random((2, 1, IMAGE_SIZE, IMAGE_SIZE), dtype=np.float32)
    features: list[Floats] = []  # of each level
    expected: list[Quantized] = []
    vectors: list[Floats] = []
    for level in own.codebooks:
        features.append(own.encode(probe, *vectors))
        q = own.quantize(features[-1], level)
        expected.append(q)
        vectors.append(q.quantized_vectors.reshape(q.features.shape))
    if not exported.accepts(features):
        return False
    found = [exported.quantize(encoded, level) for level, encoded in zip(own.codebooks, features, strict=True)]
    if any(one.distances.shape != other.distances.shape for one, other in zip(found, expected, strict=True)):
        return False  # another codebook size
    pictures = own.decode(*vectors)
    pairs = [(exported.decode(*vectors), pictures)]
    for n, (one, other) in enumerate(zip(found, expected, strict=True)):
        pairs += [(exported.encode(probe, *vectors[:n]), features[n]), *quantized_pairs(one, other)]
    losses = zip(exported.losses(probe, pictures, found), own.losses(probe, pictures, expected), strict=True)
    return all(
        np.allclose(one, other, rtol=0, atol=TOLERANCE * max(1, np.abs(other).max())) for one, other in pairs
    ) and all(np.allclose(one, other, rtol=LOSS_TOLERANCE, atol=0) for one, other in losses)


def quantized_pairs(found: Quantized, expected: Quantized) -> list[tuple[Floats, Floats]]:
    """What two quantizers computed for the same features.

    Rounding can decide between two codes at nearly the same distance: the distances of the chosen codes are compared.
    """
    chosen, expected_choice = (
        np.take_along_axis(expected.distances, q.indices.reshape(-1, 1), axis=1) for q in (found, expected)
    )
    same = (found.indices == expected.indices).flatten()
    return [
        (found.features, expected.features),
        (found.distances, expected.distances),
        (chosen, expected_choice),
        (found.quantized_vectors[same], expected.quantized_vectors[same]),
    ]
