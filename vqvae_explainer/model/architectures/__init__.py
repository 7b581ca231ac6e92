"""The encoders and decoders. Read `residual.py`, the default, first.

All have the same interface: an encoder maps digits (B, 1, 28, 28) with ink in [0, 1] to features (B, D, H, W); a
decoder maps embeddings (B, D, H, W) to digits (B, 1, 28, 28).
"""

from typing import NamedTuple

from torch import nn

from . import hierarchical, minimal, mlp, residual, strided


class Architecture(NamedTuple):
    """Encoder and decoder, each made from a `Config`, and what the rest of the package needs to know about them."""

    encoder: type[nn.Module]
    decoder: type[nn.Module]
    convolutional: bool  # whether each cell sees its own part of the picture


ARCHITECTURES = {
    "residual": Architecture(residual.Encoder, residual.Decoder, convolutional=True),
    "strided": Architecture(strided.Encoder, strided.Decoder, convolutional=True),
    "minimal": Architecture(minimal.Encoder, minimal.Decoder, convolutional=True),
    "mlp": Architecture(mlp.Encoder, mlp.Decoder, convolutional=False),
    "hierarchical": Architecture(hierarchical.BottomEncoder, hierarchical.Decoder, convolutional=True),
}
