"""Those who look on while a model is trained."""

import torch
from torch import Tensor

from ..model.card import Epoch
from ..model.vqvae import VQVAE, Losses


class Callback:
    """Is told of each step and epoch. It changes nothing, and draws no number from a generator that training uses."""

    def begin(self, model: VQVAE, digits: Tensor, steps: int, resumed: bool) -> None:
        """Before the first step.

        Args:
            model: to be trained; the same object throughout.
            digits: (N, 1, 28, 28) bytes to train on.
            steps: of an epoch.
            resumed: whether the run goes on from a checkpoint; `restore` follows then.
        """

    def restore(self, state: dict[str, Tensor]) -> None:
        """Go on from what `state` returned when the checkpoint was written."""

    def after_step(self, step: int, losses: Losses, rate: float) -> None:
        """After each step, counted from 1 over the whole run; `rate` is the step's learning rate."""

    def after_epoch(self, figures: Epoch, counts: Tensor) -> None:
        """After each epoch; `counts` (K,) tell how often it chose each code."""

    def end(self) -> None:
        """After the last step, or when training stops before it."""

    def state(self) -> dict[str, Tensor]:
        """What has to be kept for a run that goes on from a checkpoint."""
        return {}


def device_of(model: VQVAE) -> torch.device:
    """Where a model's numbers are."""
    return next(model.parameters()).device
