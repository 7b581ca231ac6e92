"""The commands `train` and `evaluate`, from options to files."""

import platform
import shlex
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from ..errors import UserError
from ..files import replacing
from ..model.card import Metrics, ModelCard
from ..model.config import Config
from ..model.weights import load_weights, save_weights
from .callbacks import Callback
from .checkpoints import checkpoint_path
from .data import CHECKSUMS, default_data_dir, load_mnist
from .distributed import joined, local_rank, told_by_torchrun
from .export import export_onnx
from .loop import train
from .memory import keep_freed_memory
from .metrics import evaluate
from .playback import Recorder, save_playback
from .report import save_report


def run(
    preset: Config,
    overrides: dict[str, Any],
    device_name: str,
    data_dir: Path | None,
    out: Path,
    resume: bool,
    log_dir: Path | None = None,
) -> None:
    """Train a model and write its weights, card, playback and report to `out`; alone, or with torchrun's others.

    Raises:
        UserError: a setting is out of bounds, or data, device or folder cannot be used.
        SystemExit: the same, in a process that another on this machine tells it for.
    """
    try:
        run_here(preset, overrides, device_name, data_dir, out, resume, log_dir)
    except UserError as error:
        if local_rank() > 0:
            raise SystemExit(2) from error
        raise


def run_here(
    preset: Config,
    overrides: dict[str, Any],
    device_name: str,
    data_dir: Path | None,
    out: Path,
    resume: bool,
    log_dir: Path | None,
) -> None:
    """`run` in one process."""
    config = override(preset, overrides)
    device = find_device(device_name)
    checkpoint = checkpoint_path(out, config.name)
    if checkpoint.exists() and not resume:
        raise UserError(f"{checkpoint} holds an unfinished run: go on with --resume, or delete the file to start anew.")
    try:
        out.mkdir(parents=True, exist_ok=True)  # or a whole epoch is lost before it is noticed
    except OSError as error:
        raise UserError(f"Cannot write {out}: {error.strerror}.") from error
    data_dir = data_dir or default_data_dir()
    keep_freed_memory()
    recorder = Recorder()
    callbacks = (recorder,) if log_dir is None else (recorder, open_board(log_dir))
    with joined(device) as processes:
        if processes.first:
            for leftover in out.glob(f".{config.name}.*.tmp"):  # of a run that was killed while it wrote
                leftover.unlink(missing_ok=True)
        if local_rank() > 0:
            processes.wait()  # until the first process of this machine has downloaded MNIST for all
        digits, test_digits = load_mnist(data_dir, train=True), load_mnist(data_dir, train=False)
        if local_rank() == 0:
            processes.wait()
        try:
            model, history = train(config, digits, device, checkpoint, resume, callbacks=callbacks, processes=processes)
        except KeyboardInterrupt:
            if processes.first:
                again = "go on with --resume" if checkpoint.exists() else "no epoch was finished"
                print(f"\nStopped: {again}.", file=sys.stderr)
            raise
    if not processes.first:
        return
    card = ModelCard(
        config=config,
        command=command(processes.number),
        versions=versions(),
        device=device.type if processes.number == 1 else f"{processes.number} × {device.type}",
        data_md5=CHECKSUMS,
        figures=evaluate(model, test_digits),
        history=history,
    )
    save_report(model, card, test_digits, out / f"{config.name}.png")
    path = save_weights(model, card, out)
    save_playback(recorder.playback(), path)
    export_onnx(model, path)
    checkpoint.unlink(missing_ok=True)
    print(f"Test MSE {card.figures.test_mse:.5f}, {card.figures.codes_used} codes used. Wrote {path}, card and report.")


def open_board(folder: Path) -> Callback:
    """Who writes TensorBoard's log.

    Raises:
        UserError: TensorBoard is not installed, or the folder cannot be written.
    """
    try:
        from .tensorboard import TensorBoardCallback  # nothing else needs TensorBoard
    except ImportError as error:
        raise UserError("--log-dir needs TensorBoard: pip install tensorboard.") from error
    return TensorBoardCallback(folder)


def command(processes: int) -> str:
    """The command that started this run, without the --resume of its last start."""
    start = ["vqvae-explainer"]
    if processes > 1:
        per_node = told_by_torchrun("LOCAL_WORLD_SIZE", processes)
        nodes = [] if per_node == processes else ["--nnodes", str(processes // per_node)]
        start = ["torchrun", *nodes, "--nproc-per-node", str(per_node), "-m", "vqvae_explainer"]
    return shlex.join([*start, *(argument for argument in sys.argv[1:] if argument != "--resume")])


def versions() -> dict[str, str]:
    """Of Python and of the libraries that the result depends on."""
    libraries = {name: version(name) for name in ("vqvae-explainer", "numpy", "safetensors", "torchvision")}
    # PyTorch's own word tells the build as well.
    return {"python": platform.python_version(), "torch": torch.__version__} | libraries


def measure(weights: Path, data_dir: Path | None, update_card: bool = False) -> Metrics:
    """Measure weights on the test digits, and put the figures on their card if `update_card` says so.

    Raises:
        UserError: weights or data cannot be used, or the card cannot be written.
    """
    model, card = load_weights(weights)
    figures = evaluate(model, load_mnist(data_dir or default_data_dir(), train=False))
    if update_card:
        with replacing(weights.with_suffix(".json")) as temporary:
            text = card.model_copy(update={"figures": figures}).model_dump_json(indent=1)
            temporary.write_text(text + "\n", encoding="utf-8")
    return figures


def override(preset: Config, overrides: dict[str, Any]) -> Config:
    """The preset with some of its fields changed.

    Raises:
        UserError: a field is out of its bounds.
    """
    try:
        return Config.model_validate(preset.model_dump() | overrides)
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(f"{first['loc'][0]} cannot be {first['input']!r}: {first['msg'].lower()}.") from error


def find_device(name: str) -> torch.device:
    """The device of that name; "auto" takes the fastest there is.

    Raises:
        UserError: this machine, or this build of PyTorch, does not have it.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(device for device, there in available.items() if there)
    if not available[name]:
        raise UserError(
            f"There is no {name} device here: use one of {', '.join(d for d, there in available.items() if there)}."
        )
    return torch.device(name, local_rank()) if name == "cuda" else torch.device(name)
