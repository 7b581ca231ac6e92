"""Fully connected encoder and decoder of the article "Vector Quantized Variational AutoEncoders" (JAX).

Shapes: batch size B, C = hidden_channels, D = embedding_dim; one code per digit, a 1×1 grid.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from ..config import IMAGE_SIZE, Config
from .output import to_picture

PIXELS = IMAGE_SIZE * IMAGE_SIZE


def linear(inputs: int, outputs: int) -> nn.Linear:
    """A layer that starts as the article's do: Glorot's uniform weights, and biases of zero."""
    layer = nn.Linear(inputs, outputs)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


class Encoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        channels = config.hidden_channels
        self.layer1 = linear(PIXELS, channels)
        self.layer2 = linear(channels, channels // 2)
        self.project = linear(channels // 2, config.embedding_dim)

    def forward(self, input: Tensor) -> Tensor:
        """Encode digits (B, 1, 28, 28) into features (B, D, 1, 1)."""
        x = F.relu(self.layer1(input.flatten(start_dim=1)))  # (B, 784) → (B, C)
        x = F.relu(self.layer2(x))  # (B, C/2)
        features: Tensor = self.project(x)[:, :, None, None]  # (B, D, 1, 1)
        return features


class Decoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.project = linear(config.embedding_dim, config.hidden_channels)
        self.layer1 = linear(config.hidden_channels, PIXELS)
        self.output = config.output

    def forward(self, quantized: Tensor) -> Tensor:
        """Decode embeddings (B, D, 1, 1) into digits (B, 1, 28, 28)."""
        x = F.relu(self.project(quantized.flatten(start_dim=1)))  # (B, D) → (B, C)
        x = self.layer1(x).reshape(-1, 1, IMAGE_SIZE, IMAGE_SIZE)  # (B, 784) → (B, 1, 28, 28)
        reconstruction: Tensor = to_picture(x, self.output)  # (B, 1, 28, 28)
        return reconstruction
