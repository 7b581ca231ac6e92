"""Run by torchrun in test_distributed.py: trains on several processes; the first writes what came of it.

Arguments: the folder to write to, and a JSON list of [name, configuration] pairs.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from vqvae_explainer.model.config import Config
from vqvae_explainer.training import loop
from vqvae_explainer.training.distributed import DistributedContext, process_group
from vqvae_explainer.training.playback import Recorder


def numbers(model: torch.nn.Module) -> dict[str, Tensor]:
    """All numbers of a model."""
    return {name: tensor.contiguous() for name, tensor in model.state_dict().items()}


def train_all(out: Path, jobs: list[tuple[str, dict[str, object]]], context: DistributedContext) -> None:
    """Train each configuration; resume the first from its first epoch as well."""
    torch.set_num_threads(1)
    loop.REVIVAL_INTERVAL = 3
    digits = load_file(out / "digits.safetensors")["digits"]
    for name, fields in jobs:
        config = Config.model_validate(fields)
        checkpoint, kept = out / f"{name}.checkpoint.safetensors", out / f"{name}.first.safetensors"

        def keep(line: str, name: str = name, checkpoint: Path = checkpoint, kept: Path = kept) -> None:
            if checkpoint.exists() and not kept.exists():  # told before it is saved: this is the first epoch's
                shutil.copy(checkpoint, kept)
            print(name, line, flush=True)

        arguments = (config, digits, torch.device("cpu"))
        callbacks = (Recorder(),)
        model, history = loop.train(*arguments, checkpoint, report=keep, callbacks=callbacks, context=context)
        save_file(numbers(model), out / f"{name}.{context.rank}.safetensors")
        if context.is_main:
            (out / f"{name}.json").write_text(json.dumps([epoch.model_dump() for epoch in history]))
        context.barrier()
        if name == jobs[0][0]:
            callbacks = (Recorder(),)
            resumed, _ = loop.train(*arguments, kept, True, lambda _: None, callbacks, context)
            save_file(numbers(resumed), out / f"resumed.{context.rank}.safetensors")


if __name__ == "__main__":
    with process_group(torch.device("cpu")) as context:
        train_all(Path(sys.argv[1]), json.loads(sys.argv[2]), context)
