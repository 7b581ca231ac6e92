"""A gated PixelCNN as prior, as in the VQ-VAE paper: the same task as `prior.py`, with convolutions.

Van den Oord et al. 2016, "Conditional image generation with PixelCNN decoders", arXiv:1606.05328, sections 2.1 to 2.3.
Two stacks of layers avoid a blind spot: the vertical one sees the rows above, the horizontal one the codes to the left.
Masks are not needed: inputs are shifted by one row or column, and kernels reach only up and left.

Shapes: batch size B, an H×W grid, T = H·W cells, K codes, C channels.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .prior_config import CLASSES, PriorConfig


class PixelCNN(nn.Module):
    def __init__(self, config: PriorConfig) -> None:
        super().__init__()
        self.config = config
        channels, size = config.channels, config.num_embeddings
        self.codes = nn.Embedding(size, channels)
        self.layers = nn.ModuleList(GatedLayer(channels) for _ in range(config.layers))
        self.hidden = nn.Conv2d(channels, 2 * channels, kernel_size=1)
        self.logits = nn.Conv2d(2 * channels, size, kernel_size=1)

    def forward(self, codes: Tensor, labels: Tensor) -> Tensor:
        """Predict all codes of grids at once; the prediction for a cell depends only on the cells before it.

        Args:
            codes: (B, T), in scan order.
            labels: (B,), the classes; 10 if not given.

        Returns:
            (B, T, K) logits.
        """
        grids = codes.view(-1, self.config.height, self.config.width)  # (B, H, W)
        x = self.codes(grids).permute(0, 3, 1, 2)  # (B, C, H, W)
        vertical = F.pad(x, (0, 0, 1, 0))[:, :, :-1]  # (B, C, H, W): at each cell, the code above
        horizontal = F.pad(x, (1, 0))[:, :, :, :-1]  # (B, C, H, W): at each cell, the code to the left
        for layer in self.layers:
            vertical, horizontal = layer(vertical, horizontal, labels)  # (B, C, H, W) each
        hidden = F.relu(self.hidden(F.relu(horizontal)))  # (B, 2C, H, W)
        logits: Tensor = self.logits(hidden).flatten(2).transpose(1, 2)  # (B, T, K)
        return logits


class GatedLayer(nn.Module):
    """One layer of both stacks (figure 2 of the paper); the class is a bias, different for each layer (equation 4)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.down = nn.Conv2d(channels, 2 * channels, kernel_size=(2, 3))
        self.right = nn.Conv2d(channels, 2 * channels, kernel_size=(1, 2))
        self.link = nn.Conv2d(2 * channels, 2 * channels, kernel_size=1)
        self.mix = nn.Conv2d(channels, channels, kernel_size=1)
        self.vertical_classes = nn.Embedding(CLASSES + 1, 2 * channels)  # the last one: class not given
        self.horizontal_classes = nn.Embedding(CLASSES + 1, 2 * channels)

    def forward(self, vertical: Tensor, horizontal: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Map both stacks (B, C, H, W) to the same shape."""
        down = self.down(F.pad(vertical, (1, 1, 1, 0)))  # (B, 2C, H, W)
        right = self.right(F.pad(horizontal, (1, 0))) + self.link(down)  # (B, 2C, H, W)
        gated = gate(down + self.vertical_classes(labels)[:, :, None, None])  # (B, C, H, W)
        change = self.mix(gate(right + self.horizontal_classes(labels)[:, :, None, None]))  # (B, C, H, W)
        return gated, horizontal + change


def gate(x: Tensor) -> Tensor:
    """tanh(a) · σ(b) of the two halves of the channels (B, 2C, H, W): equation 2 of the paper."""
    a, b = x.chunk(2, dim=1)  # (B, C, H, W) each
    return torch.tanh(a) * torch.sigmoid(b)
