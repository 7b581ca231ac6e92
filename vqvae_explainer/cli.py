"""The command line: serve, train, train-prior, evaluate, export, export-site.

Each command imports what it needs when it runs, so `serve` does not import training libraries.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from . import __version__
from .data_dir import DATA_DIR_VARIABLE
from .errors import UserError, needing_train_extra
from .languages import LANGUAGES
from .model.config import Config
from .model.presets import DEFAULT, PRESETS
from .model.prior_config import PRIOR_PRESETS, PriorConfig
from .resources import resource

# Options of `train` that override a field of the preset's configuration.
OVERRIDES: tuple[tuple[str, str, type, str], ...] = (
    ("--name", "name", str, "name of the files"),
    ("--epochs", "epochs", int, "passes over the training digits"),
    ("--batch-size", "batch_size", int, "digits per step, for each process"),
    ("--lr", "learning_rate", float, "peak learning rate"),
    ("--beta", "beta", float, "weight β of the commitment loss"),
    ("--num-embeddings", "num_embeddings", int, "number K of codes"),
    ("--embedding-dim", "embedding_dim", int, "length D of each code"),
    ("--seed", "seed", int, "seed of weights, codebook and the order of digits"),
)

# The same for `train-prior`.
PRIOR_OVERRIDES: tuple[tuple[str, str, type, str], ...] = (
    ("--epochs", "epochs", int, "passes over the training digits"),
    ("--batch-size", "batch_size", int, "digits per step"),
    ("--lr", "learning_rate", float, "peak learning rate"),
    ("--channels", "channels", int, "length of the vector of a cell"),
    ("--layers", "layers", int, "layers of the network"),
    ("--seed", "seed", int, "seed of weights and the order of digits"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        The exit status: 0; 2 for an error that the user can correct, printed in one sentence; 130 after Ctrl-C.
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
    parser = argparse.ArgumentParser(
        prog="vqvae-explainer",
        description="Draw a digit and look inside a vector-quantized variational autoencoder (VQ-VAE) while it runs.\n"
        "Start with `vqvae-explainer serve --open`.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(
        title="commands", required=True, metavar="serve | train | train-prior | evaluate | export | export-site"
    )
    add_serve(commands)
    add_train(commands)
    add_train_prior(commands)
    add_evaluate(commands)
    add_export(commands)
    add_export_site(commands)
    return parser


def add_serve(commands: Any) -> None:
    parser = commands.add_parser(
        "serve",
        help="serve the page",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Serve the page with the drawing pad and the models. Stop the server with Ctrl-C.",
        epilog="examples:\n"
        "  vqvae-explainer serve --open                         open the page in the browser\n"
        "  vqvae-explainer serve --host 0.0.0.0 --port 80       accept connections from the network\n"
        "  vqvae-explainer serve --host 0.0.0.0 --workers 4     for several classes at once\n"
        "  vqvae-explainer serve --weights runs/mine.safetensors",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; 0.0.0.0 accepts connections from the network (default: %(default)s)",
    )
    parser.add_argument(
        "--port",
        type=int_between(0, 65_535),
        default=8000,
        help="port to listen on; 0 uses a free port (default: %(default)s)",
    )
    parser.add_argument(
        "--weights",
        type=Path,
        default=None,
        metavar="PATH",
        help="weights file (.safetensors), or a folder of them (default: the shipped models)",
    )
    parser.add_argument("--open", action="store_true", help="open the page in the browser when the server is ready")
    parser.add_argument("--reload", action="store_true", help="restart when the source code changes, for development")
    parser.add_argument(
        "--workers",
        type=int_between(1),
        default=1,
        metavar="N",
        help="number of processes that share the load, at most one per CPU core (default: %(default)s)",
    )
    parser.add_argument(
        "--training",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="let visitors train small models, one at a time; needs PyTorch and MNIST (default: only if --host is an "
        "address of this machine alone)",
    )
    add_data_dir(parser, "folder that contains MNIST/raw, for training")
    parser.set_defaults(run=run_serve)


def add_train(commands: Any) -> None:
    presets = "\n".join(f"  {name:<16} {preset.title}" for name, preset in PRESETS.items())
    parser = commands.add_parser(
        "train",
        help="train a model on MNIST",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Train a model on the 60,000 training digits of MNIST and evaluate it on the 10,000 test digits.\n"
        "MNIST is downloaded if necessary. Files written to the folder --out:\n"
        "  NAME.safetensors     weights\n"
        "  NAME.json            model card: configuration, versions, metrics, training history\n"
        "  NAME.playback.json   snapshots of the training, shown on the page\n"
        "  NAME.png             report: loss curves, reconstructions, code usage\n"
        "  NAME.*.onnx          the model in the format that `serve` runs, without PyTorch\n"
        "  NAME.detail.json     what the page shows of the model without a drawing\n"
        "A checkpoint is saved after each epoch: continue an interrupted run with --resume.\n"
        "On one CPU with the same number of threads, every run gives the same weights, bit by bit; on a GPU, or with\n"
        "other threads or versions, up to rounding.",
        epilog=f"presets:\n{presets}\n\n"
        "examples:\n"
        "  vqvae-explainer train --name mine --epochs 3 --out runs                        a few minutes\n"
        "  vqvae-explainer train --name forty --num-embeddings 40 --codebook gradient --out runs\n"
        "  torchrun --nproc-per-node 4 -m vqvae_explainer train --batch-size 32 --out runs     4 processes\n"
        "  vqvae-explainer serve --weights runs/mine.safetensors                          try the model",
    )
    parser.add_argument(
        "--preset",
        choices=PRESETS,
        default=DEFAULT,
        metavar="PRESET",
        help="configuration to start from, see below (default: %(default)s)",
    )
    add_overrides(parser, OVERRIDES)
    parser.add_argument(
        "--codebook",
        choices=("ema", "gradient", "frozen"),
        default=argparse.SUPPRESS,
        help="how codes are learned: moving averages, gradient, or not at all (default: the preset's)",
    )
    parser.add_argument(
        "--codebook-init",
        choices=("kmeans", "samples", "uniform", "normal"),
        default=argparse.SUPPRESS,
        help="initial codes: k-means or samples of encoder outputs, or noise (default: the preset's)",
    )
    add_device(parser)
    add_data_dir(parser)
    parser.add_argument(
        "--out", type=Path, default=Path("weights"), metavar="DIR", help="folder to write to (default: %(default)s)"
    )
    add_resume(parser)
    parser.add_argument(
        "--log-dir",
        type=Path,
        default=None,
        metavar="DIR",
        help="also write a TensorBoard log to this folder (default: no log)",
    )
    parser.set_defaults(run=run_train)


def add_train_prior(commands: Any) -> None:
    parser = commands.add_parser(
        "train-prior",
        help="train a prior over the codes of a model",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Train a prior: a second model, which learns to write the codes of a VQ-VAE and so generates\n"
        "digits. It learns from the codes of the 60,000 training digits of MNIST and is evaluated on the 10,000 test\n"
        "digits. MNIST is downloaded if necessary. Files written to the folder --out:\n"
        "  MODEL.prior.safetensors     weights\n"
        "  MODEL.prior.json            card: configuration, versions, metrics, training history\n"
        "A checkpoint is saved after each epoch: continue an interrupted run with --resume.\n"
        "On one CPU with the same number of threads, every run gives the same weights, bit by bit.",
        epilog="presets:\n"
        "  transformer      a causal transformer, which the page uses\n"
        "  pixelcnn         a gated PixelCNN, the prior of the VQ-VAE paper, to compare with\n\n"
        "examples:\n"
        "  vqvae-explainer train-prior --out runs                           for the default model, half an hour\n"
        "  vqvae-explainer train-prior --weights runs/mine.safetensors      for your own model, written beside it\n"
        "  vqvae-explainer train-prior --architecture pixelcnn --out runs",
    )
    add_weights(parser, "weights file of the VQ-VAE")
    parser.add_argument(
        "--preset",
        "--architecture",
        choices=PRIOR_PRESETS,
        default="transformer",
        metavar="PRESET",
        help="architecture and its settings, see below (default: %(default)s)",
    )
    add_overrides(parser, PRIOR_OVERRIDES)
    add_device(parser)
    add_data_dir(parser)
    parser.add_argument(
        "--out", type=Path, default=None, metavar="DIR", help="folder to write to (default: that of the VQ-VAE)"
    )
    add_resume(parser)
    parser.set_defaults(run=run_train_prior)


def add_evaluate(commands: Any) -> None:
    parser = commands.add_parser(
        "evaluate",
        help="evaluate a model on the test digits",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Evaluate a model, or its prior, on the 10,000 test digits of MNIST and print the metrics.",
        epilog="examples:\n"
        "  vqvae-explainer evaluate                                                the default model\n"
        "  vqvae-explainer evaluate --weights runs/mine.safetensors --json\n"
        "  vqvae-explainer evaluate --prior                                        the default model's prior",
    )
    add_weights(parser, "weights file of the model")
    parser.add_argument("--prior", action="store_true", help="evaluate the prior beside the weights instead")
    add_data_dir(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument(
        "--update-card",
        action="store_true",
        help="also write the metrics, and hashes if there are none, to the model card",
    )
    parser.set_defaults(run=run_evaluate)


def add_export(commands: Any) -> None:
    parser = commands.add_parser(
        "export",
        help="make the bundles of models anew",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Make the bundle of a model anew: files beside its weights with which `serve` needs no PyTorch.\n"
        "  NAME.*.onnx          the model in the format that `serve` runs\n"
        "  NAME.detail.json     what the page shows of the model without a drawing, such as its source code\n"
        "`train` writes the bundle too. Make it anew after a change of the source in model/ or explain/: until then,\n"
        "`serve` imports PyTorch and runs the changed source. The weights stay as they are; the card NAME.json\n"
        "names the new files.",
        epilog="examples:\n"
        "  vqvae-explainer export                                       the shipped models\n"
        "  vqvae-explainer export --weights runs                        all models of a folder\n"
        "  vqvae-explainer export --weights runs/mine.safetensors",
    )
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="PATH",
        default=resource("weights"),
        help="weights file (.safetensors), or a folder of them (default: the shipped models)",
    )
    parser.set_defaults(run=run_export)


def add_weights(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="FILE",
        default=resource("weights") / f"{DEFAULT}.safetensors",
        help=f"{text} (default: the shipped {DEFAULT})",
    )


def add_overrides(parser: argparse.ArgumentParser, overrides: tuple[tuple[str, str, type, str], ...]) -> None:
    for option, field, kind, text in overrides:
        parser.add_argument(
            option, type=kind, default=argparse.SUPPRESS, dest=field, help=f"{text} (default: the preset's)"
        )


def add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda", "mps"),
        default="auto",
        help="where to train; auto uses a GPU if there is one (default: %(default)s)",
    )


def add_resume(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--resume", action="store_true", help="continue an interrupted run after its last epoch")


def add_export_site(commands: Any) -> None:
    parser = commands.add_parser(
        "export-site",
        help="write the page as files for a static host",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Write the page as files that any static host serves, under any address: the model runs in the\n"
        "visitor's browser. Once visited, the page also opens without a network.\n"
        "If DIR holds an older export, it is replaced; its last version stays for tabs that show it.",
        epilog="examples:\n"
        "  vqvae-explainer export-site dist/site                      the shipped models\n"
        "  python -m http.server --directory dist/site                try it\n"
        "  vqvae-explainer export-site dist/site --weights runs/mine.safetensors --base-url https://school.example/digits\n"
        "  vqvae-explainer export-site stick --single-file            one file for a memory stick\n"
        "  vqvae-explainer export-site stick --single-file --language es",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder to write to; made if it does not exist")
    parser.add_argument(
        "--weights",
        type=Path,
        nargs="+",
        default=(),
        metavar="PATH",
        help="weights files (.safetensors) or folders of them, the default model first (default: the shipped models)",
    )
    parser.add_argument(
        "--base-url",
        default="",
        metavar="URL",
        help="address under which the page will be served, for the picture of links to it and for the page shown where "
        "there is none (default: none)",
    )
    parser.add_argument(
        "--single-file",
        action="store_true",
        help="write one HTML file with up to three models, which browsers open from a disk",
    )
    parser.add_argument(
        "--language",
        choices=LANGUAGES,
        help="of a single file; a folder has the page in all of them (default: en)",
    )
    parser.set_defaults(run=run_export_site)


def add_data_dir(
    parser: argparse.ArgumentParser, text: str = "folder that contains MNIST/raw, or to download MNIST to"
) -> None:
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        default=None,
        help=f"{text} (default: $VQVAE_EXPLAINER_DATA_DIR, or a folder in the user's cache)",
    )


def int_between(low: int, high: int | None = None) -> Callable[[str], int]:
    """An argparse type: an integer from `low` to `high`."""

    def parse(text: str) -> int:
        number = int(text)  # argparse reports a ValueError as "invalid integer value"
        if number < low or (high is not None and number > high):
            bounds = f"at least {low}" if high is None else f"between {low} and {high}"
            raise argparse.ArgumentTypeError(f"must be {bounds}, got {number}.")
        return number

    parse.__name__ = "integer"
    return parse


def run_serve(options: argparse.Namespace) -> None:
    from .server.run import run

    if options.data_dir is not None:
        os.environ[DATA_DIR_VARIABLE] = str(options.data_dir.absolute())  # processes that train inherit it
    run(
        options.host,
        options.port,
        options.weights,
        options.open,
        options.reload,
        options.workers,
        options.training,
    )


def run_train(options: argparse.Namespace) -> None:
    with needing_train_extra("train"):
        from .training.run import run

    preset = PRESETS[options.preset]
    overrides = given(options, Config)
    run(preset, overrides, options.device, options.data_dir, options.out, options.resume, options.log_dir)


def run_train_prior(options: argparse.Namespace) -> None:
    with needing_train_extra("train-prior"):
        from .training.prior.run import run

    overrides = given(options, PriorConfig)
    run(options.weights, options.preset, overrides, options.device, options.data_dir, options.out, options.resume)


def given(options: argparse.Namespace, config: type[BaseModel]) -> dict[str, Any]:
    """The fields of a configuration that options set."""
    return {name: getattr(options, name) for name in config.model_fields if hasattr(options, name)}


def run_export_site(options: argparse.Namespace) -> None:
    if options.single_file:
        from .site.single_file import export_single_file

        if options.base_url:
            raise UserError("A single file has no address: omit --base-url.")
        print(f"Wrote {export_single_file(options.folder, options.weights, options.language or LANGUAGES[0])}.")
        return
    if options.language:
        raise UserError("A folder has the page in all languages: omit --language, or add --single-file.")
    from .site.export import export_site

    print(f"Wrote {export_site(options.folder, options.weights, options.base_url)}.")


def run_evaluate(options: argparse.Namespace) -> None:
    with needing_train_extra("evaluate"):
        from .training.prior.run import measure_prior
        from .training.run import measure

    measured = measure_prior if options.prior else measure
    metrics: BaseModel = measured(options.weights, options.data_dir, options.update_card)
    if options.json:
        print(metrics.model_dump_json())
        return
    for name, value in scalars(metrics.model_dump()):
        print(f"{name:<28} {value:>12.5f}" if isinstance(value, float) else f"{name:<28} {value:>12}")


def scalars(metrics: dict[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    """Names and values of metrics, those of a level as in "levels.top.margin". The rest is only in the JSON output."""
    for name, value in metrics.items():
        if isinstance(value, dict):
            yield from scalars(value, f"{within}{name}.")
        elif not isinstance(value, list | str):
            yield within + name, value


def run_export(options: argparse.Namespace) -> None:
    with needing_train_extra("export"):
        from .training.export import export

    export(options.weights)
