"""The codes of digits, which a prior is trained on."""

import torch
from torch import Tensor

from ...model.vqvae import VQVAE
from ..callbacks import device_of

ENCODING_BATCH = 500


@torch.no_grad()
def encode(model: VQVAE, digits: Tensor) -> Tensor:
    """The codes of digits.

    Args:
        model: in evaluation mode.
        digits: (N, 1, 28, 28) bytes.

    Returns:
        (N, T) codes in scan order, 16-bit integers on the CPU.
    """
    device = device_of(model)
    parts = []
    for batch in torch.split(digits, ENCODING_BATCH):
        indices = model.quantizer(model.encoder(batch.to(device).float() / 255)).indices  # (B, H, W)
        parts.append(indices.flatten(1).short().cpu())  # (B, T)
    return torch.cat(parts)
