"""The networks that can be a prior, and their way to disk and back."""

from pathlib import Path

import torch
from torch import Tensor

from ...errors import UserError
from ...model.pixelcnn import PixelCNN
from ...model.prior import Prior
from ...model.prior_card import PriorCard
from ...model.prior_config import PriorConfig
from ...model.prior_weights import Tensors, load_prior

Network = Prior | PixelCNN
NETWORKS: dict[str, type[Network]] = {"transformer": Prior, "pixelcnn": PixelCNN}


def make_network(config: PriorConfig) -> Network:
    """An untrained prior, with weights from the global random generator."""
    return NETWORKS[config.architecture](config)


def load_network(path: Path) -> tuple[Network, PriorCard]:
    """Load a prior, in evaluation mode on the CPU, and its card.

    Raises:
        UserError: a file is missing or damaged, or the weights do not fit the card.
    """
    tensors, card = load_prior(path)
    network = make_network(card.config)
    try:
        network.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in tensors.items()})
    except RuntimeError as error:
        raise UserError(f"The prior {path} does not fit its configuration. Train it again.") from error
    return network.eval().requires_grad_(False), card


def to_numpy(network: Network) -> Tensors:
    tensors: dict[str, Tensor] = network.state_dict()
    return {name: tensor.cpu().contiguous().numpy() for name, tensor in tensors.items()}
