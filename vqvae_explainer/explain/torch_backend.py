"""Inference with PyTorch: the code that the page shows."""

import torch

from ..model.quantizer import Quantization
from ..model.vqvae import VQVAE, Losses
from .backend import DrawingLosses, Floats, Quantized


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
