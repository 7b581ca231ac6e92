"""The models that the server offers, with everything the page shows that does not depend on a drawing."""

import logging
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
from .listing import listings
from .onnx_backend import load_backend
from .prior_loading import LoadedPrior, open_prior
from .receptive_fields import Box, receptive_fields
from .trace import PIXELS, decode, trace

NOT_MODELS = (".checkpoint.safetensors", ".prior.safetensors")  # other weights that a folder may hold

logger = logging.getLogger(__name__)


class ExplainedModel:
    """A model that is ready to trace drawings. Properties that do not depend on a drawing are computed on first use,
    except the listings: they must show the source that runs, also when the file is edited later.

    Args:
        model: in evaluation mode, on the CPU.
        card: of the model.
        backend: a faster backend than PyTorch, if there is one.
        playback: snapshots of its training, if they were recorded.
        prior: over its codes, if there is one.
    """

    def __init__(
        self,
        model: VQVAE,
        card: ModelCard,
        backend: Backend | None = None,
        playback: Playback | None = None,
        prior: LoadedPrior | None = None,
    ) -> None:
        self.model = model
        self.card = card
        self.backend = backend or TorchBackend(model)
        self.playback = playback
        self.prior = prior
        self.listings = listings(model)
        self.blank = trace(self.backend, [bytes(PIXELS)])[0]  # also warms up the model
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
        return principal_order(self.model.quantizer.embeddings)

    @cached_property
    def plane(self) -> Plane:
        return principal_plane(self.model.quantizer.embeddings)

    @cached_property
    def receptive_fields(self) -> tuple[list[list[Box]], list[list[Box]]]:
        return receptive_fields(self.model, self.backend)

    @cached_property
    def code_pictures(self) -> Floats:
        """(K, h, w): a decoded picture of each code."""
        return code_pictures(self.backend, self.grid, self.blank.indices)


def code_pictures(backend: Backend, grid: Grid, background: NDArray[np.int64]) -> Floats:
    """Decode each code in 3×3 cells at the center of the codes (H, W) of a blank drawing.

    A single cell is not enough: it is so unlike any digit that the decoder draws almost nothing.

    Returns:
        (K, h, w) pixels in [0, 1]: the patches of these cells and one more patch on every side.
    """
    rows, inner_rows = middle(grid.height, reach=2), middle(grid.height, reach=1)
    columns, inner_columns = middle(grid.width, reach=2), middle(grid.width, reach=1)
    grids = np.repeat(background[None], grid.num_embeddings, axis=0)
    grids[:, inner_rows, inner_columns] = np.arange(grid.num_embeddings)[:, None, None]
    pictures = np.stack(decode(backend, list(grids)))
    patch_rows, patch_columns = grid.patch
    shown_rows = slice(rows.start * patch_rows, rows.stop * patch_rows)
    shown_columns = slice(columns.start * patch_columns, columns.stop * patch_columns)
    return np.ascontiguousarray(pictures[:, shown_rows, shown_columns])


def middle(cells_across: int, reach: int) -> slice:
    center = cells_across // 2
    return slice(max(center - reach, 0), min(center + reach + 1, cells_across))


def principal_order(embeddings: torch.Tensor) -> list[int]:
    """Indices of embeddings (K, D), sorted by their first principal component: similar codes are neighbors."""
    along = principal_plane(embeddings).project(embeddings.double())[:, 0]
    return [int(code) for code in along.argsort(stable=True)]


def load_models(path: Path) -> dict[str, ExplainedModel]:
    """Load a weights file, or all weights of a folder. The first model is the default.

    A model of a folder that cannot be used is left out with an error in the log.

    Raises:
        UserError: there are no weights that can be used, or two models have one name.
    """
    if path.is_dir():
        paths = [p for p in path.glob("*.safetensors") if not p.name.endswith(NOT_MODELS)]
        paths.sort(key=lambda p: (p.stem != DEFAULT, p.stem))  # by stem: shorter names first
        if not paths:
            raise UserError(f"There are no weights in {path}. Expected .safetensors files written by `train`.")
    else:
        paths = [path]
    models: dict[str, ExplainedModel] = {}
    sources: dict[str, Path] = {}
    refused: list[UserError] = []
    for path in paths:
        try:
            model, card = load_weights(path)
            playback = load_playback(path, card)
        except UserError as error:
            refused.append(error)
            continue
        name = card.config.name
        if name in models:
            raise UserError(f"{sources[name]} and {path} are both named {name}. Move one of them to another folder.")
        sources[name] = path
        models[name] = ExplainedModel(model, card, load_backend(model, path, card), playback, open_prior(path))
    if not models:
        raise refused[0]
    for reason in refused:
        logger.error("A model is not served: %s", reason)
    return models
