"""Inference with PyTorch: the code that the page shows."""

from collections.abc import Sequence

import torch

from ..model.grid import MAIN
from ..model.quantizer import Quantization
from ..model.vqvae import VQVAE, Losses
from .backend import DrawingLosses, Floats, Quantized, code_losses


class TorchBackend:
    """Runs a model with PyTorch.

    Args:
        model: in evaluation mode, on the CPU.
    """

    def __init__(self, model: VQVAE) -> None:
        self._model = model
        self._levels = {level.id: level for level in model.levels}

    @property
    def codebooks(self) -> dict[str, Floats]:
        return {id: level.quantizer.embeddings.detach().numpy() for id, level in self._levels.items()}

    @torch.inference_mode()
    def encode(self, input: Floats, *known: Floats) -> Floats:
        encoder = list(self._levels.values())[len(known)].encoder
        before = (torch.from_numpy(vectors).permute(0, 3, 1, 2) for vectors in known)
        features: Floats = encoder(torch.from_numpy(input), *before).numpy()
        return features

    @torch.inference_mode()
    def quantize(self, features: Floats, level: str = MAIN) -> Quantized:
        quantization: Quantization = self._levels[level].quantizer(torch.from_numpy(features))
        return Quantized._make(getattr(quantization, field).numpy() for field in Quantized._fields)

    @torch.inference_mode()
    def decode(self, *vectors: Floats) -> Floats:
        pictures: Floats = self._model.decode(*map(torch.from_numpy, vectors)).numpy()
        return pictures

    @torch.inference_mode()
    def losses(self, input: Floats, reconstruction: Floats, quantized: Sequence[Quantized]) -> DrawingLosses:
        arrays = (input, reconstruction, *code_losses(quantized))
        losses: Losses = self._model.losses(*map(torch.from_numpy, arrays))
        return DrawingLosses._make(loss.numpy() for loss in losses)
