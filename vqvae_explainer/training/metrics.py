"""Evaluation: reconstruction error, code usage, quantization error, locality, out-of-distribution detection."""

import math
from base64 import b64encode
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from ..model.card import Hierarchy, LevelMetrics, Metrics
from ..model.config import IMAGE_SIZE
from ..model.grid import Grid
from ..model.quantizer import Quantization
from ..model.vqvae import VQVAE, Level, Output
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
    was_training = model.training
    model.eval()
    nearby_change = all_change = 0.0
    errors, partial_errors = [], []
    levels = [CodeStatistics(level, model.config.embedding_dim) for level in model.levels]
    generator = torch.Generator().manual_seed(0)
    for batch in torch.split(digits, EVALUATION_BATCH):
        input = batch.to(device).float() / 255
        output = model(input)
        errors.append(picture_errors(output.reconstruction, input))
        for statistics, quantization in zip(levels, output.levels, strict=True):
            statistics.add(quantization, input)
        nearby, everywhere = change_by_one_code(model, [level.indices for level in output.levels], generator)
        nearby_change += nearby
        all_change += everywhere
        if len(levels) > 1:
            partial_errors.append(errors_without_a_level(model, output, input))
    others = []
    for batch in torch.split(out_of_distribution(), EVALUATION_BATCH):
        input = batch.to(device).float() / 255
        others.append(picture_errors(model(input).reconstruction, input))
    model.train(was_training)
    digit_errors = torch.cat(errors)
    bits = sum(level.grid.bits for level in model.levels)
    *rest, main = (statistics.metrics() for statistics in levels)
    return Metrics(
        test_mse=digit_errors.mean().item(),
        **main.model_dump(),
        bits_per_image=bits,
        compression_ratio=IMAGE_SIZE**2 * 8 / bits,
        locality=nearby_change / max(all_change, 1e-12),
        parameters=number_of_parameters(model),
        auroc=auroc(digit_errors, torch.cat(others)),
        error_percentiles=digit_errors.quantile(torch.linspace(0, 1, 101, dtype=torch.float64)).tolist(),
        levels=dict(zip((level.id for level in model.levels), rest, strict=False)),  # the main one is the last
        hierarchy=hierarchy_of(torch.cat(partial_errors, dim=1)) if partial_errors else None,
    )


class CodeStatistics:
    """How the codes of a level are used, and how close its features are to them."""

    def __init__(self, level: Level, embedding_dim: int) -> None:
        self._grid = level.grid
        self._distance_sum = self._margin_sum = 0.0
        size = level.grid.num_embeddings
        self.counts = torch.zeros(size, *level.grid.shape, dtype=torch.int64)  # pictures with code k in cell (i, j)
        self._inked_counts = torch.zeros(size, dtype=torch.int64)
        self._moments = Moments.zero(embedding_dim)

    def add(self, quantization: Quantization, input: Tensor) -> None:
        """Add the codes of pictures (B, 1, 28, 28)."""
        two_nearest = quantization.distances.clamp(min=0).topk(2, largest=False).values.double()
        self._distance_sum += two_nearest[:, 0].sum().item()
        self._margin_sum += (two_nearest[:, 0] / two_nearest[:, 1].clamp(min=1e-12)).sum().item()
        size = self._grid.num_embeddings
        cells = torch.arange(self._grid.cells, device=quantization.indices.device)
        places = quantization.indices.flatten(1) * len(cells) + cells  # (B, H·W): the code, then the cell
        self.counts += places.flatten().bincount(minlength=self.counts.numel()).view_as(self.counts).cpu()
        self._inked_counts += quantization.indices[inked(input, self._grid)].bincount(minlength=size).cpu()
        self._moments = self._moments.add(quantization.feature_vectors)

    def metrics(self) -> LevelMetrics:
        counts, inked_counts, cells = self.counts.sum(dim=(1, 2)), self._inked_counts, self._moments.number
        return LevelMetrics(
            codes_used=int((counts > 0).sum()),
            perplexity=perplexity(counts),
            quantization_error=self._distance_sum / cells / max(self._moments.variance(), 1e-12),
            margin=self._margin_sum / cells,
            code_usage=(counts / counts.sum()).tolist(),
            code_usage_inked=(inked_counts / inked_counts.sum().clamp(min=1)).tolist(),
            code_usage_by_cell=b64encode(self.counts.numpy().astype("<u2").tobytes()).decode("ascii"),
        )


def errors_without_a_level(model: VQVAE, output: Output, input: Tensor) -> Tensor:
    """Errors (3, B) of pictures decoded from the top alone, from the bottom alone, and with another digit's top."""
    top, bottom = (level.quantized for level in output.levels)
    pairs = ((top, torch.zeros_like(bottom)), (torch.zeros_like(top), bottom), (top.roll(1, dims=0), bottom))
    return torch.stack([picture_errors(model.decode(*pair), input) for pair in pairs])


def hierarchy_of(errors: Tensor) -> Hierarchy:
    top_alone, bottom_alone, top_shuffled = errors.mean(dim=1).tolist()
    return Hierarchy(top_alone_mse=top_alone, bottom_alone_mse=bottom_alone, top_shuffled_mse=top_shuffled)


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
    """Parameters of encoders, decoder and codebooks; codebooks count in every mode."""
    networks = [model.decoder, *(level.encoder for level in model.levels)]
    numbers = sum(parameter.numel() for network in networks for parameter in network.parameters())
    return numbers + sum(level.quantizer.embeddings.numel() for level in model.levels)


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
def change_by_one_code(model: VQVAE, levels: list[Tensor], generator: torch.Generator) -> tuple[float, float]:
    """Change the code of a random inner cell of each main grid to a random other code and decode.

    Args:
        model: decodes the grids.
        levels: indices (B, H, W) of each level.
        generator: on the CPU; samples cells and codes.

    Returns:
        The squared change of the pixels in the cell's patch and the patches around it, and in the whole picture.
    """
    indices = levels[-1]
    batch, (height, width), size = len(indices), model.grid.shape, model.grid.num_embeddings
    patch_height, patch_width = model.grid.patch
    rows, columns = inner_cells(height, batch, generator), inner_cells(width, batch, generator)
    steps = torch.randint(1, size, (batch,), generator=generator).to(indices.device)
    digits = torch.arange(batch)
    changed = indices.clone()
    changed[digits, rows, columns] = (changed[digits, rows, columns] + steps) % size
    embeddings = model.quantizer.embeddings
    others = [level.quantizer.embeddings[codes] for level, codes in zip(model.levels, levels, strict=True)][:-1]
    before, after = (model.decode(*others, embeddings[grid]) for grid in (indices, changed))
    change = (after - before).square().squeeze(1).cpu()
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
