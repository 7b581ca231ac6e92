"""The commands `train-prior` and `evaluate --prior`."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...errors import UserError
from ...model.card import hash_of
from ...model.grid import MAIN, Grid, grids_of
from ...model.prior_card import PriorCard, PriorMetrics
from ...model.prior_config import CLASSES, PRIOR_PRESETS, PriorConfig
from ...model.prior_weights import prior_path, save_prior, save_prior_card
from ...model.vqvae import VQVAE
from ...model.weights import load_weights
from ..data import CHECKSUMS, default_data_dir, load_labels, load_mnist
from ..distributed import torchrun_variable
from ..memory import keep_freed_memory
from ..run import advising, command, find_device, finish_run, override, prepare_folder
from ..versions import versions
from .codes import encode, level_offsets
from .loop import train_prior
from .metrics import evaluate_prior
from .networks import load_network, to_numpy


def run(
    weights: Path,
    preset: str,
    overrides: dict[str, Any],
    device_name: str,
    data_dir: Path | None,
    out: Path | None,
    resume: bool,
) -> None:
    """Train a prior over the codes of a model and write its weights and card.

    Args:
        weights: of the VQ-VAE.
        preset: a name in PRIOR_PRESETS.
        overrides: fields of the configuration to change.
        device_name: "auto", "cpu", "cuda" or "mps".
        data_dir: the folder that contains MNIST/raw, or to download MNIST to; a cache folder if None.
        out: the folder to write to; that of the VQ-VAE if None.
        resume: continue from the checkpoint in `out`.

    Raises:
        UserError: a setting is out of bounds, or model, data, device or folder cannot be used.
    """
    if torchrun_variable("WORLD_SIZE", 1) > 1:
        raise UserError("train-prior runs in one process. Start it without torchrun.")
    model, vqvae_card = load_weights(weights)
    name, grids = vqvae_card.config.name, grids_of(model.config)
    if sum(grid.cells for grid in grids.values()) == 1:
        raise UserError(f"{name} has one code a digit. A prior needs a grid of at least two codes.")
    config = override(prior_config(name, weights, grids, preset), overrides)
    device = find_device(device_name)
    out = out or weights.parent
    checkpoint = prepare_folder(out, f"{name}.prior", resume)
    data_dir = data_dir or default_data_dir()
    keep_freed_memory()
    finish_run(out, f"{name}.prior")
    codes, labels = encode(model, load_mnist(data_dir, train=True)), load_labels(data_dir, train=True)
    with advising(checkpoint):
        network, history = train_prior(config, codes, labels, device, checkpoint, resume)
        network = network.cpu()
        usage, by_position = code_usage(codes, model), position_usage(codes, labels, config.num_embeddings)
        digits, test_labels = load_mnist(data_dir, train=False), load_labels(data_dir, train=False)
        metrics = evaluate_prior(network, model, usage, by_position, digits, test_labels)
    card = PriorCard(
        config=config,
        command=command(world_size=1),
        versions=versions(),
        device=device.type,
        data_md5=CHECKSUMS,
        code_usage=usage,
        position_usage=by_position,
        metrics=metrics,
        history=history,
    )
    path = save_prior(to_numpy(network), card, out)
    checkpoint.unlink(missing_ok=True)
    print(
        f"{metrics.bits_given_class:.1f} bits a test digit given its class, {metrics.bits:.1f} without it. "
        f"Wrote {path} and card."
    )


def prior_config(name: str, weights: Path, grids: dict[str, Grid], preset: str) -> PriorConfig:
    """The configuration of a preset for the codes of a model."""
    main = grids[MAIN]
    return PriorConfig(
        model=name,
        model_sha256=hash_of(weights.read_bytes()),
        height=main.height,
        width=main.width,
        coarse={level: grid.shape for level, grid in grids.items() if level != MAIN},
        num_embeddings=main.num_embeddings,
        **PRIOR_PRESETS[preset],
    )


def code_usage(codes: Tensor, model: VQVAE) -> list[float]:
    """The fraction of each code of each level (L·K,) in the level's codes, of codes (N, T).

    Each counts once more than it occurs: none has probability 0.
    """
    size, levels = model.config.num_embeddings, len(model.levels)
    counts = (codes + level_offsets(model)).flatten().bincount(minlength=levels * size).double() + 1
    by_level = counts.view(levels, size)
    usage: list[float] = (by_level / by_level.sum(dim=1, keepdim=True)).flatten().tolist()
    return usage


def position_usage(codes: Tensor, labels: Tensor, size: int) -> list[list[list[float]]]:
    """The fraction of each of K codes in each cell of the codes (N, T) of each class: (10, T, K), four decimals."""
    cells = codes.shape[1]
    columns = codes.long() + torch.arange(cells) * size  # (N, T), in a table of T·K columns
    usage = []
    for label in range(CLASSES):
        members = columns[labels == label]  # (n, T)
        shares = members.flatten().bincount(minlength=cells * size).double() / len(members)  # (T·K,)
        usage.append([[round(share, 4) for share in cell] for cell in shares.view(-1, size).tolist()])
    return usage


def measure_prior(weights: Path, data_dir: Path | None, update_card: bool = False) -> PriorMetrics:
    """Evaluate the prior of a model on the test digits; `update_card` writes the metrics to its card.

    Raises:
        UserError: model, prior or data cannot be used, or the card cannot be written.
    """
    model, _ = load_weights(weights)
    path = prior_path(weights)
    network, card = load_network(path)
    if card.config.model_sha256 != hash_of(weights.read_bytes()):
        raise UserError(f"The prior {path} was trained on the codes of other weights than {weights}.")
    data_dir = data_dir or default_data_dir()
    digits, labels = load_mnist(data_dir, train=False), load_labels(data_dir, train=False)
    metrics = evaluate_prior(network, model, card.code_usage, card.position_usage, digits, labels)
    if update_card:
        save_prior_card(card.model_copy(update={"metrics": metrics}), path)
    return metrics
