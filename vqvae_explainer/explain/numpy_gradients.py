"""The backward pass without PyTorch: what `gradients` leaves to autograd, written out in NumPy.

A layer maps its input x to its output y, and to the function that maps a loss's gradient by y to that by x.

Shapes: batch size B, an H×W grid, D channels, K embeddings.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..model.config import Config
from .backend import Backend, Floats, Gradients, Indices, LevelGradients, Quantized
from .trace import to_input

Backward = Callable[[Floats], Floats]
Layer = Callable[[Floats], tuple[Floats, Backward]]


def numpy_gradients(
    config: Config,
    tensors: Mapping[str, Floats],
    backend: Backend,
    drawings: list[bytes],
    straight_through: bool = True,
) -> list[Gradients]:
    """Run the backward pass of each drawing through quantizers and decoder.

    Args:
        config: of the model.
        tensors: those of its weights file, by name.
        backend: runs encoders and quantizers.
        drawings: each 784 bytes, row-major, 0 background, 255 ink.
        straight_through: as for `gradients`.

    Raises:
        NotImplementedError: the architecture is not in `DECODERS`.
    """
    branches, trunk = decoder(config, tensors)
    input = to_input(drawings)  # (B, 1, 28, 28)
    found: list[Quantized] = []
    vectors: list[Floats] = []  # (B, H, W, D) of each level
    for level in backend.codebooks:
        q = backend.quantize(backend.encode(input, *vectors), level)
        found.append(q)
        vectors.append(q.quantized_vectors.reshape(q.features.shape))
    branched = [branch(grid.transpose(0, 3, 1, 2)) for branch, grid in zip(branches, vectors, strict=True)]
    joined = np.concatenate([y for y, _ in branched], axis=1)
    reconstruction, backward = trunk(joined)  # not clipped to [0, 1]

    # Losses are means of n squares for each drawing: the derivative of (a − b)² / n by a is 2 (a − b) / n.
    by_reconstruction = 2 / input[0].size * (reconstruction - input.reshape(reconstruction.shape))
    by_joined = np.split(backward(by_reconstruction), len(branches), axis=1)
    by_quantized = [back(by_y).transpose(0, 2, 3, 1) for (_, back), by_y in zip(branched, by_joined, strict=True)]
    levels = [level_gradients(*level, straight_through) for level in zip(found, by_quantized, strict=True)]
    return [
        Gradients(dict(zip(backend.codebooks, drawing, strict=True)), computed_by="numpy")
        for drawing in zip(*levels, strict=True)
    ]


def level_gradients(q: Quantized, by_quantized: Floats, straight_through: bool) -> list[LevelGradients]:
    """The gradients of each drawing at a level's tensors, given that of what the decoder gets of it (B, H, W, D)."""
    by_quantized = np.ascontiguousarray(by_quantized)
    quantized = q.quantized_vectors.reshape(q.features.shape)  # (B, H, W, D)
    by_features = 2 / q.features[0].size * (q.features - quantized)  # (B, H, W, D), of the commitment loss
    zeros = np.zeros_like(by_quantized)
    at_features = {"reconstruction": by_quantized, "codebook": zeros, "commitment": by_features}
    at_vectors = {"reconstruction": zeros, "codebook": -by_features, "commitment": zeros}
    if not straight_through:  # the decoder's input is then made of embeddings alone
        at_features["reconstruction"], at_vectors["reconstruction"] = zeros, by_quantized
    size = q.distances.shape[1]
    return [
        LevelGradients(
            quantized=by_quantized[i],
            features={loss: gradient[i] for loss, gradient in at_features.items()},
            embeddings={loss: sum_by_code(gradient[i], q.indices[i], size) for loss, gradient in at_vectors.items()},
        )
        for i in range(len(by_quantized))
    ]


def sum_by_code(gradient: Floats, indices: Indices, size: int) -> Floats:
    """Sum a gradient (H, W, D) over the cells of each code: (K, D)."""
    sums = np.zeros((size, gradient.shape[-1]), gradient.dtype)
    np.add.at(sums, indices, gradient)
    return sums


class Layers:
    """Makes the layers of a decoder from its weights and biases, which are found by name."""

    def __init__(self, tensors: Mapping[str, Floats]) -> None:
        self._tensors = tensors

    def _parameters(self, name: str) -> tuple[Floats, Floats]:
        return self._tensors[f"decoder.{name}.weight"], self._tensors[f"decoder.{name}.bias"]

    def linear(self, name: str) -> Layer:
        weight, bias = self._parameters(name)
        return lambda x: (x.reshape(len(x), -1) @ weight.T + bias, lambda by_y: (by_y @ weight).reshape(x.shape))

    def conv(self, name: str) -> Layer:
        weight, bias = self._parameters(name)
        return lambda x: (gather(x, weight) + bias[:, None, None], lambda by_y: scatter(by_y, weight))

    def conv_transpose(self, name: str, stride: int = 1, output_padding: int = 0) -> Layer:
        weight, bias = self._parameters(name)
        return lambda x: (
            scatter(x, weight, stride, output_padding) + bias[:, None, None],
            lambda by_y: gather(by_y, weight, stride),
        )

    def residual_block(self, name: str) -> Layer:
        change = chain([relu, self.conv(f"{name}.spread"), relu, self.conv(f"{name}.mix")])

        def block(x: Floats) -> tuple[Floats, Backward]:
            y, backward = change(x)
            return x + y, lambda by_y: by_y + backward(by_y)

        return block


def chain(layers: list[Layer]) -> Layer:
    def chained(x: Floats) -> tuple[Floats, Backward]:
        steps: list[Backward] = []
        for layer in layers:
            x, backward = layer(x)
            steps.insert(0, backward)
        return x, lambda by_y: reduce(lambda gradient, step: step(gradient), steps, by_y)

    return chained


# Kernels are padded so that a stride of s divides height and width by s, or multiplies them; with an odd kernel, a
# stride of 2 maps 2·H − 1 to H too, and back if there is no output padding.
def gather(x: Floats, weight: Floats, stride: int = 1) -> Floats:
    """Convolve (B, C, s·H, s·W) with weights (O, C, k, k): (B, O, H, W). The backward pass of `scatter`."""
    kernel, padding = weight.shape[-1], (weight.shape[-1] - 1) // 2
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, (kernel, kernel), axis=(2, 3))[:, :, ::stride, ::stride]
    return np.tensordot(windows, weight, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)


def scatter(x: Floats, weight: Floats, stride: int = 1, output_padding: int = 0) -> Floats:
    """Convolve (B, O, H, W), transposed, with weights (O, C, k, k): (B, C, s·H, s·W). The backward pass of `gather`."""
    kernel, padding = weight.shape[-1], (weight.shape[-1] - 1) // 2
    height, width = (stride * (cells - 1) + 1 for cells in x.shape[2:])  # from the first cell's to the last cell's
    patches = np.tensordot(x, weight, axes=(1, 0)).transpose(4, 5, 0, 3, 1, 2)  # (k, k, B, C, H, W)
    more = kernel - 1 + output_padding
    padded = np.zeros((len(x), weight.shape[1], height + more, width + more), x.dtype)
    for i, j in np.ndindex(kernel, kernel):
        padded[:, :, i : i + height : stride, j : j + width : stride] += patches[i, j]
    return padded[:, :, padding : padded.shape[2] - padding, padding : padded.shape[3] - padding]


def relu(x: Floats) -> tuple[Floats, Backward]:
    return np.maximum(x, 0), lambda by_y: by_y * (x > 0)


def sigmoid(x: Floats) -> tuple[Floats, Backward]:
    y, rest = np.exp(-np.logaddexp(0, [-x, x]))  # 1 / (1 + exp(−x)) without overflow, and 1 − y without cancellation
    return y, lambda by_y: by_y * y * rest


def tanh(x: Floats) -> tuple[Floats, Backward]:
    y, backward = sigmoid(2 * x)  # = (tanh(x) + 1) / 2
    return y, lambda by_y: 2 * backward(by_y)


def linear(x: Floats) -> tuple[Floats, Backward]:
    return x, lambda by_y: by_y


class Decoder(NamedTuple):
    branches: list[Layer]  # of each level, from its embeddings (B, D, H, W)
    trunk: Layer  # gets the channels of all branches


def residual(layers: Layers, config: Config) -> Decoder:
    return sequential(
        layers.conv("project"),
        *(layers.residual_block(f"residual.{n}") for n in range(config.residual_blocks)),
        relu,
        layers.conv_transpose("upsample1", stride=2),
        relu,
        layers.conv_transpose("upsample2", stride=2),
    )


def strided(layers: Layers, _: Config) -> Decoder:
    return sequential(
        layers.conv_transpose("upsample1", stride=2, output_padding=1),
        relu,
        layers.conv_transpose("upsample2", stride=2, output_padding=1),
        relu,
        layers.conv_transpose("project"),
    )


def minimal(layers: Layers, _: Config) -> Decoder:
    return sequential(
        layers.conv_transpose("project"),
        relu,
        layers.conv_transpose("upsample1", stride=2),
        relu,
        layers.conv_transpose("upsample2", stride=2),
    )


def mlp(layers: Layers, _: Config) -> Decoder:
    return sequential(layers.linear("project"), relu, layers.linear("layer1"))


def hierarchical(layers: Layers, config: Config) -> Decoder:
    coarse = chain([layers.conv_transpose("upsample_top", stride=2), relu])
    fine = chain([layers.conv("project"), relu])
    trunk = [layers.conv("mix"), *(layers.residual_block(f"residual.{n}") for n in range(config.residual_blocks))]
    for n in range(1 if config.bottom_size == 14 else 2):
        trunk += [relu, layers.conv_transpose(f"upsample.{n}", stride=2)]
    return Decoder([coarse, fine], chain(trunk))


def sequential(*layers: Layer) -> Decoder:
    """The decoder of a model with one level."""
    return Decoder([layers[0]], chain(list(layers[1:])))


DECODERS = {"residual": residual, "strided": strided, "minimal": minimal, "mlp": mlp, "hierarchical": hierarchical}
OUTPUTS = {"sigmoid": sigmoid, "tanh": tanh, "linear": linear}


def decoder(config: Config, tensors: Mapping[str, Floats]) -> Decoder:
    """The decoder, whose trunk ends in digits (B, 1, 28, 28)."""
    if config.architecture not in DECODERS:
        known = ", ".join(sorted(DECODERS))
        raise NotImplementedError(f"numpy_gradients has no decoder of architecture {config.architecture}, only {known}")
    branches, trunk = DECODERS[config.architecture](Layers(tensors), config)
    return Decoder(branches, chain([trunk, OUTPUTS[config.output]]))
