"""Encoders and decoders to choose from. `residual.py` is the default's and the one to read first.

All share one contract: an encoder takes digits (B, 1, 28, 28) with ink in [0, 1] and returns features (B, D, H, W); a
decoder takes embeddings (B, D, H, W) and returns digits (B, 1, 28, 28).
"""

from typing import NamedTuple

from torch import nn

from . import minimal, mlp, residual, strided


class Architecture(NamedTuple):
    """The two networks; each is made from a `Config`."""

    encoder: type[nn.Module]
    decoder: type[nn.Module]


ARCHITECTURES = {
    "residual": Architecture(residual.Encoder, residual.Decoder),
    "strided": Architecture(strided.Encoder, strided.Decoder),
    "minimal": Architecture(minimal.Encoder, minimal.Decoder),
    "mlp": Architecture(mlp.Encoder, mlp.Decoder),
}
