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
from ..model.card import Card, Figures
from ..model.config import Config
from ..model.weights import load_weights, save_weights
from .checkpoints import checkpoint_path
from .data import CHECKSUMS, default_data_dir, load_mnist
from .loop import train
from .metrics import evaluate
from .report import save_report


def run(
    preset: Config, overrides: dict[str, Any], device_name: str, data_dir: Path | None, out: Path, resume: bool
) -> None:
    """Train a model and write its weights, card and report to `out`.

    Raises:
        UserError: a setting is out of bounds, or data, device or folder cannot be used.
    """
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
    digits, test_digits = load_mnist(data_dir, train=True), load_mnist(data_dir, train=False)
    try:
        model, history = train(config, digits, device, checkpoint, resume)
    except KeyboardInterrupt:
        again = "go on with --resume" if checkpoint.exists() else "no epoch was finished"
        print(f"\nStopped: {again}.", file=sys.stderr)
        raise
    card = Card(
        config=config,
        command=shlex.join(["vqvae-explainer", *(a for a in sys.argv[1:] if a != "--resume")]),
        versions=versions(),
        device=str(device),
        data_md5=CHECKSUMS,
        figures=evaluate(model, test_digits),
        history=history,
    )
    save_report(model, card, test_digits, out / f"{config.name}.png")
    path = save_weights(model, card, out)
    checkpoint.unlink(missing_ok=True)
    print(f"Test MSE {card.figures.test_mse:.5f}, {card.figures.codes_used} codes used. Wrote {path}, card and report.")


def versions() -> dict[str, str]:
    """Of Python and of the libraries that the result depends on."""
    libraries = {name: version(name) for name in ("vqvae-explainer", "numpy", "safetensors", "torchvision")}
    # PyTorch's own word tells the build as well.
    return {"python": platform.python_version(), "torch": torch.__version__} | libraries


def measure(weights: Path, data_dir: Path | None) -> Figures:
    """Measure weights on the test digits.

    Raises:
        UserError: weights or data cannot be used.
    """
    model, _ = load_weights(weights)
    return evaluate(model, load_mnist(data_dir or default_data_dir(), train=False))


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
    return torch.device(name)
