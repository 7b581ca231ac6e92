"""Encoder and decoder of the article "Minimal VQ-VAE in PyTorch", for pictures in [−1, 1].

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
        self.downsample1 = nn.Conv2d(1, channels, kernel_size=4, stride=2, padding=1)
        self.downsample2 = nn.Conv2d(channels, channels, kernel_size=4, stride=2, padding=1)
        self.project = nn.Conv2d(channels, config.embedding_dim, kernel_size=3, padding=1)

    def forward(self, input: Tensor) -> Tensor:
        """Encode digits (B, 1, 28, 28) into features (B, D, 7, 7)."""
        x = 2 * input - 1  # (B, 1, 28, 28), from [0, 1] to [−1, 1]
        x = F.relu(self.downsample1(x))  # (B, C, 14, 14)
        x = F.relu(self.downsample2(x))  # (B, C, 7, 7)
        features: Tensor = self.project(x)  # (B, D, 7, 7)
        return features


class Decoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        channels = config.hidden_channels
        self.project = nn.ConvTranspose2d(config.embedding_dim, channels, kernel_size=3, padding=1)
        self.upsample1 = nn.ConvTranspose2d(channels, channels, kernel_size=4, stride=2, padding=1)
        self.upsample2 = nn.ConvTranspose2d(channels, 1, kernel_size=4, stride=2, padding=1)
        self.output = config.output

    def forward(self, quantized: Tensor) -> Tensor:
        """Decode embeddings (B, D, 7, 7) into digits (B, 1, 28, 28)."""
        x = F.relu(self.project(quantized))  # (B, D, 7, 7) → (B, C, 7, 7)
        x = F.relu(self.upsample1(x))  # (B, C, 14, 14)
        reconstruction: Tensor = to_picture(self.upsample2(x), self.output)  # (B, 1, 28, 28)
        return reconstruction
