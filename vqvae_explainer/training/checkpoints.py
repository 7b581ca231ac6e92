"""An unfinished run on disk: everything that `--resume` needs, in one file without pickle."""

import json
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
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
    path: Path,
    model: VQVAE,
    optimizer: Optimizer,
    schedule: LRScheduler,
    history: list[Epoch],
    watched: dict[str, Tensor],
    processes: int,
) -> None:
    """Write the state after a finished epoch, replacing the previous one.

    Args:
        path: of the file.
        model: in training.
        optimizer: its own state is kept with the model's.
        schedule: likewise.
        history: of the epochs that are done.
        watched: what those who look on need to go on.
        processes: how many train together.

    Raises:
        UserError: the file cannot be written.
    """
    tensors: dict[str, Tensor] = {f"model.{name}": tensor.contiguous() for name, tensor in model.state_dict().items()}
    state = optimizer.state_dict()
    for parameter, values in state["state"].items():
        tensors |= {f"optimizer.{parameter}.{key}": value.contiguous() for key, value in values.items()}
    tensors |= {f"watched.{name}": tensor for name, tensor in watched.items()}
    metadata = {
        "config": model.config.model_dump_json(),
        "groups": json.dumps(state["param_groups"]),
        "schedule": json.dumps(schedule.state_dict()),
        "history": json.dumps([epoch.model_dump() for epoch in history]),
        "processes": str(processes),
    }
    with replacing(path) as temporary:
        temporary.write_bytes(save(tensors, metadata=metadata))  # `save_file` tells of a full disk in its own way


def load_checkpoint(
    path: Path, model: VQVAE, optimizer: Optimizer, schedule: LRScheduler, processes: int
) -> tuple[list[Epoch], dict[str, Tensor]]:
    """Put a run back where it was.

    Returns:
        The history of the epochs that are done, and what those who look on kept.

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
        processes_then = int(metadata["processes"])
    except (SafetensorError, OSError, KeyError, ValueError, ValidationError) as error:
        raise UserError(f"The checkpoint {path} is damaged ({error}): delete it and start again.") from error
    if config != model.config:
        differing = [name for name in Config.model_fields if getattr(config, name) != getattr(model.config, name)]
        raise UserError(
            f"The checkpoint {path} was made with another {', '.join(differing)}: resume with the same settings, "
            "or delete it and start again."
        )
    if processes_then != processes:
        raise UserError(
            f"The checkpoint {path} was made by {processes_then} processes, and here are {processes}: "
            "resume with as many, or delete it and start again."
        )
    states: dict[int, dict[str, Any]] = {}
    parameters = list(model.parameters())
    try:
        for name, tensor in tensors.items():
            if name.startswith("optimizer."):
                _, parameter, key = name.split(".")
                states.setdefault(int(parameter), {})[key] = laid_out_like(parameters[int(parameter)], tensor)
        model.load_state_dict(parts(tensors, "model."))
        optimizer.load_state_dict({"state": states, "param_groups": groups})
        schedule.load_state_dict(schedule_state)
    except (KeyError, IndexError, ValueError, RuntimeError) as error:
        raise UserError(f"The checkpoint {path} is damaged ({error}): delete it and start again.") from error
    return history, parts(tensors, "watched.")


def laid_out_like(parameter: Tensor, values: Tensor) -> Tensor:
    """An optimizer's values in the memory layout of their parameter, which fused optimizers take for granted."""
    return torch.empty_like(parameter, device=values.device).copy_(values) if values.ndim else values


def parts(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names start with the prefix, without it."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
