"""Opens the prior beside a model's weights."""

import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..errors import UserError
from ..model.card import hash_of
from ..model.prior_card import PriorCard
from ..model.prior_weights import load_prior, prior_path
from .prior import NumpyPrior

logger = logging.getLogger(__name__)


class LoadedPrior(NamedTuple):
    """A prior that is ready to run."""

    network: NumpyPrior
    card: PriorCard


def open_prior(weights: Path) -> LoadedPrior | None:
    """The prior of the model with these weights. None if there is none, or none that can be used: the log says why."""
    path = prior_path(weights)
    if not path.is_file():
        return None
    try:
        tensors, card = load_prior(path)
        if card.config.model_sha256 != hash_of(weights.read_bytes()):
            raise UserError(f"The prior {path} was trained on the codes of other weights than {weights}.")
        return LoadedPrior(NumpyPrior(card.config, tensors, np.array(card.code_usage)), card)
    except UserError as error:
        problem = str(error)
    except ValueError as error:
        problem = f"{path}: {error}"
    logger.warning("A prior is not served: %s", problem)
    return None
