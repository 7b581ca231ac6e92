"""A model as the imported source runs it, in PyTorch."""

from functools import cached_property
from typing import Any

import torch

from ..model.card import ModelCard
from ..model.config import IMAGE_SIZE
from ..model.projection import Plane, principal_plane
from ..model.vqvae import VQVAE
from ..model.weights import to_model
from ..model.weights_file import WeightsFile
from .backend import Backend, Floats, Gradients
from .codes import code_pictures, principal_order
from .detail import Detail, Fields, Projection
from .gradients import gradients
from .listing import listings
from .models import ExplainedModel
from .onnx_backend import load_backend
from .packing import pack
from .prior_loading import LoadedPrior
from .receptive_fields import SHARE, Box, receptive_fields
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

    @property
    def backend(self) -> Backend:
        return self._backend

    def gradients(self, drawings: list[bytes], straight_through: bool = True) -> list[Gradients]:
        return gradients(self.model, drawings, straight_through)

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

    @property
    def detail(self) -> dict[str, Any]:
        reads, writes = self.receptive_fields
        detail = Detail(
            **dict(self.summary),
            config=self.card.config,
            stages=self.stages,
            convolutional=self.model.architecture.convolutional,
            code_order=self.code_order,
            projection=Projection(**{name: tensor.tolist() for name, tensor in self.plane._asdict().items()}),
            fields=Fields(share=SHARE, reads=reads, writes=writes),
            code_pictures=pack(self.code_pictures),
            listings=self.listings,
            prior_metrics=self.prior_metrics,
        )
        return detail.model_dump(mode="json")


def load_live(weights: WeightsFile, playback: bytes | None, prior: LoadedPrior | None) -> LiveModel:
    """The model of a weights file, with its ONNX export if that gives the same results.

    Raises:
        UserError: the tensors cannot be those of such a model.
    """
    torch.set_num_threads(1)  # one drawing is too small to parallelize; other cores are for other processes
    model = to_model(weights)
    backend = load_backend(TorchBackend(model), weights.path, weights.card)
    return LiveModel(model, weights.card, backend, playback, prior)
