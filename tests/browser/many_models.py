"""Stand-ins for the shipped models: the same grids, K and D, untrained, with invented metrics and playbacks."""

import base64
import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tests.conftest import blobs, tiny_card, tiny_prior
from vqvae_explainer.explain.trace import trace
from vqvae_explainer.model.card import Metrics
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.grid import Grid
from vqvae_explainer.model.playback import Playback, Snapshot, SnapshotLosses
from vqvae_explainer.model.presets import PRESETS
from vqvae_explainer.model.vqvae import VQVAE
from vqvae_explainer.model.weights import save_weights

DEFAULT = "residual-20"
SMALL = {"hidden_channels": 8, "residual_channels": 4, "residual_blocks": 1}
# One of each shape: 7×7×16, 20 codes; 64 codes; 512 codes of 256 numbers; one cell.
MODELS = (DEFAULT, "keras-64", "minimal-20", "minimal-512", "mlp-512")
# How many codes are in use at the end of the invented runs: healthy, and collapsed.
RUNS = {DEFAULT: 20, "minimal-20": 3, "keras-64": 50}
WITH_PRIOR = "minimal-20"
PICTURES = 2048
SNAPSHOTS = 12
DIGITS = (3, 8)


def write_models(folder: Path) -> None:
    """Write weights, model cards and playbacks to `folder`."""
    pictures = blobs(PICTURES)
    for name in MODELS:
        config = PRESETS[name].model_copy(update=SMALL)
        model = stand_in(config, pictures)
        measured = figures(model, pictures[:100])
        if name in RUNS and RUNS[name] < config.num_embeddings:
            measured = idle(measured, RUNS[name])
        card = tiny_card(config).model_copy(update={"figures": measured})
        others = {"playback.json": playback(config, RUNS[name]).to_bytes()} if name in RUNS else {}
        path = save_weights(model, card, folder, others)
        if name == WITH_PRIOR:
            tiny_prior(path)


def stand_in(config: Config, pictures: torch.Tensor) -> VQVAE:
    """A seeded model whose codes are encoder outputs; 300 of the 512 codes of minimal-512 are far from all features."""
    torch.manual_seed(config.seed)
    model = VQVAE(config).eval().requires_grad_(False)
    with torch.no_grad():
        features = model.encoder(pictures.float() / 255).flatten(2).transpose(1, 2).flatten(0, 1)
        chosen = torch.randperm(len(features), generator=torch.Generator().manual_seed(0))[: config.num_embeddings]
        model.quantizer.embeddings.copy_(features[chosen])
        if config.name == "minimal-512":
            model.quantizer.embeddings[212:] += 5
    return model


def figures(model: VQVAE, pictures: torch.Tensor) -> Metrics:
    """Metrics measured on a few pictures. The AUROC is invented, and the error: untrained models draw nothing."""
    bytes_of = [bytes(picture.flatten().tolist()) for picture in pictures]
    traces = [found for start in range(0, len(bytes_of), 10) for found in trace(model, bytes_of[start : start + 10])]
    size = model.config.num_embeddings
    counts = np.bincount(np.concatenate([found.indices.ravel() for found in traces]), minlength=size)
    usage = counts / counts.sum()
    # As if every other code were background only.
    inked = np.where(np.arange(size) % 2, counts, 0) + 1e-9
    errors = [
        np.mean((found.reconstruction - np.frombuffer(b, np.uint8).reshape(28, 28) / 255) ** 2)
        for found, b in zip(traces, bytes_of, strict=True)
    ]
    bits = traces[0].indices.size * math.log2(size)
    return Metrics(
        test_mse=0.02,
        codes_used=int((counts > 0).sum()),
        perplexity=perplexity(usage),
        bits_per_image=bits,
        compression_ratio=6272 / bits,
        quantization_error=0.5,
        margin=0.5,
        locality=0.5,
        parameters=sum(parameter.numel() for parameter in model.parameters()) + model.quantizer.embeddings.numel(),
        auroc=0.875,
        code_usage=usage.tolist(),
        code_usage_inked=(inked / inked.sum()).tolist(),
        error_percentiles=np.percentile(errors, range(101)).tolist(),
    )


def idle(measured: Metrics, alive: int) -> Metrics:
    """The same metrics, as if only the first `alive` codes were used."""
    size = len(measured.code_usage)
    usage = np.where(np.arange(size) < alive, np.arange(size) + 1.0, 0)
    usage /= usage.sum()
    shares = {"code_usage": usage.tolist(), "code_usage_inked": (usage**2 / (usage**2).sum()).tolist()}
    return measured.model_copy(update=shares | {"codes_used": alive, "perplexity": perplexity(usage)})


def perplexity(shares: NDArray[np.float64]) -> float:
    """exp of the entropy."""
    some = shares[shares > 0]
    return float(np.exp(-(some * np.log(some)).sum()))


def playback(config: Config, alive: int) -> Playback:
    """An invented training run that ends with `alive` codes in use."""
    random = np.random.default_rng(config.seed)
    size, grid = config.num_embeddings, Grid.of(config)
    last = random.normal(size=(size, 2))
    first = 0.05 * random.normal(size=(size, 2))
    features = random.normal(size=(len(DIGITS) * grid.cells, 2))
    originals = random.integers(0, 256, (len(DIGITS), 28, 28), np.uint8)
    snapshots = []
    for n in range(SNAPSHOTS):
        t = n / (SNAPSHOTS - 1)
        used = round(size + t * (alive - size))
        usage = np.zeros(size)
        usage[:used] = 1 / used
        loss = math.exp(-3 * t)
        snapshots.append(
            Snapshot(
                step=round(1000**t) - 1,
                epoch=round((1000**t - 1) / 100, 3),
                losses=SnapshotLosses(reconstruction=0.2 * loss, codebook=0.05 * loss, commitment=0.05 * loss),
                perplexity=perplexity(usage),
                codes_used=used,
                usage=usage.tolist(),
                positions=[(float(x), float(y)) for x, y in first + t * (last - first)],
                features=[(float(x), float(y)) for x, y in features * (0.2 + t)],
                reconstructions=base64.b64encode((originals * t).astype(np.uint8).tobytes()).decode(),
            )
        )
    return Playback(
        name=config.name,
        total_steps=snapshots[-1].step,
        digits=list(DIGITS),
        originals=base64.b64encode(originals.tobytes()).decode(),
        snapshots=snapshots,
    )
