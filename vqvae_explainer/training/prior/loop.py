"""The training loop of a prior: the same as that of the VQ-VAE in `training/loop.py`, but for the loss.

Every random choice comes from a generator seeded by (seed, epoch), so a resumed run takes the same steps as an
uninterrupted one.
"""

import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR
from tqdm import tqdm

from ...errors import UserError
from ...model.prior_card import PriorEpoch
from ...model.prior_config import ANY_CLASS, PriorConfig
from ..checkpoints import load_checkpoint, save_checkpoint
from ..loop import reproducible
from .networks import Network, make_network

BETAS = (0.9, 0.98)  # of AdamW, as of the transformer of Vaswani et al. 2017, section 5.3
WARM_UP = 0.15  # fraction of the steps until the peak learning rate
MAX_GRADIENT_NORM = 1.0


def train_prior(
    config: PriorConfig,
    codes: Tensor,
    labels: Tensor,
    device: torch.device,
    checkpoint: Path,
    resume: bool = False,
    report: Callable[[str], None] = tqdm.write,
) -> tuple[Network, list[PriorEpoch]]:
    """Train a prior as its configuration says.

    Args:
        config: of the prior.
        codes: (N, T) in scan order.
        labels: (N,), the classes.
        device: where to train.
        checkpoint: the file that is written after each epoch.
        resume: continue from `checkpoint` instead of starting.
        report: called with one line of text per epoch.

    Returns:
        The prior, in evaluation mode, and the history of all epochs.

    Raises:
        UserError: the checkpoint cannot be written or resumed, or there are fewer digits than in one batch.
    """
    torch.manual_seed(config.seed)
    trainer = PriorTrainer(make_network(config).to(device), codes.to(device), labels.to(device))
    with reproducible(device):
        trainer.fit(checkpoint, resume, report)
    return trainer.network.eval().requires_grad_(False), trainer.history


class PriorTrainer:
    """Trains a prior epoch by epoch.

    Args:
        network: on the device to train on.
        codes: (N, T) on the same device.
        labels: (N,) on the same device.

    Raises:
        UserError: there are fewer digits than in one batch.
    """

    def __init__(self, network: Network, codes: Tensor, labels: Tensor) -> None:
        self.network = network
        self.config = network.config
        self.codes = codes
        self.labels = labels
        # The last, smaller batch of an epoch is left out; shuffling varies which digits that are.
        self.steps = len(codes) // self.config.batch_size
        if self.steps == 0:
            raise UserError(f"A batch needs {self.config.batch_size} digits, but there are only {len(codes)}.")
        rate = self.config.learning_rate
        fused = codes.device.type in ("cpu", "cuda")
        self.optimizer = AdamW(
            network.parameters(), lr=rate, betas=BETAS, weight_decay=self.config.weight_decay, fused=fused
        )
        self.schedule = OneCycleLR(
            self.optimizer,
            rate,
            total_steps=self.steps * self.config.epochs,
            pct_start=WARM_UP,
            cycle_momentum=False,
        )
        self.history: list[PriorEpoch] = []

    def fit(self, checkpoint: Path, resume: bool, report: Callable[[str], None]) -> None:
        """Train all remaining epochs, with a checkpoint after each."""
        state = self.network, self.config, self.optimizer, self.schedule
        if resume:
            self.history, _ = load_checkpoint(checkpoint, *state, PriorEpoch, world_size=1)
        while len(self.history) < self.config.epochs:
            epoch = self.train_epoch()
            report(
                f"epoch {epoch.epoch:>{len(str(self.config.epochs))}}/{self.config.epochs}  "
                f"{epoch.bits:.2f} bits a digit  {epoch.digits_per_second:.0f} digits/s"
            )
            save_checkpoint(checkpoint, *state, self.history, callback_state={}, world_size=1)

    def train_epoch(self) -> PriorEpoch:
        """Train the next epoch and append it to the history."""
        config, index = self.config, len(self.history)
        self.network.train()
        generator = torch.Generator().manual_seed(config.seed * 10_007 + index)
        order = torch.randperm(len(self.codes), generator=generator)[: self.steps * config.batch_size]
        is_dropped = torch.rand(len(order), generator=generator) < config.class_dropout
        labels = self.labels[order.to(self.labels.device)].masked_fill(is_dropped.to(self.labels.device), ANY_CLASS)
        batches = zip(torch.split(order, config.batch_size), torch.split(labels, config.batch_size), strict=True)
        start, total = time.perf_counter(), torch.zeros((), device=self.codes.device)
        with tqdm(
            batches, desc=f"epoch {index + 1}/{config.epochs}", total=self.steps, unit="batch", leave=False
        ) as bar:
            for step, (rows, classes) in enumerate(bar, start=1):
                total += self.train_step(self.codes[rows.to(self.codes.device)].long(), classes)
                if not bar.disable and step % 10 == 0:  # reading numbers back from a GPU makes it wait
                    bar.set_postfix_str(f"{total.item() / step:.2f} bits a digit")
        seconds = time.perf_counter() - start
        epoch = PriorEpoch(epoch=index + 1, bits=total.item() / self.steps, digits_per_second=len(order) / seconds)
        self.history.append(epoch)
        return epoch

    def train_step(self, codes: Tensor, labels: Tensor) -> Tensor:
        """One step on codes (B, T) of classes (B,); returns the bits of a digit, a scalar."""
        logits = self.network(codes, labels)  # (B, T, K)
        loss = F.cross_entropy(logits.transpose(1, 2), codes)  # scalar, nats of a code
        self.optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), MAX_GRADIENT_NORM)
        self.optimizer.step()
        self.schedule.step()
        return loss.detach() * codes.shape[1] / math.log(2)
