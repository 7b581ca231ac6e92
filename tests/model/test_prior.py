"""Both priors predict each code from the class and the codes before it, and from nothing else."""

import pytest
import torch
from torch import Tensor

from vqvae_explainer.model.grid import Grid
from vqvae_explainer.model.pixelcnn import PixelCNN
from vqvae_explainer.model.prior import Prior
from vqvae_explainer.model.prior_config import PRIOR_PRESETS, PriorConfig
from vqvae_explainer.model.prior_layout import AROUND, OVER, layout_of
from vqvae_explainer.training.prior.networks import Network, make_network

GRIDS = ((7, 7, 20), (3, 4, 64), (1, 5, 2), (5, 1, 6))
TWO_LEVELS: dict[str, object] = {"coarse": {"top": (2, 3)}}


def network(architecture: str, grid: tuple[int, int, int], **changes: object) -> Network:
    height, width, size = grid
    settings = PRIOR_PRESETS[architecture] | {"channels": 16, "layers": 4} | changes
    config = PriorConfig(model="tiny", model_sha256="", height=height, width=width, num_embeddings=size, **settings)
    torch.manual_seed(1)
    return make_network(config).eval().requires_grad_(False)


def random_codes(prior: Network, number: int = 2) -> Tensor:
    config = prior.config
    return torch.randint(config.num_embeddings, (number, config.cells), generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize(
    ("architecture", "grid", "changes"),
    [
        *((architecture, grid, {}) for architecture in PRIOR_PRESETS for grid in GRIDS),
        ("transformer", GRIDS[1], TWO_LEVELS),
    ],
)
def test_a_cell_depends_on_the_cells_before_it_alone(
    architecture: str, grid: tuple[int, int, int], changes: dict[str, object]
) -> None:
    prior = network(architecture, grid, **changes)
    codes, labels = random_codes(prior), torch.tensor([3, 10])
    logits = prior(codes, labels)
    assert logits.shape == (2, prior.config.cells, grid[2])
    for cell in range(codes.shape[1]):
        changed = codes.clone()
        changed[:, cell] = (changed[:, cell] + 1) % grid[2]
        change = (prior(changed, labels) - logits).abs().amax(dim=(0, 2))
        assert change[: cell + 1].max() < 1e-5, cell
        if cell + 1 < codes.shape[1] and (changes or (cell + 1) % grid[1]):  # the cell to the right
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
    layout = layout_of([Grid(height, width, 20)])
    assert len(AROUND) == len(layout.neighbors) == 12
    assert list(zip(layout.rows, layout.columns, strict=True)) == [divmod(cell, width) for cell in range(20)]
    for (down, right), cells in zip(AROUND, layout.neighbors, strict=True):
        for cell, neighbor in enumerate(cells):
            row, column = cell // width + down, cell % width + right
            inside = row >= 0 and 0 <= column < width
            assert neighbor == (row * width + column if inside else height * width)
            assert not inside or neighbor < cell


def test_fine_cells_have_the_coarse_ones_over_them_as_neighbors() -> None:
    layout = layout_of([Grid(4, 4, 20), Grid(7, 7, 20)])
    assert layout.levels == [0] * 16 + [1] * 49
    assert layout.rows[:16] == [row for row in range(4) for _ in range(4)]
    assert layout.rows[16:] == [4 + row for row in range(7) for _ in range(7)]
    around, over = layout.neighbors[: len(AROUND)], layout.neighbors[len(AROUND) :]
    assert len(over) == len(OVER) == 9
    outside = 16 + 49
    for cell in range(16):
        assert {neighbor[cell] for neighbor in over} == {outside}
    for cell, neighbor in enumerate(over[OVER.index((0, 0))][16:]):
        # Their middles are as near as they can be, in parts of 1/56 of the picture's sides.
        for middle, above in zip(divmod(cell, 7), divmod(neighbor, 4), strict=True):
            distances = [abs((2 * middle + 1) * 4 - (2 * coarse + 1) * 7) for coarse in range(4)]
            assert distances[above] == min(distances)
    corner = [neighbor[16] for neighbor in over]
    assert corner == [outside, outside, outside, outside, 0, 1, outside, 4, 5]
    assert all(neighbor[16] == outside for neighbor in around)


def test_sizes_of_the_presets() -> None:
    grid = {"model": "residual-20", "model_sha256": "", "height": 7, "width": 7, "num_embeddings": 20}
    sizes = {
        kind: sum(parameter.numel() for parameter in kind(PriorConfig(**grid, **PRIOR_PRESETS[name])).parameters())
        for name, kind in (("transformer", Prior), ("pixelcnn", PixelCNN))
    }
    assert sizes == {Prior: 170_388, PixelCNN: 312_596}
