"""Both priors predict each code from the class and the codes before it, and from nothing else."""

import pytest
import torch
from torch import Tensor

from vqvae_explainer.model.neighbors import NEIGHBORS, neighbor_cells
from vqvae_explainer.model.pixelcnn import PixelCNN
from vqvae_explainer.model.prior import Prior
from vqvae_explainer.model.prior_config import PRIOR_PRESETS, PriorConfig
from vqvae_explainer.training.prior.networks import Network, make_network

GRIDS = ((7, 7, 20), (3, 4, 64), (1, 5, 2), (5, 1, 6))


def network(architecture: str, grid: tuple[int, int, int], **changes: object) -> Network:
    height, width, size = grid
    settings = PRIOR_PRESETS[architecture] | {"channels": 16, "layers": 4} | changes
    config = PriorConfig(model="tiny", model_sha256="", height=height, width=width, num_embeddings=size, **settings)
    torch.manual_seed(1)
    return make_network(config).eval().requires_grad_(False)


def random_codes(prior: Network, number: int = 2) -> Tensor:
    grid = prior.config.grid
    return torch.randint(grid.num_embeddings, (number, grid.cells), generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("architecture", PRIOR_PRESETS)
def test_a_cell_depends_on_the_cells_before_it_alone(architecture: str, grid: tuple[int, int, int]) -> None:
    prior = network(architecture, grid)
    codes, labels = random_codes(prior), torch.tensor([3, 10])
    logits = prior(codes, labels)
    assert logits.shape == (2, grid[0] * grid[1], grid[2])
    for cell in range(codes.shape[1]):
        changed = codes.clone()
        changed[:, cell] = (changed[:, cell] + 1) % grid[2]
        change = (prior(changed, labels) - logits).abs().amax(dim=(0, 2))
        assert change[: cell + 1].max() < 1e-5, cell
        if cell + 1 < codes.shape[1] and (cell + 1) % grid[1]:  # the cell to the right
            assert change[cell + 1] > 1e-4, cell


@pytest.mark.parametrize("architecture", PRIOR_PRESETS)
def test_every_cell_depends_on_the_class(architecture: str) -> None:
    prior = network(architecture, (7, 7, 20))
    codes = random_codes(prior, 1)
    change = (prior(codes, torch.tensor([3])) - prior(codes, torch.tensor([10]))).abs().amax(dim=2)
    assert change.min() > 1e-5


def test_the_transformer_sees_the_whole_grid() -> None:
    prior = network("transformer", (7, 7, 20))
    codes = random_codes(prior, 1)
    changed = codes.clone()
    changed[:, 0] = (changed[:, 0] + 1) % 20
    labels = torch.tensor([0])
    assert (prior(changed, labels) - prior(codes, labels))[0, -1].abs().max() > 1e-6


def test_neighbors_come_before_their_cell() -> None:
    height, width = 4, 5
    cells = neighbor_cells(height, width)
    assert len(NEIGHBORS) == len(cells) == 12
    for (down, right), row_of_cells in zip(NEIGHBORS, cells, strict=True):
        for cell, neighbor in enumerate(row_of_cells):
            row, column = cell // width + down, cell % width + right
            inside = row >= 0 and 0 <= column < width
            assert neighbor == (row * width + column if inside else height * width)
            assert not inside or neighbor < cell


def test_sizes_of_the_presets() -> None:
    grid = {"model": "residual-20", "model_sha256": "", "height": 7, "width": 7, "num_embeddings": 20}
    sizes = {
        kind: sum(parameter.numel() for parameter in kind(PriorConfig(**grid, **PRIOR_PRESETS[name])).parameters())
        for name, kind in (("transformer", Prior), ("pixelcnn", PixelCNN))
    }
    assert sizes == {Prior: 170_388, PixelCNN: 312_596}
