"""Encoders and decoder of VQ-VAE-2 (Razavi et al. 2019, arXiv:1906.00446, section 3.1), at the size of MNIST.

Two grids share the work: the top one, half as long, sees the whole digit; the bottom one sees the digit and the decoded
top, and adds what is missing. One decoder reads both.

Shapes: batch size B, C = hidden_channels, D = embedding_dim; the bottom grid is S×S with S = bottom_size, the top grid
T×T with T = ⌈S/2⌉: 4×4 over 7×7, or 7×7 over 14×14.
"""

from torch import Tensor, cat, nn
from torch.nn import functional as F

from ..config import Config
from .output import to_picture
from .residual import residual_blocks


def initialize(network: nn.Module) -> None:
    """Start with He's normal weights (2015, arXiv:1502.01852): with PyTorch's own, the digits collapsed to black."""
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


class Downsample(nn.Module):
    """From a digit to the bottom grid, in one stride of 2 or two."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        channels, half = config.hidden_channels, config.hidden_channels // 2
        strides = [(1, channels)] if config.bottom_size == 14 else [(1, half), (half, channels)]
        self.layers = nn.ModuleList(nn.Conv2d(i, o, kernel_size=4, stride=2, padding=1) for i, o in strides)

    def forward(self, input: Tensor) -> Tensor:
        """Map digits (B, 1, 28, 28) to (B, C, S, S)."""
        x = input
        for layer in self.layers:
            x = F.relu(layer(x))  # half as high and wide
        return x


class TopEncoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        channels = config.hidden_channels
        self.downsample = Downsample(config)
        self.downsample_top = nn.Conv2d(channels, channels, kernel_size=3, stride=2, padding=1)
        self.residual = residual_blocks(config)
        self.project = nn.Conv2d(channels, config.embedding_dim, kernel_size=1)
        initialize(self)

    def forward(self, input: Tensor) -> Tensor:
        """Encode digits (B, 1, 28, 28) into features (B, D, T, T)."""
        x = self.downsample(input)  # (B, 1, 28, 28) → (B, C, S, S)
        x = self.downsample_top(x)  # (B, C, T, T)
        x = F.relu(self.residual(x))  # (B, C, T, T)
        features: Tensor = self.project(x)  # (B, D, T, T)
        return features


class BottomEncoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        channels = config.hidden_channels
        self.downsample = Downsample(config)
        self.upsample_top = top_upsampling(config)
        self.mix = nn.Conv2d(2 * channels, channels, kernel_size=1)
        self.residual = residual_blocks(config)
        self.project = nn.Conv2d(channels, config.embedding_dim, kernel_size=1)
        initialize(self)

    def forward(self, input: Tensor, top: Tensor) -> Tensor:
        """Encode digits (B, 1, 28, 28), of which the top's embeddings (B, D, T, T) are known, into (B, D, S, S)."""
        seen = self.downsample(input)  # (B, 1, 28, 28) → (B, C, S, S)
        known = F.relu(self.upsample_top(top))  # (B, D, T, T) → (B, C, S, S)
        x = self.mix(cat((seen, known), dim=1))  # (B, 2C, S, S) → (B, C, S, S)
        x = F.relu(self.residual(x))  # (B, C, S, S)
        features: Tensor = self.project(x)  # (B, D, S, S)
        return features


class Decoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        channels = config.hidden_channels
        self.upsample_top = top_upsampling(config)
        self.project = nn.Conv2d(config.embedding_dim, channels, kernel_size=1)
        self.mix = nn.Conv2d(2 * channels, channels, kernel_size=3, padding=1)
        self.residual = residual_blocks(config)
        half = channels // 2
        strides = [(channels, 1)] if config.bottom_size == 14 else [(channels, half), (half, 1)]
        self.upsample = nn.ModuleList(nn.ConvTranspose2d(i, o, kernel_size=4, stride=2, padding=1) for i, o in strides)
        self.output = config.output
        initialize(self)

    def forward(self, top: Tensor, bottom: Tensor) -> Tensor:
        """Decode embeddings (B, D, T, T) and (B, D, S, S) into digits (B, 1, 28, 28)."""
        coarse = F.relu(self.upsample_top(top))  # (B, D, T, T) → (B, C, S, S)
        fine = F.relu(self.project(bottom))  # (B, D, S, S) → (B, C, S, S)
        x = self.mix(cat((coarse, fine), dim=1))  # (B, 2C, S, S) → (B, C, S, S)
        x = self.residual(x)  # (B, C, S, S)
        for layer in self.upsample:
            x = layer(F.relu(x))  # twice as high and wide
        reconstruction: Tensor = to_picture(x, self.output)  # (B, 1, 28, 28)
        return reconstruction


def top_upsampling(config: Config) -> nn.ConvTranspose2d:
    """From the top's grid to the bottom's: 4×4 to 7×7, or 7×7 to 14×14."""
    even = 1 - config.bottom_size % 2
    return nn.ConvTranspose2d(config.embedding_dim, config.hidden_channels, kernel_size=3 + even, stride=2, padding=1)
