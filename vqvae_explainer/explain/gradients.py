"""The backward pass for a drawing: the gradient of each loss at features, codes and the decoder input."""

import torch
from torch import Tensor
from torch.autograd import grad
from torch.func import functional_call

from ..model.quantizer import Quantization
from ..model.vqvae import VQVAE
from .backend import Gradients
from .substitutions import decode_codes
from .trace import to_input


def gradients(model: VQVAE, drawings: list[bytes], straight_through: bool = True) -> list[Gradients]:
    """Run the backward pass of each drawing through quantizer and decoder.

    Args:
        model: in evaluation mode, on the CPU.
        drawings: each 784 bytes, row-major, 0 background, 255 ink.
        straight_through: if False, the decoder gets the selected embeddings without the straight-through estimator:
            the reconstruction loss then reaches the codebook, and its gradient at the features is zero.
    """
    return [_gradients(model, drawing, straight_through) for drawing in drawings]


def _gradients(model: VQVAE, drawing: bytes, straight_through: bool) -> Gradients:
    input = torch.from_numpy(to_input([drawing]))
    with torch.enable_grad():
        encoded = model.encoder(input).detach().requires_grad_()  # (1, D, H, W)
        embeddings = model.quantizer.embeddings.detach().clone().requires_grad_()  # (K, D)
        q: Quantization = functional_call(model.quantizer, {"embeddings": embeddings}, encoded)
        quantized = q.quantized if straight_through else decode_codes(q.quantized_vectors, q.features)
        terms = model.losses(input, model.decode(quantized), q.codebook_loss, q.commitment_loss).mean()
        losses = {name: getattr(terms, name) for name in ("reconstruction", "codebook", "commitment")}
        by_features = {name: derivative(loss, q.features).squeeze(0) for name, loss in losses.items()}
        by_embeddings = {name: derivative(loss, embeddings) for name, loss in losses.items()}
        by_quantized = derivative(losses["reconstruction"], quantized).squeeze(0)
    return Gradients(
        quantized=by_quantized.contiguous().numpy(),
        features={name: gradient.contiguous().numpy() for name, gradient in by_features.items()},
        embeddings={name: gradient.numpy() for name, gradient in by_embeddings.items()},
        computed_by="pytorch",
    )


def derivative(loss: Tensor, by: Tensor) -> Tensor:
    (gradient,) = grad(loss, by, retain_graph=True, allow_unused=True)
    return torch.zeros_like(by) if gradient is None else gradient
