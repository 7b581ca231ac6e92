"""Report picture of a finished run: loss curves, reconstructions, code usage."""

from io import BytesIO

import torch
from matplotlib.figure import Figure
from torch import Tensor

from ..model.card import LevelMetrics, Metrics, ModelCard
from ..model.vqvae import VQVAE

SHOWN_DIGITS = 10


def plot_report(model: VQVAE, card: ModelCard, digits: Tensor) -> bytes:
    """Plot the report of a finished run.

    Args:
        model: the trained model.
        card: its card.
        digits: (N, 1, 28, 28) bytes; the first ten are shown.

    Returns:
        A PNG file.
    """
    figure = Figure(figsize=(11, 7.5), layout="constrained")
    curves, pictures, usage = figure.subplots(3, 1, height_ratios=(3, 2, 2))
    epochs = [epoch.epoch for epoch in card.history]
    for name in ("reconstruction", "codebook", "commitment"):
        curves.plot(epochs, [getattr(epoch, name) for epoch in card.history], label=name, marker=".")
    curves.set(title=f"{card.config.title}: training losses", xlabel="epoch", yscale="log")
    curves.legend()

    with torch.no_grad():
        input = digits[:SHOWN_DIGITS].to(next(model.parameters()).device).float() / 255
        reconstruction = model(input).reconstruction
    rows = [torch.cat(list(images.squeeze(1).cpu()), dim=1) for images in (input, reconstruction)]
    pictures.imshow(torch.cat(rows).numpy(), cmap="gray", vmin=0, vmax=1)
    pictures.set(title=f"test digits and their reconstructions (MSE {card.figures.test_mse:.5f})", xticks=[], yticks=[])

    levels: dict[str, Metrics | LevelMetrics] = {"": card.figures, **card.figures.levels}
    width = 0.8 / len(levels)
    for n, (level, metrics) in enumerate(levels.items()):
        places = [code + n * width for code in range(card.config.num_embeddings)]
        usage.bar(places, [share * 100 for share in metrics.code_usage], width, label=level or "main")
    if len(levels) > 1:
        usage.legend()
    used = (
        f"{level} {metrics.codes_used} of {card.config.num_embeddings} codes used, perplexity {metrics.perplexity:.2f}"
        for level, metrics in levels.items()
    )
    usage.set(
        title="; ".join(used).strip(),
        xlabel="code",
        ylabel="% of cells",
        yscale="log",
    )
    file = BytesIO()
    figure.savefig(file, format="png", dpi=120)
    return file.getvalue()
