"""The state of an unfinished run, for `--resume`: one safetensors file, no pickle."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import torch
from pydantic import BaseModel, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from ..errors import UserError
from ..files import replacing

EpochT = TypeVar("EpochT", bound=BaseModel)


def checkpoint_path(folder: Path, name: str) -> Path:
    """Path of the checkpoint of the run that writes `<name>.safetensors` to `folder`."""
    return folder / f"{name}.checkpoint.safetensors"


def save_checkpoint(
    path: Path,
    model: nn.Module,
    config: BaseModel,
    optimizer: Optimizer,
    schedule: LRScheduler,
    history: Sequence[BaseModel],
    callback_state: dict[str, Tensor],
    world_size: int,
) -> None:
    """Write the state after an epoch, replacing the previous checkpoint.

    Args:
        path: the file to write.
        model: saved with the states of `optimizer` and `schedule`.
        config: of the run; it can only be resumed with the same.
        optimizer: of the model.
        schedule: of the optimizer.
        history: one entry per finished epoch.
        callback_state: tensors that callbacks need to resume.
        world_size: number of processes that train together.

    Raises:
        UserError: the file cannot be written.
    """
    tensors: dict[str, Tensor] = {f"model.{name}": tensor.contiguous() for name, tensor in model.state_dict().items()}
    state = optimizer.state_dict()
    for parameter, values in state["state"].items():
        tensors |= {f"optimizer.{parameter}.{key}": value.contiguous() for key, value in values.items()}
    tensors |= {f"callbacks.{name}": tensor for name, tensor in callback_state.items()}
    metadata = {
        "config": config.model_dump_json(),
        "groups": json.dumps(state["param_groups"]),
        "schedule": json.dumps(schedule.state_dict()),
        "history": json.dumps([epoch.model_dump() for epoch in history]),
        "world_size": str(world_size),
    }
    with replacing(path) as temporary:
        temporary.write_bytes(save(tensors, metadata=metadata))  # `save_file` raises another error for a full disk


def load_checkpoint(
    path: Path,
    model: nn.Module,
    config: BaseModel,
    optimizer: Optimizer,
    schedule: LRScheduler,
    epoch_type: type[EpochT],
    world_size: int,
) -> tuple[list[EpochT], dict[str, Tensor]]:
    """Restore the state of model, optimizer and schedule.

    Returns:
        The history, made of `epoch_type`, and the callback state that were saved.

    Raises:
        UserError: the file is missing or damaged, or was written with other settings.
    """
    if not path.is_file():
        raise UserError(f"There is no checkpoint {path} to resume. Start the run without --resume.")
    try:
        with safe_open(path, framework="pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
        saved_config = type(config).model_validate_json(metadata["config"])
        groups, schedule_state = json.loads(metadata["groups"]), json.loads(metadata["schedule"])
        history = [epoch_type.model_validate(epoch) for epoch in json.loads(metadata["history"])]
        saved_world_size = int(metadata["world_size"])
    except (SafetensorError, OSError, KeyError, ValueError, ValidationError) as error:
        raise UserError(f"The checkpoint {path} is damaged ({error}). Delete it and start again.") from error
    if saved_config != config:
        differing = [name for name, value in config if getattr(saved_config, name) != value]
        raise UserError(
            f"The checkpoint {path} has another value of {', '.join(differing)}. Resume with the same settings, "
            "or delete it and start again."
        )
    if saved_world_size != world_size:
        raise UserError(
            f"The checkpoint {path} was written by a run with {saved_world_size} processes, this one has {world_size}. "
            "Resume with the same number, or delete it and start again."
        )
    states: dict[int, dict[str, Any]] = {}
    parameters = list(model.parameters())
    try:
        for name, tensor in tensors.items():
            if name.startswith("optimizer."):
                _, parameter, key = name.split(".")
                states.setdefault(int(parameter), {})[key] = with_layout_of(parameters[int(parameter)], tensor)
        model.load_state_dict(without_prefix(tensors, "model."))
        optimizer.load_state_dict({"state": states, "param_groups": groups})
        schedule.load_state_dict(schedule_state)
    except (KeyError, IndexError, ValueError, RuntimeError) as error:
        raise UserError(f"The checkpoint {path} is damaged ({error}). Delete it and start again.") from error
    return history, without_prefix(tensors, "callbacks.")


def with_layout_of(parameter: Tensor, values: Tensor) -> Tensor:
    """Copy an optimizer state to the memory layout of its parameter, which fused optimizers require."""
    return torch.empty_like(parameter, device=values.device).copy_(values) if values.ndim else values


def without_prefix(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
