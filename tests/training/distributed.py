"""Run by test_distributed.py: trains on two processes; each writes its weights, the first also its history.

Importing PyTorch takes seconds, a tiny run a fraction of one: this process imports once and forks the two.
Arguments: the folder to write to, and a JSON list of [name, configuration] pairs.
"""

import json
import os
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.multiprocessing import start_processes

from benchmarks.measuring import free_port
from vqvae_explainer.model.config import Config
from vqvae_explainer.training import loop
from vqvae_explainer.training.distributed import DistributedContext, process_group
from vqvae_explainer.training.playback import Recorder

CPU = torch.device("cpu")


def tensors(model: torch.nn.Module) -> dict[str, Tensor]:
    return {name: tensor.contiguous() for name, tensor in model.state_dict().items()}


def train_all(out: Path, jobs: list[tuple[str, dict[str, object]]], context: DistributedContext) -> None:
    """Train each configuration; also resume the first from the checkpoint of its first epoch."""
    loop.REVIVAL_INTERVAL = 3
    digits = load_file(out / "digits.safetensors")["digits"]
    for name, fields in jobs:
        config = Config.model_validate(fields)
        checkpoint, first_epoch = out / f"{name}.checkpoint.safetensors", out / f"{name}.first.safetensors"

        def report(line: str, name: str = name, checkpoint: Path = checkpoint, copy: Path = first_epoch) -> None:
            if checkpoint.exists() and not copy.exists():  # called before the checkpoint of this epoch is written
                shutil.copy(checkpoint, copy)
            print(name, line, flush=True)

        model, history = loop.train(
            config, digits, CPU, checkpoint, report=report, callbacks=(Recorder(),), context=context
        )
        save_file(tensors(model), out / f"{name}.{context.rank}.safetensors")
        if context.is_main:
            (out / f"{name}.json").write_text(json.dumps([epoch.model_dump() for epoch in history]))
        context.barrier()
        if name == jobs[0][0]:
            resumed, _ = loop.train(
                config, digits, CPU, first_epoch, True, lambda _: None, callbacks=(Recorder(),), context=context
            )
            save_file(tensors(resumed), out / f"resumed.{context.rank}.safetensors")


def process(rank: int, out: Path, jobs: list[tuple[str, dict[str, object]]]) -> None:
    """One of the two processes, with the environment of torchrun."""
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank)}
    torch.set_num_threads(1)
    with process_group(CPU) as context:
        train_all(out, jobs, context)


if __name__ == "__main__":
    os.environ |= {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    start_processes(process, (Path(sys.argv[1]), json.loads(sys.argv[2])), nprocs=2, start_method="fork")
