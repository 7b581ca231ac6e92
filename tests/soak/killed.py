"""Run by test_training.py: trains in child processes that are killed at random moments, and checks the files each time.

Importing PyTorch takes seconds, a tiny run a fraction of one: this process imports once and forks for each start.
Arguments: an empty folder, the folder of MNIST. Prints a JSON object.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import torch

from vqvae_explainer.errors import UserError
from vqvae_explainer.model.presets import DEFAULT, PRESETS
from vqvae_explainer.model.weights import load_weights
from vqvae_explainer.training import run
from vqvae_explainer.training.metrics import out_of_distribution

KILLS = 20
DIGITS = 64
EPOCHS = 12
SMALL = {
    "hidden_channels": 2,
    "residual_channels": 1,
    "residual_blocks": 0,
    "embedding_dim": 2,
    "num_embeddings": 4,
    "batch_size": 32,
}


def start(out: Path, data_dir: Path, resume: bool = False) -> int:
    """Fork a child that trains. Returns its process id; it exits with 0 if all went well."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        preset = PRESETS[DEFAULT].model_copy(update=SMALL)
        run.run(preset, {"name": "tiny", "epochs": EPOCHS}, "cpu", data_dir, out, resume)
        status = 0
    except BaseException as error:  # the child must not return to the parent's code
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    finally:
        os._exit(status)


def loadable(path: Path) -> str:
    """The error when loading the weights; empty if there is none."""
    try:
        load_weights(path)
    except UserError as error:
        return str(error)
    return ""


def main(out: Path, data_dir: Path) -> dict[str, object]:
    """Kill and resume repeatedly. Runs that finish must have the weights of an uninterrupted run."""
    torch.set_num_threads(1)
    run.export_bundle = lambda *_: {}  # takes longer than everything else
    digits = run.load_mnist(data_dir, train=False)[:DIGITS]
    run.load_mnist = lambda *_, **__: digits
    out_of_distribution()  # once for all children
    seed = time.time_ns()
    chance = random.Random(seed)
    whole, killed = out / "whole", out / "killed"
    began = time.perf_counter()
    _, status = os.waitpid(start(whole, data_dir), 0)
    seconds = time.perf_counter() - began
    if status:
        return {"problems": [f"the uninterrupted run ended with {status}"]}
    shutil.copytree(whole, killed)  # weights of an earlier run stay loadable
    weights, checkpoint = killed / "tiny.safetensors", killed / "tiny.checkpoint.safetensors"
    expected = weights.read_bytes()
    problems, kills, resumed = [], 0, 0
    finished = False
    while not problems and not (kills >= KILLS and finished):
        resumed += checkpoint.exists()
        child = start(killed, data_dir, resume=checkpoint.exists())
        if kills < KILLS:
            time.sleep(chance.uniform(0, 1) * seconds)
            os.kill(child, signal.SIGKILL)  # nothing happens if it has ended: it stays a zombie until waited for
        _, status = os.waitpid(child, 0)
        finished = status == 0
        kills += os.WIFSIGNALED(status)
        if not finished and not os.WIFSIGNALED(status):
            problems.append(f"a run that was not killed ended with {status}")
        if why := loadable(weights):
            problems.append(why)
        if finished and weights.read_bytes() != expected:
            problems.append("a run that was killed and resumed has other weights")
    files = sorted(path.name for path in killed.iterdir())
    return {"seed": seed, "kills": kills, "resumed": resumed, "problems": problems, "files": files}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
