"""How good a model is: closeness of its pictures, use of its codes, and how well features snap to them."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from ..model.card import Figures
from ..model.config import IMAGE_SIZE
from ..model.vqvae import VQVAE

EVALUATION_BATCH = 500


def perplexity(counts: Tensor) -> float:
    """exp of the entropy of the distribution that counts (K,) describe; 1 if one code does all, K if all are even."""
    shares = counts.double() / counts.sum()
    return math.exp(torch.special.entr(shares).sum().item())


@torch.no_grad()
def evaluate(model: VQVAE, digits: Tensor) -> Figures:
    """Measure a model on digits (N, 1, 28, 28) of bytes."""
    device = next(model.parameters()).device
    config = model.config
    was_training = model.training
    model.eval()
    squared_error = distance_sum = margin_sum = nearby_change = all_change = 0.0
    cells = 0
    counts = torch.zeros(config.num_embeddings, dtype=torch.int64)
    moments = Moments.zero(config.embedding_dim)
    generator = torch.Generator().manual_seed(0)
    for batch in torch.split(digits, EVALUATION_BATCH):
        input = batch.to(device).float() / 255
        output = model(input)
        quantization = output.quantization
        squared_error += (output.reconstruction - input).square().double().sum().item()
        two_nearest = quantization.distances.clamp(min=0).topk(2, largest=False).values.double()
        distance_sum += two_nearest[:, 0].sum().item()
        margin_sum += (two_nearest[:, 0] / two_nearest[:, 1].clamp(min=1e-12)).sum().item()
        cells += len(two_nearest)
        counts += quantization.indices.flatten().bincount(minlength=config.num_embeddings).cpu()
        moments = moments.add(quantization.feature_vectors)
        nearby, everywhere = change_by_one_code(model, quantization.indices, generator)
        nearby_change += nearby
        all_change += everywhere
    model.train(was_training)
    bits = cells / len(digits) * math.log2(config.num_embeddings)
    return Figures(
        test_mse=squared_error / digits.numel(),
        codes_used=int((counts > 0).sum()),
        perplexity=perplexity(counts),
        bits_per_image=bits,
        compression_ratio=IMAGE_SIZE**2 * 8 / bits,
        quantization_error=distance_sum / cells / max(moments.variance(), 1e-12),
        margin=margin_sum / cells,
        locality=nearby_change / max(all_change, 1e-12),
        code_usage=(counts / counts.sum()).tolist(),
    )


class Moments(NamedTuple):
    """Running number, sum (D,) and sum of squares (D,) of vectors, in double precision."""

    number: int
    total: Tensor
    squares: Tensor

    @classmethod
    def zero(cls, dim: int) -> "Moments":
        """Of no vectors yet."""
        return cls(0, torch.zeros(dim, dtype=torch.float64), torch.zeros(dim, dtype=torch.float64))

    def add(self, vectors: Tensor) -> "Moments":
        """With vectors (N, D) counted in."""
        values = vectors.double().cpu()
        return Moments(self.number + len(values), self.total + values.sum(0), self.squares + values.square().sum(0))

    def variance(self) -> float:
        """Mean squared distance of the vectors to their mean."""
        mean = self.total / self.number
        return (self.squares / self.number - mean.square()).sum().item()


@torch.no_grad()
def change_by_one_code(model: VQVAE, indices: Tensor, generator: torch.Generator) -> tuple[float, float]:
    """How much one code changes in the picture: one random inner cell of each grid gets one random other code.

    Args:
        model: decodes the grids.
        indices: (B, H, W).
        generator: on the CPU; draws cells and codes.

    Returns:
        The squared change of pixels in the cell's patch and the patches around it, and in the whole picture.
    """
    batch, height, width = indices.shape
    size = model.config.num_embeddings
    rows, columns = inner_cells(height, batch, generator), inner_cells(width, batch, generator)
    steps = torch.randint(1, size, (batch,), generator=generator).to(indices.device)
    digits = torch.arange(batch)
    changed = indices.clone()
    changed[digits, rows, columns] = (changed[digits, rows, columns] + steps) % size
    embeddings = model.quantizer.embeddings
    change = (model.decode(embeddings[changed]) - model.decode(embeddings[indices])).square().squeeze(1).cpu()
    window = near(rows, height)[:, :, None] & near(columns, width)[:, None, :]  # (B, 28, 28)
    return (change * window).double().sum().item(), change.double().sum().item()


def inner_cells(cells_across: int, number: int, generator: torch.Generator) -> Tensor:
    """Random cells (number,) whose neighbours on both sides are in the picture too, where a grid has such cells."""
    rim = 1 if cells_across > 2 else 0
    return torch.randint(rim, cells_across - rim, (number,), generator=generator)


def near(cells: Tensor, cells_across: int) -> Tensor:
    """Mark the pixels within one patch of the patches `cells` (B,): (B, 28) of booleans."""
    patch = IMAGE_SIZE // cells_across
    pixels = torch.arange(IMAGE_SIZE)
    start = cells[:, None] * patch
    return (pixels >= start - patch) & (pixels < start + 2 * patch)
