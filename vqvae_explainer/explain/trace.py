"""Traces a drawing: the result of each stage of the model."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..model.config import IMAGE_SIZE
from ..model.grid import MAIN, at_level
from .backend import Backend, DrawingLosses, Floats, Indices, Quantized, as_backend
from .variants import Variant, decode_features, reshape_back, reshape_only

if TYPE_CHECKING:
    from ..model.vqvae import VQVAE

PIXELS = IMAGE_SIZE * IMAGE_SIZE


NO_CODE = -1  # in a grid of codes: a vector of zeros


class LevelTrace(NamedTuple):
    """The stages of a level. Arrays are C-contiguous."""

    features: Floats  # (H, W, D)
    distances: Floats  # (H·W, K), squared
    indices: Indices  # (H, W)
    quantized: Floats  # (H, W, D)


class Trace(NamedTuple):
    """The stages of one drawing."""

    levels: dict[str, LevelTrace]  # by id, in the order in which they are computed
    reconstruction: Floats  # (28, 28), in [0, 1]
    losses: dict[str, float]  # reconstruction, codebook, commitment (not weighted by β), total; sums over the levels

    def tensors(self, *stages: str) -> dict[str, NDArray[Any]]:
        """The tensors of some stages by their ids, of every level."""
        found: dict[str, NDArray[Any]] = {}
        for stage in stages:
            if stage == "reconstruction":
                found[stage] = self.reconstruction
            else:
                found |= {at_level(stage, id): getattr(level, stage) for id, level in self.levels.items()}
        return found

    @property
    def features(self) -> Floats:
        """Of the main level, as the three below."""
        return self.levels[MAIN].features

    @property
    def distances(self) -> Floats:
        return self.levels[MAIN].distances

    @property
    def indices(self) -> Indices:
        return self.levels[MAIN].indices

    @property
    def quantized(self) -> Floats:
        return self.levels[MAIN].quantized


def trace(model: "VQVAE | Backend", drawings: list[bytes], variant: Variant = "normal") -> list[Trace]:
    """Run drawings through the model together.

    Args:
        model: in evaluation mode, on the CPU, or a backend.
        drawings: each 784 bytes, row-major, 0 background, 255 ink.
        variant: with "wrong-reshape", row i·W + j of the matrices and cell (i, j) are what the bug put there.

    Raises:
        ValueError: a drawing has another size.
    """
    backend = as_backend(model)
    input = to_input(drawings)
    found: list[Quantized] = []
    vectors: list[Floats] = []
    for level in backend.codebooks:
        q, decoded = quantize(backend, backend.encode(input, *vectors), variant, level)
        found.append(q)
        vectors.append(decoded)
    pictures = backend.decode(*vectors)
    terms = zip(*(term.tolist() for term in backend.losses(input, pictures, found)), strict=True)
    losses = [dict(zip(DrawingLosses._fields, values, strict=True)) for values in terms]
    levels = zip(*(level_traces(q) for q in found), strict=True)
    stages = ([dict(zip(backend.codebooks, level, strict=True)) for level in levels], pictures.clip(0, 1).squeeze(1))
    return [Trace._make(row) for row in zip(*stages, losses, strict=True)]


def level_traces(q: Quantized) -> list[LevelTrace]:
    """The stages of a level, of each drawing."""
    features = np.ascontiguousarray(q.features)
    quantized = q.quantized_vectors.reshape(features.shape)
    distances = q.distances.reshape(len(features), -1, q.distances.shape[1])
    return [LevelTrace._make(row) for row in zip(features, distances, q.indices, quantized, strict=True)]


def to_input(drawings: list[bytes]) -> Floats:
    """Convert drawings of 784 bytes to the model's input (B, 1, 28, 28) in [0, 1].

    Raises:
        ValueError: a drawing has another size.
    """
    if any(len(drawing) != PIXELS for drawing in drawings):
        raise ValueError(f"a drawing must be {PIXELS} bytes, got {[len(drawing) for drawing in drawings]}")
    pixels = np.frombuffer(b"".join(drawings), dtype=np.uint8).astype(np.float32)
    pixels /= 255
    return pixels.reshape(len(drawings), 1, IMAGE_SIZE, IMAGE_SIZE)


def quantize(backend: Backend, encoded: Floats, variant: Variant, level: str) -> tuple[Quantized, Floats]:
    """Quantize features (B, D, H, W) of a level; also return what the decoder gets of it (B, H, W, D)."""
    if variant == "wrong-reshape":
        # The model moves channels last itself, which the transposition undoes.
        q = backend.quantize(reshape_only(encoded).transpose(0, 3, 1, 2), level)
        return q, reshape_back(q.quantized_vectors.reshape(q.features.shape))
    q = backend.quantize(encoded, level)
    return q, decode_features(q.features) if variant == "bypass" else q.quantized_vectors.reshape(q.features.shape)


def decode(model: "VQVAE | Backend", *levels: Sequence[Indices]) -> list[Floats]:
    """Decode the grids (H, W) of codes of each level into pictures (28, 28) in [0, 1].

    Raises:
        ValueError: a code is neither in the codebook nor `NO_CODE`.
    """
    backend = as_backend(model)
    vectors = [embed(codebook, grids) for codebook, grids in zip(backend.codebooks.values(), levels, strict=True)]
    return list(backend.decode(*vectors).clip(0, 1).squeeze(1))


def embed(codebook: Floats, grids: Sequence[Indices]) -> Floats:
    """The vectors (B, H, W, D) of grids (H, W) of codes.

    Raises:
        ValueError: a code is neither in the codebook nor `NO_CODE`.
    """
    indices = np.stack(grids)
    size = len(codebook)
    if indices.min() < NO_CODE or indices.max() >= size:
        raise ValueError(f"codes must be from 0 to {size - 1}")
    return np.vstack((codebook, np.zeros_like(codebook[:1])))[indices]  # the last row is that of NO_CODE = −1
