"""Callbacks that run during training."""

import torch
from torch import Tensor

from ..model.card import Epoch
from ..model.vqvae import VQVAE, Losses


class Callback:
    """Base class; every method does nothing.

    A callback must not change the model or draw from the global random generator: training gives the same weights with
    and without it.
    """

    def begin(self, model: VQVAE, digits: Tensor, steps: int, resumed: bool) -> None:
        """Called before the first step.

        Args:
            model: the model that is trained; the same object throughout.
            digits: (N, 1, 28, 28) bytes, the training data.
            steps: steps per epoch.
            resumed: whether the run continues from a checkpoint; `load_state_dict` is called next.
        """

    def after_step(self, step: int, losses: Losses, rate: float) -> None:
        """Called after each step, counted from 1 over the whole run, with its learning rate."""

    def after_epoch(self, epoch: Epoch, counts: Tensor) -> None:
        """Called after each epoch with the number of times each code was chosen, (K,)."""

    def end(self) -> None:
        """Called after the last step, or when training stops early."""

    def state_dict(self) -> dict[str, Tensor]:
        return {}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Restore the state of a checkpoint."""


def device_of(model: VQVAE) -> torch.device:
    return next(model.parameters()).device
