"""Encoder and decoder of the Keras example that VQ-VAE Explainer trained (Bertucci and Chau 2024, section IV).

Shapes: batch size B, C = hidden_channels, D = embedding_dim; two strides of 2 leave a 7×7 grid.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from ..config import Config
from .output import to_picture


class Encoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        channels = config.hidden_channels
        self.downsample1 = nn.Conv2d(1, channels // 2, kernel_size=3, stride=2, padding=1)
        self.downsample2 = nn.Conv2d(channels // 2, channels, kernel_size=3, stride=2, padding=1)
        self.project = nn.Conv2d(channels, config.embedding_dim, kernel_size=1)

    def forward(self, input: Tensor) -> Tensor:
        """Encode digits (B, 1, 28, 28) into features (B, D, 7, 7)."""
        x = F.relu(self.downsample1(input))  # (B, 1, 28, 28) → (B, C/2, 14, 14)
        x = F.relu(self.downsample2(x))  # (B, C, 7, 7)
        features: Tensor = self.project(x)  # (B, D, 7, 7)
        return features


class Decoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        channels, dim = config.hidden_channels, config.embedding_dim
        self.upsample1 = nn.ConvTranspose2d(dim, channels, kernel_size=3, stride=2, padding=1, output_padding=1)
        self.upsample2 = nn.ConvTranspose2d(
            channels, channels // 2, kernel_size=3, stride=2, padding=1, output_padding=1
        )
        self.project = nn.ConvTranspose2d(channels // 2, 1, kernel_size=3, padding=1)
        self.output = config.output

    def forward(self, quantized: Tensor) -> Tensor:
        """Decode embeddings (B, D, 7, 7) into digits (B, 1, 28, 28)."""
        x = F.relu(self.upsample1(quantized))  # (B, D, 7, 7) → (B, C, 14, 14)
        x = F.relu(self.upsample2(x))  # (B, C/2, 28, 28)
        reconstruction: Tensor = to_picture(self.project(x), self.output)  # (B, 1, 28, 28)
        return reconstruction
