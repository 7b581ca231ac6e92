"""The training loop.

Every random choice comes from a generator seeded by (seed, epoch), so a resumed run takes the same steps as an
uninterrupted one. On a CPU a run is repeated bit by bit, if the number of threads is the same.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.utils.deterministic
from torch import Tensor
from torch.optim import Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import ConstantLR, LRScheduler, OneCycleLR
from tqdm import tqdm

from ..errors import UserError
from ..model.card import CodeUse, Epoch
from ..model.config import Config
from ..model.hierarchical import make_model
from ..model.quantizer import cluster_statistics
from ..model.vqvae import VQVAE, Losses
from .callbacks import Callback
from .checkpoints import load_checkpoint, save_checkpoint, without_prefix
from .distributed import SINGLE_PROCESS, DistributedContext
from .metrics import perplexity
from .precision import mixed_precision

INITIALIZATION_DIGITS = 1024  # digits whose encoder outputs initialize the codes
REVIVAL_INTERVAL = 100  # steps between two checks for dead codes


def train(
    config: Config,
    digits: Tensor,
    device: torch.device,
    checkpoint: Path,
    resume: bool = False,
    report: Callable[[str], None] = tqdm.write,
    callbacks: Sequence[Callback] = (),
    context: DistributedContext = SINGLE_PROCESS,
    shows_bar: bool = True,
) -> tuple[VQVAE, list[Epoch]]:
    """Train a model as its configuration says.

    Args:
        config: the batch size is that of one process.
        digits: (N, 1, 28, 28) bytes.
        device: where to train.
        checkpoint: the file that is written after each epoch.
        resume: continue from `checkpoint` instead of starting.
        report: called with one line of text per epoch.
        callbacks: run during training.
        context: only the main process calls `report` and `callbacks`, and writes the checkpoint.
        shows_bar: whether the main process writes a progress bar to standard error.

    Returns:
        The model, in evaluation mode, and the history of all epochs.

    Raises:
        UserError: the checkpoint cannot be written or resumed, or there are fewer digits than in one batch.
    """
    torch.manual_seed(config.seed)
    model = make_model(config).to(device)
    digits = digits.to(device)
    with reproducible(device), mixed_precision(model):
        if not resume:
            init_codebook(model, digits)
        trainer = Trainer(model, digits, callbacks=callbacks, context=context, shows_bar=shows_bar)
        trainer.fit(checkpoint, resume, report)
    return model.eval().requires_grad_(False), trainer.history


@contextmanager
def reproducible(device: torch.device) -> Iterator[None]:
    """On a CPU, the same steps give the same bits in every run with the same number of threads.

    By default, threads add up the gradient of `embeddings[indices]` in the order in which they happen to arrive.
    """
    settings: Any = torch.utils.deterministic  # PyTorch does not declare its attribute
    before = torch.are_deterministic_algorithms_enabled(), settings.fill_uninitialized_memory
    if device.type == "cpu":
        torch.use_deterministic_algorithms(True)
        settings.fill_uninitialized_memory = False  # for speed: nothing reads such memory
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before[0])
        settings.fill_uninitialized_memory = before[1]


class Step(NamedTuple):
    """The result of one training step; counts and losses are needed for the statistics of the epoch."""

    losses: Losses  # of this process
    rate: float  # learning rate
    feature_vectors: tuple[Tensor, ...]  # (N, D) of each level, of this process
    counts: Tensor  # (levels, K), how often each code was chosen, over all processes


class Trainer:
    """Trains a model epoch by epoch.

    Args:
        model: with an initialized codebook, on the device to train on.
        digits: (N, 1, 28, 28) bytes on the same device.
        steps: steps per epoch; the number of full batches if None.
        callbacks: run in the main process.
        context: the processes that train together.
        shows_bar: whether the main process writes a progress bar to standard error.

    Raises:
        UserError: there are fewer digits than in one batch.
    """

    def __init__(
        self,
        model: VQVAE,
        digits: Tensor,
        steps: int | None = None,
        callbacks: Sequence[Callback] = (),
        context: DistributedContext = SINGLE_PROCESS,
        shows_bar: bool = True,
    ) -> None:
        self.model = model
        self.digits = digits
        self.batch_size = model.config.batch_size * context.world_size
        # The last, smaller batch of an epoch is left out; shuffling varies which digits that are.
        self.steps = steps or len(digits) // self.batch_size
        if self.steps == 0:
            raise UserError(f"A batch needs {self.batch_size} digits, but there are only {len(digits)}.")
        self.callbacks = callbacks if context.is_main else ()
        self.context = context
        self.shows_bar = shows_bar and context.is_main
        self.optimizer = make_optimizer(model)
        self.schedule = make_schedule(model.config, self.optimizer, self.steps)
        self.network = context.wrap(model)
        self.history: list[Epoch] = []

    def fit(self, checkpoint: Path, resume: bool, report: Callable[[str], None]) -> None:
        """Train all remaining epochs, with a checkpoint after each."""
        self._begin(checkpoint, resume)
        try:
            while len(self.history) < self.model.config.epochs:
                epoch = self.train_epoch()
                if self.context.is_main:
                    report(describe(epoch, self.model.config))
                    self._save_checkpoint(checkpoint)
        finally:
            for callback in self.callbacks:
                callback.end()

    def train_epoch(self) -> Epoch:
        """Train the next epoch and append it to the history."""
        config, levels, index = self.model.config, self.model.levels, len(self.history)
        self.model.train()
        seed = config.seed * 10_007 + index
        torch.manual_seed(seed)  # for dropout
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(self.digits), generator=generator).to(self.digits.device)
        # No revival in the last epoch: a revived code always has an epoch to be learned.
        may_revive = config.dead_code_threshold > 0 and config.codebook != "frozen" and index < config.epochs - 1
        statistics = EpochStatistics([level.id for level in levels], config.num_embeddings, self.digits.device)
        title = f"epoch {index + 1}/{config.epochs}"
        with tqdm(total=self.steps, desc=title, unit="batch", leave=False, disable=not self.shows_bar) as bar:
            for rows in torch.split(order[: self.steps * self.batch_size], self.batch_size):
                step = self.train_step(self.digits[self.context.shard(rows)].float() / 255)
                statistics.add(step)
                if may_revive and statistics.steps % REVIVAL_INTERVAL == 0:
                    for n, (level, vectors) in enumerate(zip(levels, step.feature_vectors, strict=True)):
                        candidates = self.context.all_gather(vectors)
                        statistics.revived_codes[n] += level.quantizer.revive_dead_codes(candidates, generator)
                for callback in self.callbacks:
                    callback.after_step(index * self.steps + statistics.steps, step.losses, step.rate)
                bar.update()
                if not bar.disable and statistics.steps % 10 == 0:  # reading numbers back from a GPU makes it wait
                    bar.set_postfix_str("rec {:.4f} code {:.4f} commit {:.4f}".format(*statistics.mean_losses()))
        epoch = statistics.summary(index + 1, self.batch_size, self.context)
        self.history.append(epoch)
        for callback in self.callbacks:
            callback.after_epoch(epoch, statistics.counts[-1])
        return epoch

    def train_step(self, input: Tensor) -> Step:
        """One step of the optimizer, then of the codebook, on digits (B, 1, 28, 28) with ink in [0, 1]."""
        output = self.network(input)
        losses: Losses = output.losses.mean()
        self.optimizer.zero_grad()
        torch.autograd.backward(losses.total)
        rate = self.optimizer.param_groups[0]["lr"]
        self.optimizer.step()
        self.schedule.step()

        vectors = tuple(quantization.feature_vectors.detach() for quantization in output.levels)
        counts_of_levels = []
        for level, quantization, rows in zip(self.model.levels, output.levels, vectors, strict=True):
            counts, sums = cluster_statistics(rows, quantization.indices.flatten(), self.model.config.num_embeddings)
            self.context.all_reduce(counts, sums)
            level.quantizer.update_ema(counts, sums)
            counts_of_levels.append(counts)
        return Step(losses, rate, vectors, torch.stack(counts_of_levels))

    def _begin(self, checkpoint: Path, resume: bool) -> None:
        callback_state: dict[str, Tensor] = {}
        if resume:
            self.history, callback_state = load_checkpoint(
                checkpoint,
                self.model,
                self.model.config,
                self.optimizer,
                self.schedule,
                Epoch,
                self.context.world_size,
            )
        for n, callback in enumerate(self.callbacks):
            callback.begin(self.model, self.digits, self.steps, resume)
            if resume:
                callback.load_state_dict(without_prefix(callback_state, f"{n}."))

    def _save_checkpoint(self, checkpoint: Path) -> None:
        callback_state = {
            f"{n}.{name}": tensor
            for n, callback in enumerate(self.callbacks)
            for name, tensor in callback.state_dict().items()
        }
        save_checkpoint(
            checkpoint,
            self.model,
            self.model.config,
            self.optimizer,
            self.schedule,
            self.history,
            callback_state,
            self.context.world_size,
        )


class EpochStatistics:
    """Losses and code usage, summed over the steps of an epoch on the device of the model."""

    def __init__(self, levels: Sequence[str], num_embeddings: int, device: torch.device) -> None:
        self.steps = 0
        self.losses = torch.zeros(3, device=device)  # sums of reconstruction, codebook and commitment loss
        self.counts = torch.zeros(len(levels), num_embeddings, dtype=torch.float64, device=device)
        self.revived_codes = [0] * len(levels)
        self._levels = levels
        self._start = time.perf_counter()

    def add(self, step: Step) -> None:
        self.steps += 1
        self.losses += torch.stack(step.losses[:3]).detach()
        self.counts += step.counts

    def mean_losses(self) -> list[float]:
        means: list[float] = (self.losses / self.steps).tolist()
        return means

    def summary(self, epoch: int, batch_size: int, context: DistributedContext) -> Epoch:
        context.all_reduce(self.losses)
        reconstruction, codebook, commitment = (self.losses / self.steps / context.world_size).tolist()
        *others, main = (
            CodeUse(perplexity=perplexity(counts), codes_used=int((counts > 0).sum()), revived_codes=revived)
            for counts, revived in zip(self.counts.cpu(), self.revived_codes, strict=True)
        )
        return Epoch(
            epoch=epoch,
            reconstruction=reconstruction,
            codebook=codebook,
            commitment=commitment,
            **main.model_dump(),
            images_per_second=self.steps * batch_size / (time.perf_counter() - self._start),
            levels=dict(zip(self._levels, others, strict=False)),  # the main one is the last
        )


def make_optimizer(model: VQVAE) -> Optimizer:
    """Adam or AdamW as the configuration says; fused (a single kernel) on devices that support it."""
    config, parameters = model.config, list(model.parameters())
    fused = parameters[0].device.type in ("cpu", "cuda")
    if config.optimizer == "adamw":
        return AdamW(parameters, lr=config.learning_rate, weight_decay=config.weight_decay, fused=fused)
    return Adam(parameters, lr=config.learning_rate, fused=fused)


def make_schedule(config: Config, optimizer: Optimizer, steps: int) -> LRScheduler:
    """The learning rate over the run: Smith's one cycle (arXiv:1708.07120), or constant."""
    if config.schedule == "one-cycle":
        return OneCycleLR(optimizer, config.learning_rate, total_steps=steps * config.epochs)
    return ConstantLR(optimizer, factor=1.0)


@torch.no_grad()
def init_codebook(model: VQVAE, digits: Tensor) -> None:
    """Initialize the codes from encoder outputs; does nothing if the configuration asks for noise.

    Args:
        model: untrained.
        digits: (N, 1, 28, 28) bytes to sample from.

    Raises:
        UserError: there are fewer feature vectors than codes.
    """
    config = model.config
    if config.codebook_init in ("uniform", "normal"):
        return
    generator = torch.Generator().manual_seed(config.seed)
    sample = torch.randperm(len(digits), generator=generator)[:INITIALIZATION_DIGITS].to(digits.device)
    known: list[Tensor] = []  # embeddings of the levels before: what the next encoder sees beside the digits
    for level in model.levels:
        features = level.encoder(digits[sample].float() / 255, *known)
        vectors = level.quantizer(features).feature_vectors
        if len(vectors) < config.num_embeddings:
            raise UserError(
                f"Initializing {config.num_embeddings} codes needs at least as many feature vectors, "
                f"but {len(sample)} digits have only {len(vectors)}."
            )
        level.quantizer.initialize(vectors, generator)
        known.append(level.quantizer(features).quantized.permute(0, 3, 1, 2))


def describe(epoch: Epoch, config: Config) -> str:
    return (
        f"epoch {epoch.epoch:>{len(str(config.epochs))}}/{config.epochs}  reconstruction {epoch.reconstruction:.5f}  "
        f"codebook {epoch.codebook:.5f}  commitment {epoch.commitment:.5f}  perplexity {epoch.perplexity:.2f}  "
        f"codes used {epoch.codes_used}/{config.num_embeddings}  revived {epoch.revived_codes}  "
        + "".join(
            f"{level}: perplexity {use.perplexity:.2f}  codes used {use.codes_used}/{config.num_embeddings}  "
            for level, use in epoch.levels.items()
        )
        + f"{epoch.images_per_second:.0f} images/s"
    )
