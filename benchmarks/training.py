"""`python -m benchmarks.training`: digits per second of the package's training loop and of a loop with a DataLoader.

The second loop reads torchvision's MNIST through a DataLoader, with no worker process and with two. Model, optimizer,
batches and number of steps are the same.
"""

import io
import tempfile
import time
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path

import torch
from torch.optim import AdamW
from torch.utils.data import DataLoader, Subset
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

from benchmarks.measuring import Row, percentile
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.presets import DEFAULT, PRESETS
from vqvae_explainer.model.vqvae import VQVAE
from vqvae_explainer.training.data import default_data_dir, load_mnist
from vqvae_explainer.training.loop import init_codebook, train

STEPS = 100
RUNS = 3


def ours(config: Config, steps: int) -> float:
    """Digits per second of the package's loop, from its own history."""
    digits = load_mnist(default_data_dir(), train=True)[: steps * config.batch_size]
    # Hides the progress bar.
    with tempfile.TemporaryDirectory() as folder, redirect_stderr(io.StringIO()):
        _, history = train(config, digits, torch.device("cpu"), Path(folder) / "checkpoint", report=lambda _: None)
    return history[0].images_per_second


def usual(config: Config, steps: int, workers: int) -> float:
    """Digits per second of a loop with a DataLoader."""
    torch.manual_seed(config.seed)
    data = MNIST(default_data_dir(), train=True, transform=ToTensor())
    count = steps * config.batch_size
    loader = DataLoader(
        Subset(data, range(count)), batch_size=config.batch_size, shuffle=True, num_workers=workers, drop_last=True
    )
    model = VQVAE(config)
    init_codebook(model, data.data[:count].unsqueeze(1))
    optimizer = AdamW(model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    model.train()
    start = time.perf_counter()
    for images, _ in loader:
        output = model(images)
        optimizer.zero_grad()
        torch.autograd.backward(output.losses.mean().total)
        optimizer.step()
        quantization = output.quantization
        model.quantizer.update_codebook(quantization.feature_vectors.detach(), quantization.indices.flatten())
    return count / (time.perf_counter() - start)


def measure(quick: bool = False) -> Iterator[Row]:
    """Medians; the loops alternate."""
    config = PRESETS[DEFAULT].model_copy(update={"epochs": 1})
    steps, runs = (5, 1) if quick else (STEPS, RUNS)
    rates: dict[str, list[float]] = {}
    for _ in range(runs):
        rates.setdefault("explainer's loop", []).append(ours(config, steps))
        for workers in (0, 2):
            name = f"DataLoader, {workers} workers"
            rates.setdefault(name, []).append(usual(config, steps, workers))
    medians = {name: percentile(values, 0.5) for name, values in rates.items()}
    own = medians["explainer's loop"]
    for name, rate in medians.items():
        ratio = "" if rate == own else f"   the explainer's is {own / rate:.2f} × as fast"
        yield Row(f"{config.name}: {name}", f"{rate:7.0f} digits/s{ratio}")
