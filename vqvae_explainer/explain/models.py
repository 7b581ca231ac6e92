"""A model that the server offers, whatever runs it."""

from abc import ABC, abstractmethod
from typing import Any

from ..model.card import ModelCard
from ..model.grid import MAIN, grids_of
from .backend import Backend, Gradients
from .detail import LevelSummary, ModelSummary, PriorSummary
from .prior_loading import LoadedPrior


class ExplainedModel(ABC):
    """A model that is ready to trace drawings.

    Args:
        card: of the model.
        playback: the file with the snapshots of its training, if they were recorded.
        prior: over its codes, if there is one.
    """

    def __init__(self, card: ModelCard, playback: bytes | None, prior: LoadedPrior | None) -> None:
        self.card = card
        self.playback = playback
        self.prior = prior
        self.grids = grids_of(card.config)  # of each level, by its id
        self.grid = self.grids[MAIN]

    @property
    @abstractmethod
    def backend(self) -> Backend:
        """Runs the model."""

    @property
    @abstractmethod
    def detail(self) -> dict[str, Any]:
        """The fields of `Detail`, as JSON values."""

    @abstractmethod
    def gradients(self, drawings: list[bytes], straight_through: bool = True) -> list[Gradients]:
        """Run the backward pass of each drawing through quantizers and decoder.

        Args:
            drawings: each 784 bytes, row-major, 0 background, 255 ink.
            straight_through: if False, the decoder gets the selected embeddings without the straight-through estimator.
        """

    @property
    def prior_metrics(self) -> PriorSummary | None:
        if self.prior is None:
            return None
        metrics = self.prior.card.metrics
        return PriorSummary(auroc_excess=metrics.auroc_excess, excess_percentiles=metrics.excess_percentiles)

    @property
    def summary(self) -> ModelSummary:
        config = self.card.config
        return ModelSummary(
            name=config.name,
            title=config.title,
            description=config.description,
            reference=config.reference,
            claim=config.claim,
            grid=self.grid.shape,
            num_embeddings=config.num_embeddings,
            embedding_dim=config.embedding_dim,
            playback=self.playback is not None,
            prior=self.prior is not None,
            metrics=self.card.figures,
            other_levels={
                id: LevelSummary(grid=self.grids[id].shape, codes_used=level.codes_used, perplexity=level.perplexity)
                for id, level in self.card.figures.levels.items()
            },
        )
