"""Inference with NumPy arrays: encoder, quantizer and decoder of a model, whatever runs them."""

from typing import Literal, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from ..model.quantizer import Quantization
from ..model.vqvae import VQVAE, Losses

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


def as_backend(model: VQVAE | Backend) -> Backend:
    return TorchBackend(model) if isinstance(model, VQVAE) else model


class TorchBackend:
    """Runs a model with PyTorch.

    Args:
        model: in evaluation mode, on the CPU.
    """

    def __init__(self, model: VQVAE) -> None:
        self._model = model

    @property
    def embeddings(self) -> Floats:
        return self._model.quantizer.embeddings.detach().numpy()

    @torch.inference_mode()
    def encode(self, input: Floats) -> Floats:
        features: Floats = self._model.encoder(torch.from_numpy(input)).numpy()
        return features

    @torch.inference_mode()
    def quantize(self, features: Floats) -> Quantized:
        quantization: Quantization = self._model.quantizer(torch.from_numpy(features))
        return Quantized._make(getattr(quantization, field).numpy() for field in Quantized._fields)

    @torch.inference_mode()
    def decode(self, vectors: Floats) -> Floats:
        pictures: Floats = self._model.decode(torch.from_numpy(vectors)).numpy()
        return pictures

    @torch.inference_mode()
    def losses(self, input: Floats, reconstruction: Floats, quantized: Quantized) -> DrawingLosses:
        arrays = (input, reconstruction, quantized.codebook_loss, quantized.commitment_loss)
        losses: Losses = self._model.losses(*map(torch.from_numpy, arrays))
        return DrawingLosses._make(loss.numpy() for loss in losses)
