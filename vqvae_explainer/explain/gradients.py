"""The backward pass for a drawing: the gradient of each loss at features, codes and the decoder input."""

import torch
from torch import Tensor
from torch.autograd import grad
from torch.func import functional_call

from ..model.quantizer import Quantization
from ..model.vqvae import VQVAE, Losses
from .backend import Gradients, LevelGradients
from .substitutions import decode_codes
from .trace import to_input


def gradients(model: VQVAE, drawings: list[bytes], straight_through: bool = True) -> list[Gradients]:
    """Run the backward pass of each drawing through quantizers and decoder; it ends at the features of each level.

    Args:
        model: in evaluation mode, on the CPU.
        drawings: each 784 bytes, row-major, 0 background, 255 ink.
        straight_through: if False, the decoder gets the selected embeddings without the straight-through estimator:
            the reconstruction loss then reaches the codebook, and its gradient at the features is zero.
    """
    return [_gradients(model, drawing, straight_through) for drawing in drawings]


def _gradients(model: VQVAE, drawing: bytes, straight_through: bool) -> Gradients:
    input = torch.from_numpy(to_input([drawing]))
    found: dict[str, Quantization] = {}
    vectors: list[Tensor] = []
    with torch.enable_grad():
        for level in model.levels:
            known = (grid.detach().permute(0, 3, 1, 2) for grid in vectors)
            encoded = level.encoder(input, *known).detach().requires_grad_()  # (1, D, H, W)
            embeddings = level.quantizer.embeddings.detach().clone().requires_grad_()  # (K, D)
            q: Quantization = functional_call(level.quantizer, {"embeddings": embeddings}, encoded)
            found[level.id] = q
            vectors.append(q.quantized if straight_through else decode_codes(q.quantized_vectors, q.features))
        code_losses = (sum(getattr(q, name) for q in found.values()) for name in ("codebook_loss", "commitment_loss"))
        terms = model.losses(input, model.decode(*vectors), *code_losses).mean()
        levels = {
            id: level_gradients(terms, q, quantized) for (id, q), quantized in zip(found.items(), vectors, strict=True)
        }
    return Gradients(levels, computed_by="pytorch")


def level_gradients(terms: Losses, q: Quantization, quantized: Tensor) -> LevelGradients:
    """The gradients at a level's tensors, of which the decoder gets `quantized` (1, H, W, D)."""
    losses = {name: getattr(terms, name) for name in ("reconstruction", "codebook", "commitment")}
    by_features = {name: derivative(loss, q.features).squeeze(0) for name, loss in losses.items()}
    by_embeddings = {name: derivative(loss, q.embeddings) for name, loss in losses.items()}
    return LevelGradients(
        quantized=derivative(terms.reconstruction, quantized).squeeze(0).contiguous().numpy(),
        features={name: gradient.contiguous().numpy() for name, gradient in by_features.items()},
        embeddings={name: gradient.numpy() for name, gradient in by_embeddings.items()},
    )


def derivative(loss: Tensor, by: Tensor) -> Tensor:
    (gradient,) = grad(loss, by, retain_graph=True, allow_unused=True)
    return torch.zeros_like(by) if gradient is None else gradient
