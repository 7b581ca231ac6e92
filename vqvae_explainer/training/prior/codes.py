"""The codes of digits, which a prior is trained on, and their pictures."""

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
        (N, T) codes of all levels in the prior's order, 16-bit integers on the CPU.
    """
    device = device_of(model)
    parts = []
    for batch in torch.split(digits, ENCODING_BATCH):
        input = batch.to(device).float() / 255
        codes: list[Tensor] = []
        known: list[Tensor] = []
        for level in model.levels:
            quantization = level.quantizer(level.encoder(input, *known))
            known.append(quantization.quantized.permute(0, 3, 1, 2))  # (B, D, H, W)
            codes.append(quantization.indices.flatten(1))  # (B, H·W)
        parts.append(torch.cat(codes, dim=1).short().cpu())  # (B, T)
    return torch.cat(parts)


@torch.no_grad()
def decode(model: VQVAE, codes: Tensor) -> Tensor:
    """The pictures (N, 1, 28, 28) of codes (N, T) in the prior's order, clamped to [0, 1] as they are shown."""
    pictures = []
    for batch in torch.split(codes.long().to(device_of(model)), ENCODING_BATCH):
        parts = torch.split(batch, [level.grid.cells for level in model.levels], dim=1)
        vectors = [
            level.quantizer.embeddings[part.view(-1, *level.grid.shape)]  # (B, H, W, D)
            for level, part in zip(model.levels, parts, strict=True)
        ]
        pictures.append(model.decode(*vectors).clamp(0, 1).cpu())
    return torch.cat(pictures)


def level_offsets(model: VQVAE) -> Tensor:
    """(T,): what makes a code in the prior's order one of its level: l·K in the cells of level l."""
    cells = torch.tensor([level.grid.cells for level in model.levels])
    return torch.arange(len(cells)).repeat_interleave(cells) * model.config.num_embeddings
