"""The models that a server offers, each with what the page needs to know of it before any drawing."""

from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ..errors import UserError
from ..model.card import ModelCard
from ..model.config import IMAGE_SIZE
from ..model.grid import Grid
from ..model.playback import Playback, load_playback
from ..model.presets import DEFAULT
from ..model.projection import Plane, principal_plane
from ..model.vqvae import VQVAE
from ..model.weights import load_weights
from .backend import Backend, Floats, TorchBackend
from .listing import Listing, listings
from .onnx_backend import load_backend
from .receptive_fields import Box, receptive_fields
from .trace import PIXELS, decode, trace


class ExplainedModel:
    """A model that is ready to trace drawings, and what the page shows of it before any; that is worked out when asked.

    Args:
        model: in PyTorch.
        card: the model's.
        backend: its parts for inference only, if there is a quicker form of them.
        playback: snapshots of its training, if there are any.
    """

    def __init__(
        self, model: VQVAE, card: ModelCard, backend: Backend | None = None, playback: Playback | None = None
    ) -> None:
        self.model = model
        self.card = card
        self.backend = backend or TorchBackend(model)
        self.playback = playback
        self.blank = trace(self.backend, [bytes(PIXELS)])[0]  # this also warms the model up
        self.grid = model.grid
        (height, width), cells, size = self.grid.shape, self.grid.cells, self.grid.num_embeddings
        dim = model.config.embedding_dim
        self.stages = {
            "input": [IMAGE_SIZE, IMAGE_SIZE],
            "features": [height, width, dim],
            "feature_vectors": [cells, dim],
            "embeddings": [size, dim],
            "distances": [cells, size],
            "indices": [height, width],
            "quantized_vectors": [cells, dim],
            "quantized": [height, width, dim],
            "reconstruction": [IMAGE_SIZE, IMAGE_SIZE],
        }

    @cached_property
    def code_order(self) -> list[int]:
        """Codes along the codebook's first principal component."""
        return principal_order(self.model.quantizer.embeddings)

    @cached_property
    def plane(self) -> Plane:
        """In which the codebook is widest."""
        return principal_plane(self.model.quantizer.embeddings)

    @cached_property
    def receptive_fields(self) -> tuple[list[list[Box]], list[list[Box]]]:
        """Which pixels each cell (H, W) reads, and which it writes."""
        return receptive_fields(self.model, self.backend)

    @cached_property
    def code_pictures(self) -> Floats:
        """(K, h, w): what the decoder makes of each code."""
        return code_pictures(self.backend, self.grid, self.blank.indices)

    @cached_property
    def listings(self) -> list[Listing]:
        """The source of the running model, linked to what it computes."""
        return listings(self.model)


def code_pictures(parts: Backend, grid: Grid, surround: NDArray[np.int64]) -> Floats:
    """What the decoder makes of each code: of 3×3 cells of it, in the middle of a blank page's codes (H, W).

    A single cell of ink in the midst of nothing is so unlike any digit that the decoder draws next to nothing.

    Returns:
        (K, h, w) pixels in [0, 1]: the patches of those cells, and one patch more on every side.
    """
    rows, inner_rows = middle(grid.height, reach=2), middle(grid.height, reach=1)
    columns, inner_columns = middle(grid.width, reach=2), middle(grid.width, reach=1)
    grids = np.repeat(surround[None], grid.num_embeddings, axis=0)
    grids[:, inner_rows, inner_columns] = np.arange(grid.num_embeddings)[:, None, None]
    pictures = np.stack(decode(parts, list(grids)))
    patch_rows, patch_columns = grid.patch
    shown_rows = slice(rows.start * patch_rows, rows.stop * patch_rows)
    shown_columns = slice(columns.start * patch_columns, columns.stop * patch_columns)
    return np.ascontiguousarray(pictures[:, shown_rows, shown_columns])


def middle(cells_across: int, reach: int) -> slice:
    """The middle cell and as many as `reach` on both sides."""
    center = cells_across // 2
    return slice(max(center - reach, 0), min(center + reach + 1, cells_across))


def principal_order(embeddings: torch.Tensor) -> list[int]:
    """Row numbers of embeddings (K, D) along their first principal component, so that like codes are neighbours."""
    along = principal_plane(embeddings).project(embeddings.double())[:, 0]
    return [int(code) for code in along.argsort(stable=True)]


def load_models(path: Path) -> dict[str, ExplainedModel]:
    """Load one weights file, or all of a folder; the first is the default.

    Raises:
        UserError: there are none, or one cannot be used.
    """
    if path.is_dir():
        paths = [p for p in path.glob("*.safetensors") if not p.name.endswith(".checkpoint.safetensors")]
        paths.sort(key=lambda p: (p.stem != DEFAULT, p.stem))  # a name before those that begin with it
        if not paths:
            raise UserError(f"There are no weights in {path}: expected .safetensors files that `train` wrote.")
    else:
        paths = [path]
    loaded = [(path, *load_weights(path)) for path in paths]
    return {
        card.config.name: ExplainedModel(model, card, load_backend(model, path), load_playback(path))
        for path, model, card in loaded
    }
