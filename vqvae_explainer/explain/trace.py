"""A drawing → a trace: what each stage of the model computed for it."""

from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..model.config import IMAGE_SIZE
from ..model.quantizer import Quantization
from ..model.vqvae import VQVAE

PIXELS = IMAGE_SIZE * IMAGE_SIZE

Floats = NDArray[np.float32]

# How a drawing goes through the model: as it was trained; with the features themselves decoded; or with rows made by
# `features.reshape(-1, D)` without moving channels last, a bug that real code bases have shipped.
Variant = Literal["normal", "bypass", "wrong-reshape"]


class Trace(NamedTuple):
    """One drawing's way through the model. Arrays are C-contiguous; names and shapes are those of the stages."""

    features: Floats  # (H, W, D)
    distances: Floats  # (H·W, K), squared
    indices: NDArray[np.int64]  # (H, W)
    quantized: Floats  # (H, W, D)
    reconstruction: Floats  # (28, 28), in [0, 1]
    losses: dict[str, float]  # reconstruction, codebook, commitment (not weighted by β)


@torch.inference_mode()
def trace(model: VQVAE, drawings: list[bytes], variant: Variant = "normal") -> list[Trace]:
    """Run drawings through the model together.

    Args:
        model: in evaluation mode, on the CPU.
        drawings: each 784 bytes, row-major, 0 background, 255 ink.
        variant: in "wrong-reshape", row i·W + j of the matrices, and cell (i, j), is what the bug put there.

    Raises:
        ValueError: a drawing is of another size.
    """
    input = to_input(drawings)
    q, decoded = quantize(model, model.encoder(input), variant)
    reconstruction = model.decode(decoded).clamp(0, 1)  # a linear output may overshoot
    features = q.feature_vectors.reshape(q.features.shape)  # in one piece, as the quantizer's matrices are
    quantized = q.quantized_vectors.reshape(q.features.shape)  # before the straight-through step's rounding
    distances = q.distances.reshape(len(drawings), -1, model.config.num_embeddings)
    # The model's losses are means over a batch; here each drawing has its own.
    reconstruction_losses = (reconstruction - input).square().mean(dim=(1, 2, 3)).tolist()
    quantization_losses = (quantized - features).square().mean(dim=(1, 2, 3)).tolist()
    losses = [
        {"reconstruction": reconstruction_loss, "codebook": quantization_loss, "commitment": quantization_loss}
        for reconstruction_loss, quantization_loss in zip(reconstruction_losses, quantization_losses, strict=True)
    ]
    # To NumPy all at once: cutting up a tensor takes ten times as long as cutting up an array.
    stages = (tensor.numpy() for tensor in (features, distances, q.indices, quantized, reconstruction.squeeze(1)))
    return [Trace._make(row) for row in zip(*stages, losses, strict=True)]


def to_input(drawings: list[bytes]) -> Tensor:
    """Drawings of 784 bytes as the model's input (B, 1, 28, 28) in [0, 1].

    Raises:
        ValueError: a drawing is of another size.
    """
    if any(len(drawing) != PIXELS for drawing in drawings):
        raise ValueError(f"a drawing must be {PIXELS} bytes, got {[len(drawing) for drawing in drawings]}")
    pixels = torch.frombuffer(bytearray(b"".join(drawings)), dtype=torch.uint8)
    return pixels.reshape(len(drawings), 1, IMAGE_SIZE, IMAGE_SIZE).float() / 255


def quantize(model: VQVAE, features: Tensor, variant: Variant) -> tuple[Quantization, Tensor]:
    """Quantize features (B, D, H, W); also what the decoder gets, (B, H, W, D)."""
    if variant == "wrong-reshape":
        batch, dim, height, width = features.shape
        misread = features.reshape(batch, height, width, dim)  # the same numbers in the same order, in wrong places
        q: Quantization = model.quantizer(misread.permute(0, 3, 1, 2))
        return q, q.quantized_vectors.reshape(features.shape).permute(0, 2, 3, 1)
    q = model.quantizer(features)
    return q, q.features if variant == "bypass" else q.quantized


@torch.inference_mode()
def decode(model: VQVAE, grids: list[NDArray[np.int64]]) -> list[Floats]:
    """Decode grids (H, W) of codes into pictures (28, 28) in [0, 1].

    Raises:
        ValueError: a code is not in the codebook.
    """
    indices = torch.from_numpy(np.stack(grids))
    size = model.config.num_embeddings
    if indices.min() < 0 or indices.max() >= size:
        raise ValueError(f"codes must be from 0 to {size - 1}")
    pictures = model.decode(model.quantizer.embeddings[indices]).clamp(0, 1)
    return list(pictures.squeeze(1).contiguous().numpy())
