"""Traces a drawing: the result of each stage of the model."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..model.config import IMAGE_SIZE
from .backend import Backend, DrawingLosses, Floats, Indices, Quantized, as_backend
from .variants import Variant, decode_features, reshape_back, reshape_only

if TYPE_CHECKING:
    from ..model.vqvae import VQVAE

PIXELS = IMAGE_SIZE * IMAGE_SIZE


class Trace(NamedTuple):
    """The stages of one drawing. Arrays are C-contiguous."""

    features: Floats  # (H, W, D)
    distances: Floats  # (H·W, K), squared
    indices: Indices  # (H, W)
    quantized: Floats  # (H, W, D)
    reconstruction: Floats  # (28, 28), in [0, 1]
    losses: dict[str, float]  # reconstruction, codebook, commitment (not weighted by β), total


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
    encoded = backend.encode(input)
    q, vectors = quantize(backend, encoded, variant)
    pictures = backend.decode(vectors)
    features = np.ascontiguousarray(q.features)
    quantized = q.quantized_vectors.reshape(features.shape)
    distances = q.distances.reshape(len(drawings), -1, q.distances.shape[1])
    terms = zip(*(term.tolist() for term in backend.losses(input, pictures, q)), strict=True)
    losses = [dict(zip(DrawingLosses._fields, values, strict=True)) for values in terms]
    stages = (features, distances, q.indices, quantized, pictures.clip(0, 1).squeeze(1))
    return [Trace._make(row) for row in zip(*stages, losses, strict=True)]


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


def quantize(backend: Backend, encoded: Floats, variant: Variant) -> tuple[Quantized, Floats]:
    """Quantize features (B, D, H, W); also return the decoder's input (B, H, W, D)."""
    if variant == "wrong-reshape":
        # The model moves channels last itself, which the transposition undoes.
        q = backend.quantize(reshape_only(encoded).transpose(0, 3, 1, 2))
        return q, reshape_back(q.quantized_vectors.reshape(q.features.shape))
    q = backend.quantize(encoded)
    return q, decode_features(q.features) if variant == "bypass" else q.quantized_vectors.reshape(q.features.shape)


def decode(model: "VQVAE | Backend", grids: list[Indices]) -> list[Floats]:
    """Decode grids (H, W) of codes into pictures (28, 28) in [0, 1].

    Raises:
        ValueError: a code is not in the codebook.
    """
    backend = as_backend(model)
    indices = np.stack(grids)
    size = len(backend.embeddings)
    if indices.min() < 0 or indices.max() >= size:
        raise ValueError(f"codes must be from 0 to {size - 1}")
    return list(backend.decode(backend.embeddings[indices]).clip(0, 1).squeeze(1))
