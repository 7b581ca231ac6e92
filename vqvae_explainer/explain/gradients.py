"""A real backward pass on a drawing: which loss moves what."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.autograd import grad
from torch.func import functional_call
from torch.nn import functional as F

from ..model.quantizer import Quantization
from ..model.vqvae import VQVAE
from .backend import Floats
from .trace import to_input


class Gradients(NamedTuple):
    """Derivatives of the loss terms, the commitment loss not weighted by β."""

    quantized: Floats  # (H, W, D), of the reconstruction loss
    features: dict[str, Floats]  # loss → (H, W, D)
    embeddings: dict[str, Floats]  # loss → (K, D)


def gradients(model: VQVAE, drawings: list[bytes], straight_through: bool = True) -> list[Gradients]:
    """Run each drawing forwards and backwards through the model's own quantizer and decoder.

    Args:
        model: in evaluation mode, on the CPU.
        drawings: each 784 bytes, row-major, 0 background, 255 ink.
        straight_through: False leaves the straight-through step out: the decoder then gets the selected embeddings
            themselves, so the reconstruction loss reaches the codebook, and argmin lets nothing through to the encoder.
    """
    return [_gradients(model, drawing, straight_through) for drawing in drawings]


def _gradients(model: VQVAE, drawing: bytes, straight_through: bool) -> Gradients:
    input = torch.from_numpy(to_input([drawing]))
    with torch.enable_grad():
        encoded = model.encoder(input).detach().requires_grad_()  # (1, D, H, W)
        embeddings = model.quantizer.embeddings.detach().clone().requires_grad_()  # (K, D)
        q: Quantization = functional_call(model.quantizer, {"embeddings": embeddings}, encoded)
        quantized = q.quantized if straight_through else q.quantized_vectors.reshape(q.features.shape)
        losses = {
            "reconstruction": F.mse_loss(model.decode(quantized), input),
            "codebook": q.codebook_loss,
            "commitment": q.commitment_loss,
        }
        by_features = {name: derivative(loss, q.features).squeeze(0) for name, loss in losses.items()}
        by_embeddings = {name: derivative(loss, embeddings) for name, loss in losses.items()}
        by_quantized = derivative(losses["reconstruction"], quantized).squeeze(0)
    return Gradients(
        quantized=by_quantized.contiguous().numpy(),
        features={name: gradient.contiguous().numpy() for name, gradient in by_features.items()},
        embeddings={name: gradient.numpy() for name, gradient in by_embeddings.items()},
    )


def derivative(loss: Tensor, by: Tensor) -> Tensor:
    """Of a loss by a tensor; zeros where no path leads from one to the other."""
    (gradient,) = grad(loss, by, retain_graph=True, allow_unused=True)
    return torch.zeros_like(by) if gradient is None else gradient
