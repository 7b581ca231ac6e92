"""Which pixels a cell of the grid reads, and which it writes.

In theory the residual blocks let every cell see nearly the whole picture. In practice almost all influence is close by;
what is measured here is the smallest box around a cell that holds a given share of it.
"""

import numpy as np
import torch
from torch import Tensor

from ..model.config import IMAGE_SIZE
from ..model.grid import Grid
from ..model.vqvae import VQVAE
from .backend import Backend, Floats, Indices

SHARE = 0.95
PROBES = 4  # random pictures, and random directions of features, that the influence is averaged over

Box = tuple[int, int, int, int]  # top, left, bottom, right, in pixels; bottom and right exclusive


def receptive_fields(model: VQVAE, backend: Backend) -> tuple[list[list[Box]], list[list[Box]]]:
    """The boxes that the cells (H, W) read in the input, and write in the reconstruction.

    `backend` is the model again, in a form without derivatives. Influence is the mean squared derivative: of
    random projections of the cell's features by pixels, and of the change that another code in the cell makes to
    pixels. Probes are blurred noise, seeded.
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
        read = read_influence(model, input, row, generator)
        written = written_influence(backend, indices.numpy(), row)
        reads.append([smallest_box(influence, row, j, grid) for j, influence in enumerate(read)])
        writes.append([smallest_box(influence, row, j, grid) for j, influence in enumerate(written)])
    return reads, writes


def read_influence(model: VQVAE, input: Tensor, row: int, generator: torch.Generator) -> Floats:
    """Squared derivatives (W, 28, 28) of random projections of each cell of a row by the input (P, 1, 28, 28)."""
    width = model.grid.width
    columns = torch.arange(width).repeat_interleave(len(input))  # a copy of the pictures for each column
    with torch.enable_grad():
        copies = input.repeat(width, 1, 1, 1).requires_grad_()  # (W·P, 1, 28, 28)
        features = model.encoder(copies)[torch.arange(len(copies)), :, row, columns]  # (W·P, D)
        projection = (features * torch.randn(features.shape, generator=generator)).sum()
        (gradient,) = torch.autograd.grad(projection, copies)
    influence: Floats = gradient.square().reshape(width, -1, IMAGE_SIZE, IMAGE_SIZE).sum(dim=1).numpy()
    return influence


def written_influence(parts: Backend, indices: Indices, row: int) -> Floats:
    """Squared changes (W, 28, 28) of pictures when each cell of a row of indices (P, H, W) gets each of a few codes."""
    embeddings = parts.embeddings
    size, width = len(embeddings), indices.shape[2]
    influence = np.zeros((width, IMAGE_SIZE, IMAGE_SIZE), np.float32)
    before = parts.decode(embeddings[indices])  # (P, 1, 28, 28)
    for step in range(1, PROBES + 1):
        changed = np.repeat(indices[None], width, axis=0)  # (W, P, H, W)
        for column in range(width):
            changed[column, :, row, column] = (changed[column, :, row, column] + step * size // (PROBES + 1)) % size
        cells = changed.reshape(-1, *indices.shape[1:])
        pictures = parts.decode(embeddings[cells]).reshape(width, *before.shape)  # (W, P, 1, 28, 28)
        influence += np.square(pictures - before).sum(axis=(1, 2))
    return influence


def smallest_box(influence: Floats, row: int, column: int, grid: Grid) -> Box:
    """The cell's own patch, grown by a pixel on every side until it holds SHARE of the influence (28, 28)."""
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
