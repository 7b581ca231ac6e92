"""Encoder and decoder of the VQ-VAE paper (van den Oord et al. 2017, section 4.1).

Shapes: batch size B, C = hidden_channels, D = embedding_dim; two strides of 2 leave a 7×7 grid.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from ..config import Config
from .output import to_picture


class ResidualBlock(nn.Module):
    """x + conv1×1(relu(conv3×3(relu(x))))."""

    def __init__(self, channels: int, inner_channels: int) -> None:
        super().__init__()
        self.spread = nn.Conv2d(channels, inner_channels, kernel_size=3, padding=1)
        self.mix = nn.Conv2d(inner_channels, channels, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        """Map x (B, C, 7, 7) to the same shape."""
        change: Tensor = self.mix(F.relu(self.spread(F.relu(x))))  # (B, C, 7, 7)
        return x + change  # (B, C, 7, 7)


def residual_blocks(config: Config) -> nn.Sequential:
    blocks = (ResidualBlock(config.hidden_channels, config.residual_channels) for _ in range(config.residual_blocks))
    return nn.Sequential(*blocks)


class Encoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        channels = config.hidden_channels
        self.downsample1 = nn.Conv2d(1, channels // 2, kernel_size=4, stride=2, padding=1)
        self.downsample2 = nn.Conv2d(channels // 2, channels, kernel_size=4, stride=2, padding=1)
        self.residual = residual_blocks(config)
        self.project = nn.Conv2d(channels, config.embedding_dim, kernel_size=1)

    def forward(self, input: Tensor) -> Tensor:
        """Encode digits (B, 1, 28, 28) into features (B, D, 7, 7)."""
        x = F.relu(self.downsample1(input))  # (B, 1, 28, 28) → (B, C/2, 14, 14)
        x = self.downsample2(x)  # (B, C, 7, 7)
        x = F.relu(self.residual(x))  # (B, C, 7, 7)
        features: Tensor = self.project(x)  # (B, D, 7, 7)
        return features


class Decoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        channels = config.hidden_channels
        self.project = nn.Conv2d(config.embedding_dim, channels, kernel_size=1)
        self.residual = residual_blocks(config)
        self.upsample1 = nn.ConvTranspose2d(channels, channels // 2, kernel_size=4, stride=2, padding=1)
        self.upsample2 = nn.ConvTranspose2d(channels // 2, 1, kernel_size=4, stride=2, padding=1)
        self.output = config.output

    def forward(self, quantized: Tensor) -> Tensor:
        """Decode embeddings (B, D, 7, 7) into digits (B, 1, 28, 28)."""
        x = self.project(quantized)  # (B, D, 7, 7) → (B, C, 7, 7)
        x = F.relu(self.residual(x))  # (B, C, 7, 7)
        x = F.relu(self.upsample1(x))  # (B, C/2, 14, 14)
        reconstruction: Tensor = to_picture(self.upsample2(x), self.output)  # (B, 1, 28, 28)
        return reconstruction
