"""The whole model: encode, quantize, decode, and the loss that trains it."""

from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional as F

from .architectures import ARCHITECTURES
from .config import Config
from .quantizer import Quantization, VectorQuantizer


class Output(NamedTuple):
    quantization: Quantization
    reconstruction: Tensor  # (B, 1, 28, 28), ink in [0, 1]; a linear output may overshoot


class Losses(NamedTuple):
    """The terms of the VQ-VAE loss, each a scalar mean."""

    reconstruction: Tensor  # mean squared error of pixels, ink in [0, 1]; not yet weighted
    codebook: Tensor  # ‖sg[z_e] − e‖²
    commitment: Tensor  # ‖z_e − sg[e]‖², not yet weighted by β
    total: Tensor  # what is minimized


class VQVAE(nn.Module):
    """Vector-quantized variational autoencoder (van den Oord et al. 2017, arXiv:1711.00937)."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.architecture = ARCHITECTURES[config.architecture]
        self.grid = self.architecture.grid(config)
        self.encoder = self.architecture.encoder(config)
        self.quantizer = VectorQuantizer(config)
        self.decoder = self.architecture.decoder(config)

    def forward(self, input: Tensor) -> Output:
        """Encode, quantize and decode digits (B, 1, 28, 28) with ink in [0, 1]."""
        quantization: Quantization = self.quantizer(self.encoder(input))
        return Output(quantization, self.decode(quantization.quantized))

    def decode(self, quantized: Tensor) -> Tensor:
        """Decode a grid of vectors, channels last (B, H, W, D), into digits (B, 1, 28, 28)."""
        reconstruction: Tensor = self.decoder(quantized.permute(0, 3, 1, 2))
        return reconstruction

    def losses(self, input: Tensor, output: Output) -> Losses:
        """The terms of the loss of van den Oord et al. 2017, equation 3.

        In "ema" mode, moving averages replace the codebook loss: it is reported but not minimized.
        """
        reconstruction_loss = F.mse_loss(output.reconstruction, input)  # scalar
        codebook_loss = output.quantization.codebook_loss  # scalar
        commitment_loss = output.quantization.commitment_loss  # scalar
        total_loss = self.config.reconstruction_weight * reconstruction_loss  # scalar
        total_loss = total_loss + self.config.beta * commitment_loss  # scalar
        if self.config.codebook == "gradient":
            total_loss = total_loss + codebook_loss  # scalar
        return Losses(reconstruction_loss, codebook_loss, commitment_loss, total_loss)
