"""The training loop.

Every random choice is drawn from a generator seeded by (seed, epoch), so that a run that was stopped and resumed
goes through the very steps of a run that was not.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import ConstantLR, LRScheduler, OneCycleLR
from tqdm import tqdm

from ..errors import UserError
from ..model.card import Epoch
from ..model.config import Config
from ..model.quantizer import cluster_statistics
from ..model.vqvae import VQVAE
from .callbacks import Callback
from .checkpoints import load_checkpoint, save_checkpoint
from .distributed import SINGLE_PROCESS, DistributedContext
from .metrics import perplexity

INITIALIZATION_DIGITS = 1024  # whose encoder outputs the codes start from
REVIVAL_INTERVAL = 100  # steps between two looks for dead codes


def train(
    config: Config,
    digits: Tensor,
    device: torch.device,
    checkpoint: Path,
    resume: bool = False,
    report: Callable[[str], None] = tqdm.write,
    callbacks: Sequence[Callback] = (),
    processes: DistributedContext = SINGLE_PROCESS,
) -> tuple[VQVAE, list[Epoch]]:
    """Train a model as its configuration says.

    Args:
        config: what to train and how; its batch is that of one process.
        digits: (N, 1, 28, 28) bytes.
        device: where to train.
        checkpoint: where the state is kept after each epoch.
        resume: go on from `checkpoint` instead of starting.
        report: is given a line of figures for each epoch.
        callbacks: look on.
        processes: with whom to train. Only the first calls `report` and `callbacks`, and writes the checkpoint.

    Returns:
        The model, in evaluation mode, and the history of all epochs.

    Raises:
        UserError: the checkpoint cannot be written, or resumed from; or there are fewer digits than in one batch.
    """
    batch = config.batch_size * processes.number
    steps = len(digits) // batch  # an epoch's last, smaller batch is left out; the shuffle varies which
    if steps == 0:
        raise UserError(f"A batch of {batch} needs as many digits, and there are {len(digits)}.")
    callbacks = callbacks if processes.first else ()
    torch.manual_seed(config.seed)
    model = VQVAE(config).to(device).to(memory_format=torch.channels_last)  # the layout in which CPUs convolve fastest
    digits = digits.to(device)
    optimizer = make_optimizer(config, model)
    schedule = make_schedule(config, optimizer, steps)
    history: list[Epoch] = []
    kept: dict[str, Tensor] = {}
    if resume:
        history, kept = load_checkpoint(checkpoint, model, optimizer, schedule, processes.number)
    else:
        init_codebook(model, digits)
    network = processes.wrap(model)
    for n, watcher in enumerate(callbacks):
        watcher.begin(model, digits, steps, resume)
        if resume:
            watcher.restore(tensors_of(kept, n))
    try:
        for epoch in range(len(history), config.epochs):
            figures = train_epoch(model, digits, optimizer, schedule, epoch, steps, callbacks, processes, network)
            history.append(figures)
            if processes.first:
                report(describe(figures, config))
                kept = {f"{n}.{name}": t for n, watcher in enumerate(callbacks) for name, t in watcher.state().items()}
                save_checkpoint(checkpoint, model, optimizer, schedule, history, kept, processes.number)
    finally:
        for watcher in callbacks:
            watcher.end()
    return model.eval().requires_grad_(False), history


def make_optimizer(config: Config, model: VQVAE) -> Optimizer:
    """Adam with or without decoupled weight decay, in its fused form where the device has it: one pass, no loop."""
    parameters, rate = list(model.parameters()), config.learning_rate
    fused = parameters[0].device.type in ("cpu", "cuda")
    if config.optimizer == "adamw":
        return AdamW(parameters, lr=rate, weight_decay=config.weight_decay, fused=fused)
    return Adam(parameters, lr=rate, fused=fused)


def make_schedule(config: Config, optimizer: Optimizer, steps: int) -> LRScheduler:
    """The learning rate over the run: Smith's one cycle (arXiv:1708.07120), or constant."""
    if config.schedule == "one-cycle":
        return OneCycleLR(optimizer, config.learning_rate, total_steps=steps * config.epochs)
    return ConstantLR(optimizer, factor=1.0)


@torch.no_grad()
def init_codebook(model: VQVAE, digits: Tensor) -> None:
    """Put the codes where the configuration wants them to start; noise they are already.

    Raises:
        UserError: there are fewer feature vectors than codes.
    """
    config = model.config
    if config.codebook_init in ("uniform", "normal"):
        return
    generator = torch.Generator().manual_seed(config.seed)
    sample = torch.randperm(len(digits), generator=generator)[:INITIALIZATION_DIGITS].to(digits.device)
    vectors = model.quantizer(model.encoder(digits[sample].float() / 255)).feature_vectors
    if len(vectors) < config.num_embeddings:
        raise UserError(
            f"{config.num_embeddings} codes start from as many feature vectors, "
            f"and {len(sample)} digits have {len(vectors)}."
        )
    model.quantizer.initialize(vectors, generator)


def tensors_of(kept: dict[str, Tensor], watcher: int) -> dict[str, Tensor]:
    """What the watcher of this number kept."""
    prefix = f"{watcher}."
    return {name.removeprefix(prefix): tensor for name, tensor in kept.items() if name.startswith(prefix)}


def train_epoch(
    model: VQVAE,
    digits: Tensor,
    optimizer: Optimizer,
    schedule: LRScheduler,
    epoch: int,
    steps: int,
    callbacks: Sequence[Callback] = (),
    processes: DistributedContext = SINGLE_PROCESS,
    network: nn.Module | None = None,
) -> Epoch:
    """Go once through the digits (N, 1, 28, 28), in an order that seed and epoch decide.

    `network` is the model as it is to be called when several processes train it.
    """
    config, quantizer = model.config, model.quantizer
    network = network or model
    model.train()
    generator = torch.Generator().manual_seed(config.seed * 10_007 + epoch)
    order = torch.randperm(len(digits), generator=generator).to(digits.device)
    batch_size = config.batch_size * processes.number
    sums = torch.zeros(3, device=digits.device)
    counts = torch.zeros(config.num_embeddings, dtype=torch.float64, device=digits.device)
    revived = 0
    # Codes are left alone in the last epoch, so that a revived one always has an epoch to settle.
    may_revive = config.revive_below > 0 and config.codebook != "frozen" and epoch < config.epochs - 1
    start = time.perf_counter()
    with tqdm(
        total=steps,
        desc=f"epoch {epoch + 1}/{config.epochs}",
        unit="batch",
        leave=False,
        disable=not processes.first,
    ) as bar:
        for step, batch in enumerate(torch.split(order[: steps * batch_size], batch_size), start=1):
            input = digits[processes.shard(batch)].float() / 255
            output = network(input)
            losses = model.losses(input, output)
            optimizer.zero_grad()
            torch.autograd.backward(losses.total)
            rate = optimizer.param_groups[0]["lr"]
            optimizer.step()
            schedule.step()
            vectors, indices = output.quantization.feature_vectors.detach(), output.quantization.indices.flatten()
            chosen, totals = cluster_statistics(vectors, indices, config.num_embeddings)
            processes.all_reduce(chosen, totals)
            quantizer.update_ema(chosen, totals)
            if may_revive and step % REVIVAL_INTERVAL == 0:
                revived += quantizer.revive_dead_codes(processes.all_gather(vectors), generator)
            sums += torch.stack(losses[:3]).detach()
            counts += chosen
            for watcher in callbacks:
                watcher.after_step(epoch * steps + step, losses, rate)
            bar.update()
            if step % 10 == 0 and not bar.disable:  # reading numbers back from an accelerator makes it wait
                reconstruction, codebook, commitment = (sums / step).tolist()
                bar.set_postfix_str(f"rec {reconstruction:.4f} code {codebook:.4f} commit {commitment:.4f}")
    processes.all_reduce(sums)
    reconstruction, codebook, commitment = (sums / steps / processes.number).tolist()
    figures = Epoch(
        epoch=epoch + 1,
        reconstruction=reconstruction,
        codebook=codebook,
        commitment=commitment,
        perplexity=perplexity(counts.cpu()),
        codes_used=int((counts > 0).sum()),
        revived_codes=revived,
        images_per_second=steps * batch_size / (time.perf_counter() - start),
    )
    for watcher in callbacks:
        watcher.after_epoch(figures, counts)
    return figures


def describe(epoch: Epoch, config: Config) -> str:
    """An epoch's figures in a line."""
    return (
        f"epoch {epoch.epoch:>{len(str(config.epochs))}}/{config.epochs}  reconstruction {epoch.reconstruction:.5f}  "
        f"codebook {epoch.codebook:.5f}  commitment {epoch.commitment:.5f}  perplexity {epoch.perplexity:.2f}  "
        f"codes used {epoch.codes_used}/{config.num_embeddings}  revived {epoch.revived_codes}  "
        f"{epoch.images_per_second:.0f} images/s"
    )
