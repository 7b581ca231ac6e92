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
from ..model.vqvae import VQVAE, Level
from .backend import Backend, Floats, Indices

SHARE = 0.95
PROBES = 4  # random pictures, and random directions in feature space, to average over

Box = tuple[int, int, int, int]  # top, left, bottom, right, in pixels; bottom and right exclusive


Boxes = list[list[Box]]  # of each cell (H, W)


def receptive_fields(model: VQVAE, backend: Backend) -> dict[str, tuple[Boxes, Boxes]]:
    """For each cell of a level, the box of pixels that its features depend on, and the one that its code affects.

    Influence on features is the mean squared gradient of random projections of the features with respect to the
    pixels, those of a later level given the codes before it. Influence of a code is the mean squared change of the
    pixels when the code changes. Both are averaged over seeded random pictures.

    Args:
        model: for the gradients.
        backend: the same model, for decoding.

    Returns:
        The two boxes of the cells of each level, by its id.
    """
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(PROBES, 1, IMAGE_SIZE, IMAGE_SIZE, generator=generator)
    blurred = torch.nn.functional.avg_pool2d(noise, 5, stride=1, padding=2, count_include_pad=False)
    input = (blurred > 0.5).float()  # blobs of ink
    with torch.no_grad():
        quantized = model(input).levels
    codes = {level.id: q.indices.numpy() for level, q in zip(model.levels, quantized, strict=True)}  # (P, H, W)
    found = {}
    for n, level in enumerate(model.levels):
        known = [q.quantized.permute(0, 3, 1, 2) for q in quantized[:n]]
        reads, writes = [], []
        for row in range(level.grid.height):
            read = input_influence(level, input, known, row, generator)
            written = output_influence(backend, codes, level.id, row)
            reads.append([smallest_box(influence, row, j, level.grid) for j, influence in enumerate(read)])
            writes.append([smallest_box(influence, row, j, level.grid) for j, influence in enumerate(written)])
        found[level.id] = reads, writes
    return found


def input_influence(level: Level, input: Tensor, known: list[Tensor], row: int, generator: torch.Generator) -> Floats:
    """Squared gradients (W, 28, 28) of random projections of each cell of a row, for inputs (P, 1, 28, 28).

    Args:
        level: whose cells they are.
        input: the pictures.
        known: the embeddings (P, D, H, W) of the levels before it.
        row: of its grid.
        generator: of the projections.
    """
    width = level.grid.width
    columns = torch.arange(width).repeat_interleave(len(input))  # one copy of the pictures per column
    with torch.enable_grad():
        copies = input.repeat(width, 1, 1, 1).requires_grad_()  # (W·P, 1, 28, 28)
        encoded = level.encoder(copies, *(embeddings.repeat(width, 1, 1, 1) for embeddings in known))
        features = encoded[torch.arange(len(copies)), :, row, columns]  # (W·P, D)
        projection = (features * torch.randn(features.shape, generator=generator)).sum()
        (gradient,) = torch.autograd.grad(projection, copies)
    influence: Floats = gradient.square().reshape(width, -1, IMAGE_SIZE, IMAGE_SIZE).sum(dim=1).numpy()
    return influence


def output_influence(backend: Backend, codes: dict[str, Indices], level: str, row: int) -> Floats:
    """Squared changes (W, 28, 28) of the pictures when each cell of a row of a level gets other codes.

    Args:
        backend: decodes.
        codes: the codes (P, H, W) of each level.
        level: whose codes change.
        row: of its grid.
    """
    vectors = {id: backend.codebooks[id][indices] for id, indices in codes.items()}
    embeddings, indices = backend.codebooks[level], codes[level]
    size, width = len(embeddings), indices.shape[2]
    influence = np.zeros((width, IMAGE_SIZE, IMAGE_SIZE), np.float32)
    before = backend.decode(*vectors.values())  # (P, 1, 28, 28)
    repeated = {id: np.tile(grids, (width, 1, 1, 1)) for id, grids in vectors.items()}  # (W·P, H, W, D)
    for step in range(1, PROBES + 1):
        changed = np.repeat(indices[None], width, axis=0)  # (W, P, H, W)
        for column in range(width):
            changed[column, :, row, column] = (changed[column, :, row, column] + step * size // (PROBES + 1)) % size
        cells = changed.reshape(-1, *indices.shape[1:])
        pictures = backend.decode(*(repeated | {level: embeddings[cells]}).values())  # (W·P, 1, 28, 28)
        influence += np.square(pictures.reshape(width, *before.shape) - before).sum(axis=(1, 2))
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
