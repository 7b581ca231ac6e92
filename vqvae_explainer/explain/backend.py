"""Inference with NumPy arrays: encoder, quantizer and decoder of a model, whatever runs them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ..model.grid import MAIN

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


class LevelGradients(NamedTuple):
    """Gradients of the loss terms of one drawing at a level's tensors; the commitment loss is not weighted by β."""

    quantized: Floats  # (H, W, D), of the reconstruction loss
    features: dict[str, Floats]  # loss → (H, W, D)
    embeddings: dict[str, Floats]  # loss → (K, D)


class Gradients(NamedTuple):
    levels: dict[str, LevelGradients]  # by id, in the order in which they are computed
    computed_by: Literal["pytorch", "numpy"]

    @property
    def quantized(self) -> Floats:
        """Of the main level, as the two below."""
        return self.levels[MAIN].quantized

    @property
    def features(self) -> dict[str, Floats]:
        return self.levels[MAIN].features

    @property
    def embeddings(self) -> dict[str, Floats]:
        return self.levels[MAIN].embeddings


@runtime_checkable
class Backend(Protocol):
    @property
    def codebooks(self) -> dict[str, Floats]:
        """The codebook (K, D) of each level by its id, in the order in which they are computed; the main one last."""

    def encode(self, input: Floats, *known: Floats) -> Floats:
        """Encode digits (B, 1, 28, 28) with ink in [0, 1] into features (B, D, H, W) of a level.

        Args:
            input: the digits.
            known: what the decoder gets of each level before it, (B, H, W, D).
        """

    def quantize(self, features: Floats, level: str = MAIN) -> Quantized:
        """Quantize features (B, D, H, W) of a level."""

    def decode(self, *vectors: Floats) -> Floats:
        """Decode a grid of vectors (B, H, W, D) of each level into digits (B, 1, 28, 28); a linear output may overshoot
        [0, 1]."""

    def losses(self, input: Floats, reconstruction: Floats, quantized: Sequence[Quantized]) -> DrawingLosses:
        """The losses of digits (B, 1, 28, 28), given what the decoder made of them; those of codes are summed over the
        levels."""


def code_losses(quantized: Sequence[Quantized]) -> tuple[Floats, Floats]:
    """Codebook loss and commitment loss (B,), summed over the levels."""
    codebook, commitment = ([getattr(q, name) for q in quantized] for name in ("codebook_loss", "commitment_loss"))
    return np.sum(codebook, axis=0), np.sum(commitment, axis=0)


def as_backend(model: "VQVAE | Backend") -> Backend:
    if isinstance(model, Backend):
        return model
    from .torch_backend import TorchBackend  # not above: other backends need no PyTorch

    return TorchBackend(model)
