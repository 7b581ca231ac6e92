"""Training in mixed precision: networks in bfloat16, quantizer, losses and optimizer in float32."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps

import torch
from torch import Tensor, nn

from ..model.quantizer import VectorQuantizer
from ..model.vqvae import VQVAE
from .callbacks import device_of


@contextmanager
def mixed_precision(model: VQVAE) -> Iterator[None]:
    """Let encoders and decoder compute in bfloat16 while the model is in training mode, if its configuration says so.

    Their inputs, outputs and parameters stay in float32, and so does everything between them: distances of 8 bits
    would not tell near codes apart.
    """
    networks = [child for child in model.children() if not isinstance(child, VectorQuantizer)]
    if model.config.precision == "float32":
        networks = []
    for network in networks:
        _autocast(network, device_of(model).type)
    try:
        yield
    finally:
        for network in networks:
            del network.forward


def _autocast(network: nn.Module, device: str) -> None:
    """Replace `forward` of this one instance; deleting the attribute brings that of the class back."""
    forward = network.forward

    @wraps(forward)
    def mixed(*inputs: Tensor) -> Tensor:
        with torch.autocast(device, torch.bfloat16, enabled=network.training):
            output: Tensor = forward(*inputs)
        return output.float()

    network.forward = mixed
