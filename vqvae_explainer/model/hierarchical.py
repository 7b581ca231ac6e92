"""VQ-VAE-2: a VQ-VAE with two levels, of which the top one is coarse (Razavi et al. 2019, arXiv:1906.00446)."""

import torch
from torch import Tensor

from .architectures.hierarchical import TopEncoder
from .config import Config
from .grid import grids_of
from .quantizer import Quantization, VectorQuantizer
from .vqvae import VQVAE, Level, Output


class HierarchicalVQVAE(VQVAE):
    """Encodes the top first, then the bottom, which sees the top (algorithm 1). The bottom is the main level.

    Shapes: the top grid is T×T, the bottom grid S×S.
    """

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.top_encoder = TopEncoder(config)
        self.top_quantizer = VectorQuantizer(config)

    @property
    def levels(self) -> tuple[Level, ...]:
        top = Level("top", grids_of(self.config)["top"], self.top_encoder, self.top_quantizer)
        return (top, *super().levels)

    def forward(self, input: Tensor) -> Output:
        """Encode, quantize and decode digits (B, 1, 28, 28) with ink in [0, 1], and compute their losses."""
        top: Quantization = self.top_quantizer(self.top_encoder(input))
        known = top.quantized.permute(0, 3, 1, 2)  # (B, D, T, T)
        bottom: Quantization = self.quantizer(self.encoder(input, known))
        reconstruction = self.decode(top.quantized, self.drop(bottom.quantized))  # (B, 1, 28, 28)
        codebook_loss = top.codebook_loss + bottom.codebook_loss  # (B,)
        commitment_loss = top.commitment_loss + bottom.commitment_loss  # (B,)
        losses = self.losses(input, reconstruction, codebook_loss, commitment_loss)
        return Output((top, bottom), reconstruction, losses)

    def drop(self, bottom: Tensor) -> Tensor:
        """In training, zero the bottom (B, S, S, D) of some digits: the top has to describe them alone."""
        if not self.training or self.config.bottom_dropout == 0:
            return bottom
        kept = torch.rand(len(bottom), 1, 1, 1, device=bottom.device) >= self.config.bottom_dropout
        return bottom * kept


def make_model(config: Config) -> VQVAE:
    """An untrained model, with weights from the global random generator."""
    model = HierarchicalVQVAE(config) if config.architecture == "hierarchical" else VQVAE(config)
    return model.to(memory_format=torch.channels_last)  # fastest layout for convolutions on CPUs
