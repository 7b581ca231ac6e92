"""Evaluation: reconstruction error, code usage, quantization error, locality, out-of-distribution detection."""

import math
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from ..model.card import Metrics
from ..model.config import IMAGE_SIZE
from ..model.grid import Grid
from ..model.vqvae import VQVAE
from .callbacks import device_of
from .out_of_distribution import non_digits

EVALUATION_BATCH = 500
NON_DIGITS = 1000  # number of drawings for out-of-distribution detection


def perplexity(counts: Tensor) -> float:
    """exp of the entropy of counts (K,): 1 if all cells choose one code, K if all codes are used equally."""
    shares = counts.double() / counts.sum()
    return math.exp(torch.special.entr(shares).sum().item())


@torch.no_grad()
def evaluate(model: VQVAE, digits: Tensor) -> Metrics:
    """Evaluate a model on digits (N, 1, 28, 28) of bytes."""
    device = device_of(model)
    config = model.config
    was_training = model.training
    model.eval()
    distance_sum = margin_sum = nearby_change = all_change = 0.0
    cells = 0
    counts, inked_counts = torch.zeros(2, config.num_embeddings, dtype=torch.int64)
    errors = []
    moments = Moments.zero(config.embedding_dim)
    generator = torch.Generator().manual_seed(0)
    for batch in torch.split(digits, EVALUATION_BATCH):
        input = batch.to(device).float() / 255
        output = model(input)
        quantization = output.quantization
        errors.append(picture_errors(output.reconstruction, input))
        two_nearest = quantization.distances.clamp(min=0).topk(2, largest=False).values.double()
        distance_sum += two_nearest[:, 0].sum().item()
        margin_sum += (two_nearest[:, 0] / two_nearest[:, 1].clamp(min=1e-12)).sum().item()
        cells += len(two_nearest)
        counts += quantization.indices.flatten().bincount(minlength=config.num_embeddings).cpu()
        inked_indices = quantization.indices[inked(input, model.grid)]
        inked_counts += inked_indices.bincount(minlength=config.num_embeddings).cpu()
        moments = moments.add(quantization.feature_vectors)
        nearby, everywhere = change_by_one_code(model, quantization.indices, generator)
        nearby_change += nearby
        all_change += everywhere
    others = []
    for batch in torch.split(out_of_distribution(), EVALUATION_BATCH):
        input = batch.to(device).float() / 255
        others.append(picture_errors(model(input).reconstruction, input))
    model.train(was_training)
    digit_errors = torch.cat(errors)
    return Metrics(
        test_mse=digit_errors.mean().item(),
        codes_used=int((counts > 0).sum()),
        perplexity=perplexity(counts),
        bits_per_image=model.grid.bits,
        compression_ratio=IMAGE_SIZE**2 * 8 / model.grid.bits,
        quantization_error=distance_sum / cells / max(moments.variance(), 1e-12),
        margin=margin_sum / cells,
        locality=nearby_change / max(all_change, 1e-12),
        parameters=number_of_parameters(model),
        auroc=auroc(digit_errors, torch.cat(others)),
        code_usage=(counts / counts.sum()).tolist(),
        code_usage_inked=(inked_counts / inked_counts.sum().clamp(min=1)).tolist(),
        error_percentiles=digit_errors.quantile(torch.linspace(0, 1, 101, dtype=torch.float64)).tolist(),
    )


@lru_cache(maxsize=1)
def out_of_distribution() -> Tensor:
    """The drawings used for AUROC: (1000, 1, 28, 28) bytes. They are the same for every model."""
    return non_digits(NON_DIGITS, seed=0)


def picture_errors(reconstructions: Tensor, input: Tensor) -> Tensor:
    """Mean squared error (B,) of each picture (B, 1, 28, 28), clamped to [0, 1] as it is shown; double, on the CPU."""
    return (reconstructions.clamp(0, 1) - input).square().double().mean(dim=(1, 2, 3)).cpu()


def inked(input: Tensor, grid: Grid) -> Tensor:
    """Which cells' patches of the pictures (B, 1, 28, 28) contain ink: (B, H, W) of booleans."""
    return F.max_pool2d(input, grid.patch).squeeze(1) > 0


def number_of_parameters(model: VQVAE) -> int:
    """Parameters of encoder, decoder and codebook; the codebook counts in every mode."""
    networks = sum(parameter.numel() for part in (model.encoder, model.decoder) for parameter in part.parameters())
    return networks + model.quantizer.embeddings.numel()


def auroc(negatives: Tensor, positives: Tensor) -> float:
    """Area under the ROC curve: the probability that a positive score (P,) is greater than a negative one (N,).

    Computed from ranks, ties counting half: U / (N·P) (Mann and Whitney 1947; Fawcett 2006, section 7).
    """
    ordered = negatives.sort().values
    below, up_to = (torch.searchsorted(ordered, positives, right=right).double() for right in (False, True))
    return ((below + up_to) / 2).mean().item() / len(ordered)


class Moments(NamedTuple):
    """Count, sum (D,) and sum of squares (D,) of vectors, in double precision."""

    number: int
    total: Tensor
    squares: Tensor

    @classmethod
    def zero(cls, dim: int) -> "Moments":
        return cls(0, torch.zeros(dim, dtype=torch.float64), torch.zeros(dim, dtype=torch.float64))

    def add(self, vectors: Tensor) -> "Moments":
        values = vectors.double().cpu()
        return Moments(self.number + len(values), self.total + values.sum(0), self.squares + values.square().sum(0))

    def variance(self) -> float:
        """Mean squared distance of the vectors to their mean."""
        mean = self.total / self.number
        return (self.squares / self.number - mean.square()).sum().item()


@torch.no_grad()
def change_by_one_code(model: VQVAE, indices: Tensor, generator: torch.Generator) -> tuple[float, float]:
    """Change the code of a random inner cell of each grid to a random other code and decode.

    Args:
        model: decodes the grids.
        indices: (B, H, W).
        generator: on the CPU; samples cells and codes.

    Returns:
        The squared change of the pixels in the cell's patch and the patches around it, and in the whole picture.
    """
    batch, (height, width), size = len(indices), model.grid.shape, model.grid.num_embeddings
    patch_height, patch_width = model.grid.patch
    rows, columns = inner_cells(height, batch, generator), inner_cells(width, batch, generator)
    steps = torch.randint(1, size, (batch,), generator=generator).to(indices.device)
    digits = torch.arange(batch)
    changed = indices.clone()
    changed[digits, rows, columns] = (changed[digits, rows, columns] + steps) % size
    embeddings = model.quantizer.embeddings
    change = (model.decode(embeddings[changed]) - model.decode(embeddings[indices])).square().squeeze(1).cpu()
    window = near(rows, patch_height)[:, :, None] & near(columns, patch_width)[:, None, :]  # (B, 28, 28)
    return (change * window).double().sum().item(), change.double().sum().item()


def inner_cells(cells_across: int, number: int, generator: torch.Generator) -> Tensor:
    """Random cells (number,) along one axis; not those at the border, if the grid has others."""
    rim = 1 if cells_across > 2 else 0
    return torch.randint(rim, cells_across - rim, (number,), generator=generator)


def near(cells: Tensor, patch: int) -> Tensor:
    """Mark the pixels (B, 28) of cells (B,) along one axis and of their neighbors; a cell is `patch` pixels long."""
    pixels = torch.arange(IMAGE_SIZE)
    start = cells[:, None] * patch
    return (pixels >= start - patch) & (pixels < start + 2 * patch)
