"""The commands `train` and `evaluate`."""

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import torch
from pydantic import BaseModel, ValidationError

from ..errors import UserError
from ..explain.bundle import update_card
from ..files import finish_replacing
from ..model.card import Metrics, ModelCard, hash_of
from ..model.config import Config
from ..model.playback import SUFFIX as PLAYBACK_SUFFIX
from ..model.weights import hashes, load_weights, save_weights, to_safetensors
from .callbacks import Callback
from .checkpoints import checkpoint_path
from .data import CHECKSUMS, default_data_dir, load_mnist
from .distributed import local_rank, process_group, torchrun_variable
from .export import export_bundle
from .loop import train
from .memory import keep_freed_memory
from .metrics import evaluate
from .playback import Recorder
from .report import plot_report
from .versions import versions

ConfigT = TypeVar("ConfigT", bound=BaseModel)


def run(
    preset: Config,
    overrides: dict[str, Any],
    device_name: str,
    data_dir: Path | None,
    out: Path,
    resume: bool,
    log_dir: Path | None = None,
) -> None:
    """Train a model and write its weights, card, playback, report and bundle to `out`.

    Args:
        preset: the configuration to start from.
        overrides: fields of the configuration to change.
        device_name: "auto", "cpu", "cuda" or "mps".
        data_dir: the folder that contains MNIST/raw, or to download MNIST to; a cache folder if None.
        out: the folder to write to.
        resume: continue from the checkpoint in `out`.
        log_dir: the folder for the TensorBoard log; no log if None.

    Raises:
        UserError: a setting is out of bounds, or data, device or folder cannot be used.
        SystemExit: the same, in a process with a local rank above 0: only one process per machine prints the error.
    """
    try:
        _run(preset, overrides, device_name, data_dir, out, resume, log_dir)
    except UserError as error:
        if local_rank() > 0:
            raise SystemExit(2) from error
        raise


def _run(
    preset: Config,
    overrides: dict[str, Any],
    device_name: str,
    data_dir: Path | None,
    out: Path,
    resume: bool,
    log_dir: Path | None,
) -> None:
    config = override(preset, overrides)
    device = find_device(device_name)
    checkpoint = prepare_folder(out, config.name, resume)
    data_dir = data_dir or default_data_dir()
    keep_freed_memory()
    recorder = Recorder()
    callbacks = (recorder,) if log_dir is None else (recorder, tensorboard_callback(log_dir))
    with process_group(device) as context:
        if context.is_main:
            finish_run(out, config.name)
        if local_rank() > 0:
            context.barrier()  # until local rank 0 has downloaded MNIST
        digits, test_digits = load_mnist(data_dir, train=True), load_mnist(data_dir, train=False)
        if local_rank() == 0:
            context.barrier()
        with advising(checkpoint, context.is_main):
            model, history = train(config, digits, device, checkpoint, resume, callbacks=callbacks, context=context)
    if not context.is_main:
        return
    card = ModelCard(
        config=config,
        command=command(context.world_size),
        versions=versions(),
        device=device.type if context.world_size == 1 else f"{context.world_size} × {device.type}",
        data_md5=CHECKSUMS,
        figures=evaluate(model, test_digits),
        history=history,
    )
    playback = recorder.playback().to_bytes()
    others = {PLAYBACK_SUFFIX: playback, "png": plot_report(model, card, test_digits)}
    try:
        bundle = export_bundle(model, card, hash_of(to_safetensors(model)), playback)
    except UserError as error:  # the weights are written all the same
        print(f"{error} `serve` will need PyTorch for it.", file=sys.stderr)
        bundle = {}
    path = save_weights(model, card, out, others | bundle)
    checkpoint.unlink(missing_ok=True)
    print(f"Test MSE {card.figures.test_mse:.5f}, {card.figures.codes_used} codes used. Wrote {path}, card and report.")


def prepare_folder(out: Path, name: str, resume: bool) -> Path:
    """Make the folder of a run that writes `<name>.safetensors`, now and not after the first epoch.

    Returns:
        The path of the run's checkpoint.

    Raises:
        UserError: the folder cannot be written, or holds the checkpoint of a run that is not to be resumed.
    """
    checkpoint = checkpoint_path(out, name)
    if checkpoint.exists() and not resume:
        raise UserError(f"{checkpoint} is from an unfinished run. Continue with --resume, or delete it to start again.")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"Cannot write {out}: {error.strerror}.") from error
    return checkpoint


def finish_run(out: Path, name: str) -> None:
    """Finish what an earlier run of this name was killed in, and remove what it left."""
    finish_replacing(out, name)
    for leftover in out.glob(f".{name}.*.tmp"):
        leftover.unlink(missing_ok=True)


@contextmanager
def advising(checkpoint: Path, is_main: bool = True) -> Iterator[None]:
    """After Ctrl-C in the block, say how to continue."""
    try:
        yield
    except KeyboardInterrupt:
        if is_main:
            advice = "Continue with --resume." if checkpoint.exists() else "No epoch was finished."
            print(f"\nStopped. {advice}", file=sys.stderr)
        raise


def tensorboard_callback(folder: Path) -> Callback:
    """A callback that writes a TensorBoard log.

    Raises:
        UserError: TensorBoard is not installed, or the folder cannot be written.
    """
    try:
        from .tensorboard import TensorBoardCallback  # TensorBoard is optional
    except ImportError as error:
        raise UserError("--log-dir requires TensorBoard: pip install tensorboard.") from error
    return TensorBoardCallback(folder)


def command(world_size: int) -> str:
    """The command line of this run, without --resume."""
    start = ["vqvae-explainer"]
    if world_size > 1:
        per_node = torchrun_variable("LOCAL_WORLD_SIZE", world_size)
        nodes = [] if per_node == world_size else ["--nnodes", str(world_size // per_node)]
        start = ["torchrun", *nodes, "--nproc-per-node", str(per_node), "-m", "vqvae_explainer"]
    return shlex.join([*start, *(argument for argument in sys.argv[1:] if argument != "--resume")])


def measure(weights: Path, data_dir: Path | None, updates_card: bool = False) -> Metrics:
    """Evaluate weights on the test digits; `updates_card` writes the metrics, and hashes if it has none, to the card.

    Raises:
        UserError: weights or data cannot be used, or the card cannot be written.
    """
    model, card = load_weights(weights)
    metrics = evaluate(model, load_mnist(data_dir or default_data_dir(), train=False))
    if updates_card:
        update_card(card.model_copy(update={"figures": metrics, "sha256": card.sha256 or hashes(weights)}), weights)
    return metrics


def override(preset: ConfigT, overrides: dict[str, Any]) -> ConfigT:
    """The preset with some of its fields changed.

    Raises:
        UserError: a value is out of bounds.
    """
    try:
        return type(preset).model_validate(preset.model_dump(by_alias=False) | overrides)
    except ValidationError as error:
        first = error.errors()[0]
        where = f"{first['loc'][0]} cannot be {first['input']!r}: " if first["loc"] else ""
        raise UserError(f"{where}{first['msg'].removeprefix('Value error, ').lower()}.") from error


def find_device(name: str) -> torch.device:
    """The device with this name; "auto" is the fastest available one.

    Raises:
        UserError: this machine, or this build of PyTorch, does not have the device.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(device for device, there in available.items() if there)
    if not available[name]:
        raise UserError(
            f"There is no {name} device. Available: {', '.join(d for d, there in available.items() if there)}."
        )
    return torch.device(name, local_rank()) if name == "cuda" else torch.device(name)
