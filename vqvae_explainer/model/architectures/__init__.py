"""The encoders and decoders. Read `residual.py`, the default, first.

All have the same interface: an encoder maps digits (B, 1, 28, 28) with ink in [0, 1] to features (B, D, H, W); a
decoder maps embeddings (B, D, H, W) to digits (B, 1, 28, 28).
"""

from typing import NamedTuple

from torch import nn

from ..config import Config
from ..grid import Grid
from . import minimal, mlp, residual, strided


class Architecture(NamedTuple):
    """Encoder and decoder, each made from a `Config`, and what the rest of the package needs to know about them."""

    encoder: type[nn.Module]
    decoder: type[nn.Module]
    grid_shape: tuple[int, int]  # H and W of the features
    convolutional: bool  # whether each cell sees its own part of the picture

    def grid(self, config: Config) -> Grid:
        return Grid(*self.grid_shape, config.num_embeddings)


ARCHITECTURES = {
    "residual": Architecture(residual.Encoder, residual.Decoder, grid_shape=(7, 7), convolutional=True),
    "strided": Architecture(strided.Encoder, strided.Decoder, grid_shape=(7, 7), convolutional=True),
    "minimal": Architecture(minimal.Encoder, minimal.Decoder, grid_shape=(7, 7), convolutional=True),
    "mlp": Architecture(mlp.Encoder, mlp.Decoder, grid_shape=(1, 1), convolutional=False),
}
