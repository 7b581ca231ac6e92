"""The variants of the forward pass: what runs in `trace` instead of the model's statements."""

from typing import Literal

from .backend import Floats

# "bypass" decodes the features without quantizing them. "wrong-reshape" makes the rows without moving channels last, a
# bug found in published code.
Variant = Literal["normal", "bypass", "wrong-reshape"]


def decode_features(features: Floats) -> Floats:
    quantized = features  # (B, H, W, D)
    return quantized


def reshape_only(features: Floats) -> Floats:
    batch, dim, height, width = features.shape
    features = features.reshape(batch, height, width, dim)  # same numbers, same order
    return features


def reshape_back(quantized: Floats) -> Floats:
    batch, height, width, dim = quantized.shape
    quantized = quantized.reshape(batch, dim, height, width).transpose(0, 2, 3, 1)
    return quantized
