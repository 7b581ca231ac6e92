"""A drawing → a trace: what each stage of the model computed for it."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from ..model.config import IMAGE_SIZE
from ..model.vqvae import VQVAE

PIXELS = IMAGE_SIZE * IMAGE_SIZE

Floats = NDArray[np.float32]


class Trace(NamedTuple):
    """One drawing's way through the model. Arrays are C-contiguous; names and shapes are those of the stages."""

    features: Floats  # (H, W, D)
    distances: Floats  # (H·W, K), squared
    indices: NDArray[np.int64]  # (H, W)
    quantized: Floats  # (H, W, D)
    reconstruction: Floats  # (28, 28), in [0, 1]
    losses: dict[str, float]  # reconstruction, codebook, commitment (not weighted by β)


@torch.inference_mode()
def trace(model: VQVAE, drawings: list[bytes]) -> list[Trace]:
    """Run drawings through the model together.

    Args:
        model: in evaluation mode, on the CPU.
        drawings: each 784 bytes, row-major, 0 background, 255 ink.

    Raises:
        ValueError: a drawing is of another size.
    """
    if any(len(drawing) != PIXELS for drawing in drawings):
        raise ValueError(f"a drawing must be {PIXELS} bytes, got {[len(drawing) for drawing in drawings]}")
    batch = len(drawings)
    bytes_in = torch.frombuffer(bytearray(b"".join(drawings)), dtype=torch.uint8)
    input = bytes_in.reshape(batch, 1, IMAGE_SIZE, IMAGE_SIZE).float() / 255
    output = model(input)
    q = output.quantization
    quantized = q.quantized_vectors.reshape(
        q.features.shape
    )  # (B, H, W, D), before the straight-through step's rounding
    # The model's losses are means over a batch; here each drawing has its own.
    reconstruction_losses = F.mse_loss(output.reconstruction, input, reduction="none").mean(dim=(1, 2, 3)).tolist()
    quantization_losses = F.mse_loss(quantized, q.features, reduction="none").mean(dim=(1, 2, 3)).tolist()
    features, quantized_values = q.features.contiguous().numpy(), quantized.numpy()
    distances = q.distances.reshape(batch, -1, model.config.num_embeddings).numpy()
    indices, reconstruction = q.indices.numpy(), output.reconstruction.squeeze(1).contiguous().numpy()
    return [
        Trace(
            features=features[i],
            distances=distances[i],
            indices=indices[i],
            quantized=quantized_values[i],
            reconstruction=reconstruction[i],
            losses={
                "reconstruction": reconstruction_losses[i],
                "codebook": quantization_losses[i],
                "commitment": quantization_losses[i],
            },
        )
        for i in range(batch)
    ]
