"""The training loop.

Every random choice is drawn from a generator seeded by (seed, epoch), so that a run that was stopped and resumed
goes through the very steps of a run that was not.
"""

import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.optim import AdamW
from torch.optim.lr_scheduler import ConstantLR, LRScheduler, OneCycleLR
from tqdm import tqdm

from ..errors import UserError
from ..model.card import Epoch
from ..model.config import Config
from ..model.vqvae import VQVAE
from .checkpoints import load_checkpoint, save_checkpoint
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
) -> tuple[VQVAE, list[Epoch]]:
    """Train a model as its configuration says.

    Args:
        config: what to train and how.
        digits: (N, 1, 28, 28) bytes.
        device: where to train.
        checkpoint: where the state is kept after each epoch.
        resume: go on from `checkpoint` instead of starting.
        report: is given a line of figures for each epoch.

    Returns:
        The model, in evaluation mode, and the history of all epochs.

    Raises:
        UserError: the checkpoint cannot be written, or resumed from; or there are fewer digits than in one batch.
    """
    steps = len(digits) // config.batch_size  # an epoch's last, smaller batch is left out; the shuffle varies which
    if steps == 0:
        raise UserError(f"A batch of {config.batch_size} needs as many digits, and there are {len(digits)}.")
    torch.manual_seed(config.seed)
    model = VQVAE(config).to(device).to(memory_format=torch.channels_last)  # the layout in which CPUs convolve fastest
    digits = digits.to(device)
    optimizer = AdamW(model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    schedule = make_schedule(config, optimizer, steps)
    history: list[Epoch] = []
    if resume:
        history = load_checkpoint(checkpoint, model, optimizer, schedule)
    else:
        generator = torch.Generator().manual_seed(config.seed)
        sample = torch.randperm(len(digits), generator=generator)[:INITIALIZATION_DIGITS].to(device)
        with torch.no_grad():
            features = model.encoder(digits[sample].float() / 255)
            vectors = model.quantizer(features).feature_vectors
            if len(vectors) < config.num_embeddings:
                raise UserError(
                    f"{config.num_embeddings} codes start from as many feature vectors, "
                    f"and {len(sample)} digits have {len(vectors)}."
                )
            model.quantizer.initialize(vectors, generator)
    for epoch in range(len(history), config.epochs):
        figures = train_epoch(model, digits, optimizer, schedule, epoch, steps)
        history.append(figures)
        report(describe(figures, config))
        save_checkpoint(checkpoint, model, optimizer, schedule, history)
    return model.eval().requires_grad_(False), history


def make_schedule(config: Config, optimizer: torch.optim.Optimizer, steps: int) -> LRScheduler:
    """The learning rate over the run: Smith's one cycle (arXiv:1708.07120), or constant."""
    if config.schedule == "one-cycle":
        return OneCycleLR(optimizer, config.learning_rate, total_steps=steps * config.epochs)
    return ConstantLR(optimizer, factor=1.0)


def train_epoch(model: VQVAE, digits: Tensor, optimizer: AdamW, schedule: LRScheduler, epoch: int, steps: int) -> Epoch:
    """Go once through the digits (N, 1, 28, 28), in an order that seed and epoch decide."""
    config, quantizer = model.config, model.quantizer
    model.train()
    generator = torch.Generator().manual_seed(config.seed * 10_007 + epoch)
    order = torch.randperm(len(digits), generator=generator).to(digits.device)
    sums = torch.zeros(3, device=digits.device)
    counts = torch.zeros(config.num_embeddings, dtype=torch.int64, device=digits.device)
    revived = 0
    # Codes are left alone in the last epoch, so that a revived one always has an epoch to settle.
    may_revive = config.revive_below > 0 and epoch < config.epochs - 1
    start = time.perf_counter()
    with tqdm(total=steps, desc=f"epoch {epoch + 1}/{config.epochs}", unit="batch", leave=False) as bar:
        for step, batch in enumerate(torch.split(order[: steps * config.batch_size], config.batch_size), start=1):
            input = digits[batch].float() / 255
            output = model(input)
            losses = model.losses(input, output)
            optimizer.zero_grad()
            torch.autograd.backward(losses.total)
            optimizer.step()
            schedule.step()
            quantization = output.quantization
            quantizer.update_codebook(quantization.feature_vectors, quantization.indices)
            if may_revive and step % REVIVAL_INTERVAL == 0:
                revived += quantizer.revive_dead_codes(quantization.feature_vectors, generator)
            sums += torch.stack(losses[:3]).detach()
            counts += quantization.indices.flatten().bincount(minlength=config.num_embeddings)
            bar.update()
            if step % 10 == 0:  # reading numbers back from an accelerator makes it wait
                reconstruction, codebook, commitment = (sums / step).tolist()
                bar.set_postfix_str(f"rec {reconstruction:.4f} code {codebook:.4f} commit {commitment:.4f}")
    reconstruction, codebook, commitment = (sums / steps).tolist()
    return Epoch(
        epoch=epoch + 1,
        reconstruction=reconstruction,
        codebook=codebook,
        commitment=commitment,
        perplexity=perplexity(counts.cpu()),
        codes_used=int((counts > 0).sum()),
        revived_codes=revived,
        images_per_second=steps * config.batch_size / (time.perf_counter() - start),
    )


def describe(epoch: Epoch, config: Config) -> str:
    """An epoch's figures in a line."""
    return (
        f"epoch {epoch.epoch:>{len(str(config.epochs))}}/{config.epochs}  reconstruction {epoch.reconstruction:.5f}  "
        f"codebook {epoch.codebook:.5f}  commitment {epoch.commitment:.5f}  perplexity {epoch.perplexity:.2f}  "
        f"codes used {epoch.codes_used}/{config.num_embeddings}  revived {epoch.revived_codes}  "
        f"{epoch.images_per_second:.0f} images/s"
    )
