"""The models that a server offers, each with what the page needs to know of it before any drawing."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from ..errors import UserError
from ..model.card import Card
from ..model.config import IMAGE_SIZE
from ..model.presets import DEFAULT
from ..model.vqvae import VQVAE
from ..model.weights import load_weights
from .fields import Box, fields
from .listing import Listing, listings
from .trace import PIXELS, Floats, decode, trace


class ExplainedModel(NamedTuple):
    """A model that is ready to trace drawings."""

    model: VQVAE
    card: Card
    stages: dict[str, list[int]]  # stage id → shape
    code_order: list[int]  # codes along the codebook's first principal component
    reads: list[list[Box]]
    writes: list[list[Box]]
    code_pictures: Floats  # (K, h, w): what the decoder makes of each code
    listings: list[Listing]


def explained(model: VQVAE, card: Card) -> ExplainedModel:
    """Work out what the page shows of a model, and warm it up."""
    blank = trace(model, [bytes(PIXELS)])[0]
    height, width, dim = blank.features.shape
    cells, size = blank.distances.shape
    stages = {
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
    reads, writes = fields(model)
    return ExplainedModel(
        model=model,
        card=card,
        stages=stages,
        code_order=principal_order(model.quantizer.embeddings),
        reads=reads,
        writes=writes,
        code_pictures=code_pictures(model, blank.indices),
        listings=listings(model),
    )


def code_pictures(model: VQVAE, surround: NDArray[np.int64]) -> Floats:
    """What the decoder makes of each code: of 3×3 cells of it, in the middle of a blank page's codes (H, W).

    A single cell of ink in the midst of nothing is so unlike any digit that the decoder draws next to nothing.

    Returns:
        (K, h, w) pixels in [0, 1]: the patches of those cells, and one patch more on every side.
    """
    height, width = surround.shape
    rows, inner_rows = middle(height, reach=2), middle(height, reach=1)
    columns, inner_columns = middle(width, reach=2), middle(width, reach=1)
    grids = np.repeat(surround[None], model.config.num_embeddings, axis=0)
    grids[:, inner_rows, inner_columns] = np.arange(model.config.num_embeddings)[:, None, None]
    pictures = np.stack(decode(model, list(grids)))
    patch_rows, patch_columns = IMAGE_SIZE // height, IMAGE_SIZE // width
    shown_rows = slice(rows.start * patch_rows, rows.stop * patch_rows)
    shown_columns = slice(columns.start * patch_columns, columns.stop * patch_columns)
    return np.ascontiguousarray(pictures[:, shown_rows, shown_columns])


def middle(cells_across: int, reach: int) -> slice:
    """The middle cell and as many as `reach` on both sides."""
    center = cells_across // 2
    return slice(max(center - reach, 0), min(center + reach + 1, cells_across))


def principal_order(embeddings: torch.Tensor) -> list[int]:
    """Row numbers of embeddings (K, D) along their first principal component, so that like codes are neighbours."""
    centered = embeddings.double() - embeddings.double().mean(dim=0)
    axis = torch.linalg.svd(centered, full_matrices=False).Vh[0]
    axis = axis * axis[axis.abs().argmax()].sign()  # an axis has no direction: fix one
    return [int(code) for code in (centered @ axis).argsort(stable=True)]


def load_models(path: Path) -> dict[str, ExplainedModel]:
    """Load one weights file, or all of a folder; the first is the default.

    Raises:
        UserError: there are none, or one cannot be used.
    """
    if path.is_dir():
        paths = sorted(p for p in path.glob("*.safetensors") if not p.name.endswith(".checkpoint.safetensors"))
        paths.sort(key=lambda p: p.stem != DEFAULT)
        if not paths:
            raise UserError(f"There are no weights in {path}: expected .safetensors files that `train` wrote.")
    else:
        paths = [path]
    loaded = (load_weights(p) for p in paths)
    return {card.config.name: explained(model, card) for model, card in loaded}
