"""The whole model: encode, quantize, decode, and the loss that trains it."""

from typing import NamedTuple

from torch import Tensor, nn

from .architectures import ARCHITECTURES
from .config import Config
from .grid import MAIN, Grid
from .quantizer import Quantization, VectorQuantizer


class Losses(NamedTuple):
    """The terms of the VQ-VAE loss, each with one value for a picture: (B,)."""

    reconstruction: Tensor  # mean squared error of pixels, ink in [0, 1]; not yet weighted
    codebook: Tensor  # mean of (sg[z_e] − e)²
    commitment: Tensor  # mean of (z_e − sg[e])², not yet weighted by β
    total: Tensor  # what is minimized

    def mean(self) -> "Losses":
        """The means over the batch: scalars."""
        return Losses._make(loss.mean() for loss in self)


class Output(NamedTuple):
    levels: tuple[Quantization, ...]  # one for each level, in the order in which they are computed; the main one last
    reconstruction: Tensor  # (B, 1, 28, 28), ink in [0, 1]; a linear output may overshoot
    losses: Losses

    @property
    def quantization(self) -> Quantization:
        """That of the main level."""
        return self.levels[-1]


class Level(NamedTuple):
    """A grid of codes and what fills it. Its encoder sees the digit, then the embeddings of the levels before it."""

    id: str  # the suffix of its stages: "" or "top"
    grid: Grid
    encoder: nn.Module
    quantizer: VectorQuantizer


class VQVAE(nn.Module):
    """Vector-quantized variational autoencoder (van den Oord et al. 2017, arXiv:1711.00937)."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.architecture = ARCHITECTURES[config.architecture]
        self.grid = Grid.of(config)
        self.encoder = self.architecture.encoder(config)
        self.quantizer = VectorQuantizer(config)
        self.decoder = self.architecture.decoder(config)

    @property
    def levels(self) -> tuple[Level, ...]:
        """In the order in which they are computed; the main one is the last."""
        return (Level(MAIN, self.grid, self.encoder, self.quantizer),)

    def forward(self, input: Tensor) -> Output:
        """Encode, quantize and decode digits (B, 1, 28, 28) with ink in [0, 1], and compute their losses."""
        quantization: Quantization = self.quantizer(self.encoder(input))
        reconstruction = self.decode(quantization.quantized)  # (B, 1, 28, 28)
        losses = self.losses(input, reconstruction, quantization.codebook_loss, quantization.commitment_loss)
        return Output((quantization,), reconstruction, losses)

    def decode(self, *quantized: Tensor) -> Tensor:
        """Decode the grid of vectors of each level, channels last (B, H, W, D), into digits (B, 1, 28, 28)."""
        reconstruction: Tensor = self.decoder(*(level.permute(0, 3, 1, 2) for level in quantized))
        return reconstruction

    def losses(self, input: Tensor, reconstruction: Tensor, codebook_loss: Tensor, commitment_loss: Tensor) -> Losses:
        """The terms of the loss of van den Oord et al. 2017, equation 3, of each picture.

        In "ema" mode, moving averages replace the codebook loss: it is reported but not minimized.
        """
        reconstruction_loss = (reconstruction - input).square().mean(dim=(1, 2, 3))  # (B,)
        total_loss = self.config.reconstruction_weight * reconstruction_loss  # (B,)
        total_loss = total_loss + self.config.beta * commitment_loss  # (B,)
        if self.config.codebook == "gradient":
            total_loss = total_loss + codebook_loss  # (B,)
        return Losses(reconstruction_loss, codebook_loss, commitment_loss, total_loss)
