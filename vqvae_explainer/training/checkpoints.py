"""An unfinished run on disk: everything that `--resume` needs, in one file without pickle."""

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from ..errors import UserError
from ..files import replacing
from ..model.card import Epoch
from ..model.config import Config
from ..model.vqvae import VQVAE


def checkpoint_path(folder: Path, name: str) -> Path:
    """Where the run that will write `<name>.safetensors` to `folder` keeps its progress."""
    return folder / f"{name}.checkpoint.safetensors"


def save_checkpoint(
    path: Path, model: VQVAE, optimizer: Optimizer, schedule: LRScheduler, history: list[Epoch]
) -> None:
    """Write the state after a finished epoch, replacing the previous one.

    Raises:
        UserError: the file cannot be written.
    """
    tensors: dict[str, Tensor] = {f"model.{name}": tensor.contiguous() for name, tensor in model.state_dict().items()}
    state = optimizer.state_dict()
    for parameter, values in state["state"].items():
        tensors |= {f"optimizer.{parameter}.{key}": value.contiguous() for key, value in values.items()}
    metadata = {
        "config": model.config.model_dump_json(),
        "groups": json.dumps(state["param_groups"]),
        "schedule": json.dumps(schedule.state_dict()),
        "history": json.dumps([epoch.model_dump() for epoch in history]),
    }
    with replacing(path) as temporary:
        save_file(tensors, temporary, metadata=metadata)


def load_checkpoint(path: Path, model: VQVAE, optimizer: Optimizer, schedule: LRScheduler) -> list[Epoch]:
    """Put a run back where it was.

    Returns:
        The history of the epochs that are done.

    Raises:
        UserError: there is no checkpoint, it is damaged, or it belongs to other settings.
    """
    if not path.is_file():
        raise UserError(f"There is nothing to resume at {path}: start the run without --resume.")
    try:
        with safe_open(path, framework="pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
        config = Config.model_validate_json(metadata["config"])
        groups, schedule_state = json.loads(metadata["groups"]), json.loads(metadata["schedule"])
        history = [Epoch.model_validate(epoch) for epoch in json.loads(metadata["history"])]
    except (SafetensorError, OSError, KeyError, ValueError, ValidationError) as error:
        raise UserError(f"The checkpoint {path} is damaged ({error}): delete it and start again.") from error
    if config != model.config:
        differing = [name for name in Config.model_fields if getattr(config, name) != getattr(model.config, name)]
        raise UserError(
            f"The checkpoint {path} was made with another {', '.join(differing)}: resume with the same settings, "
            "or delete it and start again."
        )
    states: dict[int, dict[str, Any]] = {}
    try:
        for name, tensor in tensors.items():
            if name.startswith("optimizer."):
                _, parameter, key = name.split(".")
                states.setdefault(int(parameter), {})[key] = tensor
        model.load_state_dict(
            {name.removeprefix("model."): tensors[name] for name in tensors if name.startswith("model.")}
        )
        optimizer.load_state_dict({"state": states, "param_groups": groups})
        schedule.load_state_dict(schedule_state)
    except (KeyError, ValueError, RuntimeError) as error:
        raise UserError(f"The checkpoint {path} is damaged ({error}): delete it and start again.") from error
    return history
