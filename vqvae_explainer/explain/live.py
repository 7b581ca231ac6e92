"""A model as the imported source runs it, in PyTorch."""

from functools import cached_property
from typing import Any

import torch

from ..model.card import ModelCard
from ..model.config import IMAGE_SIZE
from ..model.grid import MAIN, at_level
from ..model.projection import principal_plane
from ..model.vqvae import VQVAE, Level
from ..model.weights import to_model
from ..model.weights_file import WeightsFile
from .backend import Backend, Gradients
from .codes import code_pictures, principal_order
from .detail import Detail, Fields, LevelDetail, Projection
from .gradients import gradients
from .listing import listings
from .models import ExplainedModel
from .onnx_backend import load_backend
from .packing import pack
from .prior_loading import LoadedPrior
from .receptive_fields import SHARE, receptive_fields
from .torch_backend import TorchBackend
from .trace import PIXELS, trace


class LiveModel(ExplainedModel):
    """Properties that do not depend on a drawing are computed on first use, except the listings: they must show the
    source that runs, also when the file is edited later.

    Args:
        model: in evaluation mode, on the CPU.
        card: of the model.
        backend: a faster backend than PyTorch, if there is one.
        playback: the file with the snapshots of its training, if they were recorded.
        prior: over its codes, if there is one.
    """

    def __init__(
        self,
        model: VQVAE,
        card: ModelCard,
        backend: Backend | None = None,
        playback: bytes | None = None,
        prior: LoadedPrior | None = None,
    ) -> None:
        super().__init__(card, playback, prior)
        self.model = model
        self._backend = backend or TorchBackend(model)
        self.listings = listings(model)
        self.blank = trace(self.backend, [bytes(PIXELS)])[0]  # also warms up the model
        main, *others = (shapes(level, model.config.embedding_dim) for level in reversed(model.levels))
        picture = [IMAGE_SIZE, IMAGE_SIZE]
        self.stages = {"input": picture, **main, "reconstruction": picture}
        for other in others:
            self.stages |= other

    @property
    def backend(self) -> Backend:
        return self._backend

    def gradients(self, drawings: list[bytes], straight_through: bool = True) -> list[Gradients]:
        return gradients(self.model, drawings, straight_through)

    @cached_property
    def levels(self) -> dict[str, LevelDetail]:
        """What is shown of each level, by its id."""
        fields = receptive_fields(self.model, self.backend)
        found = {}
        for id, _, _, quantizer in self.model.levels:
            reads, writes = fields[id]
            plane = principal_plane(quantizer.embeddings)
            found[id] = LevelDetail(
                code_order=principal_order(quantizer.embeddings),
                projection=Projection(**{name: tensor.tolist() for name, tensor in plane._asdict().items()}),
                fields=Fields(share=SHARE, reads=reads, writes=writes),
                code_pictures=pack(code_pictures(self.backend, self.grids, self.blank.levels[id].indices, id)),
                listings=self.listings[id],
            )
        return found

    @property
    def detail(self) -> dict[str, Any]:
        detail = Detail(
            **dict(self.summary) | {"metrics": self.card.figures.without_cells()},
            config=self.card.config,
            stages=self.stages,
            convolutional=self.model.architecture.convolutional,
            **dict(self.levels[MAIN]),
            prior_metrics=self.prior_metrics,
            levels={id: level for id, level in self.levels.items() if id != MAIN},
        )
        return detail.model_dump(mode="json")


def shapes(level: Level, dim: int) -> dict[str, list[int]]:
    """The shape of each stage of a level, by its id."""
    (height, width), cells, size = level.grid.shape, level.grid.cells, level.grid.num_embeddings
    found = {
        "features": [height, width, dim],
        "feature_vectors": [cells, dim],
        "embeddings": [size, dim],
        "distances": [cells, size],
        "indices": [height, width],
        "quantized_vectors": [cells, dim],
        "quantized": [height, width, dim],
    }
    return {at_level(stage, level.id): shape for stage, shape in found.items()}


def load_live(weights: WeightsFile, playback: bytes | None, prior: LoadedPrior | None) -> LiveModel:
    """The model of a weights file, with its ONNX export if that gives the same results.

    Raises:
        UserError: the tensors cannot be those of such a model.
    """
    torch.set_num_threads(1)  # one drawing is too small to parallelize; other cores are for other processes
    model = to_model(weights)
    backend = load_backend(TorchBackend(model), weights.path, weights.card)
    return LiveModel(model, weights.card, backend, playback, prior)
