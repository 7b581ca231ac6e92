"""Effective receptive fields: which pixels a cell of the grid depends on, and which pixels it affects.

In theory, the residual blocks let every cell depend on nearly the whole picture. In practice, almost all influence is
local: this module computes the smallest box around a cell that contains a given share of it (Luo et al. 2016,
arXiv:1701.04128).
"""

import numpy as np
import torch
from torch import Tensor

from ..model.config import IMAGE_SIZE
from ..model.grid import Grid
from ..model.vqvae import VQVAE
from .backend import Backend, Floats, Indices

SHARE = 0.95
PROBES = 4  # random pictures, and random directions in feature space, to average over

Box = tuple[int, int, int, int]  # top, left, bottom, right, in pixels; bottom and right exclusive


def receptive_fields(model: VQVAE, backend: Backend) -> tuple[list[list[Box]], list[list[Box]]]:
    """For each cell (H, W), the box of pixels that its features depend on, and the box of pixels that its code affects.

    Influence on features is the mean squared gradient of random projections of the features with respect to the
    pixels. Influence of a code is the mean squared change of the pixels when the code changes. Both are averaged over
    seeded random pictures.

    Args:
        model: for the gradients.
        backend: the same model, for decoding.
    """
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(PROBES, 1, IMAGE_SIZE, IMAGE_SIZE, generator=generator)
    blurred = torch.nn.functional.avg_pool2d(noise, 5, stride=1, padding=2, count_include_pad=False)
    input = (blurred > 0.5).float()  # blobs of ink
    with torch.no_grad():
        indices = model.quantizer(model.encoder(input)).indices  # (P, H, W)
    grid = model.grid
    reads, writes = [], []
    for row in range(grid.height):
        read = input_influence(model, input, row, generator)
        written = output_influence(backend, indices.numpy(), row)
        reads.append([smallest_box(influence, row, j, grid) for j, influence in enumerate(read)])
        writes.append([smallest_box(influence, row, j, grid) for j, influence in enumerate(written)])
    return reads, writes


def input_influence(model: VQVAE, input: Tensor, row: int, generator: torch.Generator) -> Floats:
    """Squared gradients (W, 28, 28) of random projections of each cell of a row, for inputs (P, 1, 28, 28)."""
    width = model.grid.width
    columns = torch.arange(width).repeat_interleave(len(input))  # one copy of the pictures per column
    with torch.enable_grad():
        copies = input.repeat(width, 1, 1, 1).requires_grad_()  # (W·P, 1, 28, 28)
        features = model.encoder(copies)[torch.arange(len(copies)), :, row, columns]  # (W·P, D)
        projection = (features * torch.randn(features.shape, generator=generator)).sum()
        (gradient,) = torch.autograd.grad(projection, copies)
    influence: Floats = gradient.square().reshape(width, -1, IMAGE_SIZE, IMAGE_SIZE).sum(dim=1).numpy()
    return influence


def output_influence(backend: Backend, indices: Indices, row: int) -> Floats:
    """Squared changes (W, 28, 28) of the pictures when each cell of a row of indices (P, H, W) gets other codes."""
    embeddings = backend.embeddings
    size, width = len(embeddings), indices.shape[2]
    influence = np.zeros((width, IMAGE_SIZE, IMAGE_SIZE), np.float32)
    before = backend.decode(embeddings[indices])  # (P, 1, 28, 28)
    for step in range(1, PROBES + 1):
        changed = np.repeat(indices[None], width, axis=0)  # (W, P, H, W)
        for column in range(width):
            changed[column, :, row, column] = (changed[column, :, row, column] + step * size // (PROBES + 1)) % size
        cells = changed.reshape(-1, *indices.shape[1:])
        pictures = backend.decode(embeddings[cells]).reshape(width, *before.shape)  # (W, P, 1, 28, 28)
        influence += np.square(pictures - before).sum(axis=(1, 2))
    return influence


def smallest_box(influence: Floats, row: int, column: int, grid: Grid) -> Box:
    """The cell's patch, grown by one pixel on every side until it contains SHARE of the influence (28, 28)."""
    patch_height, patch_width = grid.patch
    top, left = row * patch_height, column * patch_width
    total = influence.sum()
    for grow in range(IMAGE_SIZE):
        box = (
            max(top - grow, 0),
            max(left - grow, 0),
            min(top + patch_height + grow, IMAGE_SIZE),
            min(left + patch_width + grow, IMAGE_SIZE),
        )
        if influence[box[0] : box[2], box[1] : box[3]].sum() >= SHARE * total:
            return box
    return box
