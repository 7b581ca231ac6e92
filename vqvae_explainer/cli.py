"""The command line: serve, train, evaluate.

Each command imports what it needs when it runs, so that `serve` does not wait for what only training uses.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import __version__
from .errors import UserError
from .model.config import Config
from .model.presets import DEFAULT, PRESETS
from .resources import resource


class HelpFormatter(argparse.RawDescriptionHelpFormatter, argparse.ArgumentDefaultsHelpFormatter):
    """Keeps examples as they are laid out, and tells each option's default."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        The exit status: 0; 2 for something that the person can mend, told in one sentence; 130 after Ctrl-C.
    """
    parsed = build_parser().parse_args(arguments)
    try:
        parsed.run(parsed)
    except UserError as error:
        print(f"vqvae-explainer: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def build_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = argparse.ArgumentParser(
        prog="vqvae-explainer",
        description="Draw a digit and see inside a vector-quantized variational autoencoder while it works.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="serve | train | evaluate")
    add_serve(commands)
    add_train(commands)
    add_evaluate(commands)
    return parser


def add_serve(commands: Any) -> None:
    """`serve` and its options."""
    parser = commands.add_parser(
        "serve",
        help="serve the page",
        formatter_class=HelpFormatter,
        description="Serve the page on which digits are drawn. Ctrl-C stops it.",
        epilog="examples:\n"
        "  vqvae-explainer serve --open\n"
        "  vqvae-explainer serve --host 0.0.0.0 --port 80       let others on the network in\n"
        "  vqvae-explainer serve --host 0.0.0.0 --workers 4     for several classes at once\n"
        "  vqvae-explainer serve --weights runs/mine.safetensors",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 lets the network in")
    parser.add_argument("--port", type=port_number, default=8000, help="port to listen on; 0 takes a free one")
    parser.add_argument(
        "--weights", type=Path, default=None, metavar="PATH", help="weights file or folder (default: the shipped ones)"
    )
    parser.add_argument("--open", action="store_true", help="open the page in the browser once it is ready")
    parser.add_argument("--reload", action="store_true", help="restart when the code changes (for developers)")
    parser.add_argument(
        "--workers", type=at_least_one, default=1, metavar="N", help="processes that share the work, one for each core"
    )
    parser.set_defaults(run=run_serve)


def add_train(commands: Any) -> None:
    """`train` and its options."""
    presets = "\n".join(f"  {name:<14} {preset.title}" for name, preset in PRESETS.items())
    parser = commands.add_parser(
        "train",
        help="train a model on MNIST",
        formatter_class=HelpFormatter,
        description="Train a model on the 60,000 digits of MNIST, measure it on the 10,000 test digits, and write\n"
        "NAME.safetensors (weights), NAME.json (configuration, provenance, figures), NAME.playback.json\n"
        "(snapshots of the training for the page) and NAME.png (report).\n"
        "Progress is kept after each epoch: a run that was stopped goes on with --resume.",
        epilog=f"presets:\n{presets}\n\n"
        "examples:\n"
        "  vqvae-explainer train --name mine --epochs 3 --out runs\n"
        "  vqvae-explainer train --name forty --num-embeddings 40 --codebook gradient --out runs\n"
        "  torchrun --nproc-per-node 4 -m vqvae_explainer train --batch-size 32 --out runs    4 × 32 a step\n"
        "  vqvae-explainer serve --weights runs/mine.safetensors",
    )
    parser.add_argument(
        "--preset", choices=PRESETS, default=DEFAULT, metavar="PRESET", help="configuration to start from (see below)"
    )
    for option, field, kind in OVERRIDES:
        info = Config.model_fields[field]
        parser.add_argument(
            option, type=kind, default=argparse.SUPPRESS, dest=field, help=f"{info.description} (default: the preset's)"
        )
    parser.add_argument(
        "--codebook",
        choices=("ema", "gradient", "frozen"),
        default=argparse.SUPPRESS,
        help="how codes learn: moving averages, gradient, or not at all (default: the preset's)",
    )
    parser.add_argument(
        "--codebook-init",
        choices=("kmeans", "samples", "uniform", "normal"),
        default=argparse.SUPPRESS,
        help="where codes start: k-means or samples of encoder outputs, or noise (default: the preset's)",
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto", help="where to train")
    add_data_dir(parser)
    parser.add_argument("--out", type=Path, default=Path("weights"), metavar="DIR", help="folder to write to")
    parser.add_argument("--resume", action="store_true", help="go on from the last finished epoch of a stopped run")
    parser.add_argument(
        "--log-dir",
        type=Path,
        default=None,
        metavar="DIR",
        help="also write a log for TensorBoard there (default: none)",
    )
    parser.set_defaults(run=run_train)


OVERRIDES: tuple[tuple[str, str, type], ...] = (
    ("--name", "name", str),
    ("--epochs", "epochs", int),
    ("--batch-size", "batch_size", int),
    ("--lr", "learning_rate", float),
    ("--beta", "beta", float),
    ("--num-embeddings", "num_embeddings", int),
    ("--embedding-dim", "embedding_dim", int),
    ("--seed", "seed", int),
)


def add_evaluate(commands: Any) -> None:
    """`evaluate` and its options."""
    parser = commands.add_parser(
        "evaluate",
        help="measure a model on the test digits",
        formatter_class=HelpFormatter,
        description="Measure a model on the 10,000 test digits of MNIST.",
        epilog="examples:\n"
        "  vqvae-explainer evaluate\n"
        "  vqvae-explainer evaluate --weights runs/mine.safetensors --json",
    )
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="FILE",
        default=resource("weights") / f"{DEFAULT}.safetensors",
        help="weights file",
    )
    add_data_dir(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument(
        "--update-card",
        action="store_true",
        help="also write the figures into the card beside the weights, instead of those that it has",
    )
    parser.set_defaults(run=run_evaluate)


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    """The option that says where MNIST is."""
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        default=None,
        help="folder that holds MNIST/raw, or that MNIST is downloaded to "
        "(default: $VQVAE_EXPLAINER_DATA_DIR, or a folder in your cache)",
    )


def port_number(text: str) -> int:
    """An option's text → a port.

    Raises:
        ValueError: it is no number from 0 to 65535.
    """
    port = int(text)
    if not 0 <= port <= 65_535:
        raise ValueError(f"{port} is no port")
    return port


def at_least_one(text: str) -> int:
    """An option's text → a number.

    Raises:
        ValueError: it is no number, or less than 1.
    """
    number = int(text)
    if number < 1:
        raise ValueError(f"{number} is less than 1")
    return number


def run_serve(options: argparse.Namespace) -> None:
    """`serve`."""
    from .server.run import run

    run(options.host, options.port, options.weights, options.open, options.reload, options.workers)


def run_train(options: argparse.Namespace) -> None:
    """`train`."""
    from .training.run import run

    overrides = {name: getattr(options, name) for name in Config.model_fields if hasattr(options, name)}
    preset = PRESETS[options.preset]
    run(preset, overrides, options.device, options.data_dir, options.out, options.resume, options.log_dir)


def run_evaluate(options: argparse.Namespace) -> None:
    """`evaluate`."""
    from .training.run import measure

    figures = measure(options.weights, options.data_dir, options.update_card)
    if options.json:
        print(figures.model_dump_json())
        return
    for name, value in figures.model_dump().items():
        if isinstance(value, list):
            continue  # for --json
        print(f"{name:<20} {value:>12.5f}" if isinstance(value, float) else f"{name:<20} {value:>12}")
