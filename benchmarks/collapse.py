"""`python -m benchmarks.collapse --out DIR`: train the models with collapsing codebooks with several seeds.

Takes hours. Each run is kept in DIR and not repeated; the table in docs/models.md is printed at the end. The models
"as published" have the mistakes of the code printed in their articles, which the presets do not have.
"""

import argparse
import sys
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import torch
from torch import Tensor

from vqvae_explainer.explain.variants import reshape_only
from vqvae_explainer.model import vqvae
from vqvae_explainer.model.card import ModelCard, load_card
from vqvae_explainer.model.presets import PRESETS
from vqvae_explainer.model.quantizer import Quantization, VectorQuantizer
from vqvae_explainer.training.checkpoints import checkpoint_path
from vqvae_explainer.training.run import run

HEAD = "| run | seed | codes used | perplexity | test MSE |\n|---|---|---|---|---|"


class WrongReshape(VectorQuantizer):
    """The minimal article's: `inputs.view(-1, embedding_dim)` of features that are channels first."""

    def forward(self, features: Tensor) -> Quantization:
        batch, dim, height, width = features.shape
        rows: Tensor = reshape_only(features.contiguous())  # type: ignore[arg-type, assignment]
        q: Quantization = super().forward(rows.permute(0, 3, 1, 2))
        return q._replace(quantized=q.quantized.reshape(batch, dim, height, width).permute(0, 2, 3, 1))


class NoStraightThrough(VectorQuantizer):
    """The JAX article's: the decoder's gradient goes to the codes, and the encoder gets none of it."""

    def forward(self, features: Tensor) -> Quantization:
        q: Quantization = super().forward(features)
        return q._replace(quantized=q.quantized_vectors.reshape(q.features.shape))


class Model(NamedTuple):
    preset: str
    quantizer: type[VectorQuantizer] = VectorQuantizer
    title: str = ""


MODELS = {
    "mlp-512": Model("mlp-512"),
    "mlp-512-published": Model("mlp-512", NoStraightThrough, "`mlp-512` as published, without straight-through"),
    "minimal-512": Model("minimal-512"),
    "minimal-512-published": Model("minimal-512", WrongReshape, "`minimal-512` as published, wrong reshape"),
    "minimal-20": Model("minimal-20"),
    "minimal-20-published": Model("minimal-20", WrongReshape, "`minimal-20` as published, wrong reshape"),
    "minimal-512-revived": Model("minimal-512-revived"),
}


def card_of(name: str, seed: int, out: Path, data_dir: Path | None) -> ModelCard:
    """The card of a run, which is trained if there is none in `out`."""
    model, folder = MODELS[name], out / f"{name}-{seed}"
    path = folder / f"{model.preset}.json"
    if not path.is_file():
        resume = checkpoint_path(folder, model.preset).is_file()
        command = ["vqvae-explainer", "train", "--preset", model.preset, "--seed", str(seed)]  # as the card names it
        with patch.object(vqvae, "VectorQuantizer", model.quantizer), patch.object(sys, "argv", command):
            run(PRESETS[model.preset], {"seed": seed}, "cpu", data_dir, folder, resume)
    return load_card(path)


def line(name: str, card: ModelCard) -> str:
    """A run's row of the table."""
    metrics, size = card.figures, card.config.num_embeddings
    title = MODELS[name].title or f"`{name}`"
    used = f"{metrics.codes_used} of {size} ({metrics.codes_used / size:.0%})"
    return f"| {title} | {card.config.seed} | {used} | {metrics.perplexity:.1f} | {metrics.test_mse:.5f} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.collapse", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the runs")
    parser.add_argument("--data-dir", type=Path, default=None, metavar="DIR", help="folder that contains MNIST/raw")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MODELS)} (default: all)")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="seeds 0 to N − 1 (default: 5)")
    options = parser.parse_args()
    if unknown := set(options.names) - set(MODELS):
        parser.error(f"unknown run {', '.join(sorted(unknown))}; choose from {', '.join(MODELS)}")
    torch.set_num_threads(1)
    names = options.names or list(MODELS)
    cards = [
        (name, card_of(name, seed, options.out, options.data_dir)) for name in names for seed in range(options.seeds)
    ]
    print("\n".join([HEAD, *(line(name, card) for name, card in cards)]))


if __name__ == "__main__":
    main()
