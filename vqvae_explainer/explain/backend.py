"""Inference with NumPy arrays: encoder, quantizer and decoder of a model, whatever runs them."""

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ..model.vqvae import VQVAE

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


class Quantized(NamedTuple):
    """Outputs of the quantizer, named by stage id; N = B·H·W."""

    features: Floats  # (B, H, W, D)
    distances: Floats  # (N, K), squared
    indices: Indices  # (B, H, W)
    quantized_vectors: Floats  # (N, D)
    codebook_loss: Floats  # (B,)
    commitment_loss: Floats  # (B,), not weighted by β


class DrawingLosses(NamedTuple):
    """The terms of the loss of each drawing: (B,)."""

    reconstruction: Floats
    codebook: Floats
    commitment: Floats  # not weighted by β
    total: Floats


class Gradients(NamedTuple):
    """Gradients of the loss terms of one drawing; the commitment loss is not weighted by β."""

    quantized: Floats  # (H, W, D), of the reconstruction loss
    features: dict[str, Floats]  # loss → (H, W, D)
    embeddings: dict[str, Floats]  # loss → (K, D)
    computed_by: Literal["pytorch", "numpy"]


@runtime_checkable
class Backend(Protocol):
    @property
    def embeddings(self) -> Floats:
        """The codebook (K, D)."""

    def encode(self, input: Floats) -> Floats:
        """Encode digits (B, 1, 28, 28) with ink in [0, 1] into features (B, D, H, W)."""

    def quantize(self, features: Floats) -> Quantized:
        """Quantize features (B, D, H, W)."""

    def decode(self, vectors: Floats) -> Floats:
        """Decode a grid of vectors (B, H, W, D) into digits (B, 1, 28, 28); a linear output may overshoot [0, 1]."""

    def losses(self, input: Floats, reconstruction: Floats, quantized: Quantized) -> DrawingLosses:
        """The losses of digits (B, 1, 28, 28), given what the decoder made of them."""


def as_backend(model: "VQVAE | Backend") -> Backend:
    if isinstance(model, Backend):
        return model
    from .torch_backend import TorchBackend  # not above: other backends need no PyTorch

    return TorchBackend(model)
