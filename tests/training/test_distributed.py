"""Two processes give the same result as one with batches twice as large."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.conftest import ROOT
from vqvae_explainer.errors import UserError
from vqvae_explainer.model.card import Epoch
from vqvae_explainer.model.config import Config
from vqvae_explainer.training import loop
from vqvae_explainer.training.distributed import SINGLE_PROCESS, DistributedContext, process_group

DIGITS = 176  # five and a half steps of 32
CPU = torch.device("cpu")
ENV = {**os.environ, "PYTHONPATH": str(ROOT)}
JOBS: dict[str, dict[str, object]] = {
    # Many codes that start as noise are never chosen and clearly dead at the first check.
    "ema": {"codebook_init": "uniform", "ema_decay": 0.5, "dead_code_threshold": 0.003},
    "gradient": {"codebook": "gradient", "schedule": "constant", "optimizer": "adam"},
    "mlp": {"architecture": "mlp", "output": "linear", "codebook_init": "samples"},
}


@pytest.fixture(scope="module")
def config(make_config: Callable[..., Config]) -> Callable[..., Config]:
    """The configuration of a job, for one process with batches of 32 or two with batches of 16."""

    def make(name: str, batch_size: int) -> Config:
        common = {"epochs": 2, "batch_size": batch_size, "learning_rate": 2e-3}
        return make_config(**common | JOBS[name])

    return make


@pytest.fixture(scope="module")
def pair(config: Callable[..., Config], train_digits: Tensor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder written by two processes."""
    out = tmp_path_factory.mktemp("pair")
    save_file({"digits": train_digits[:DIGITS].contiguous()}, out / "digits.safetensors")
    jobs = json.dumps([[name, config(name, 16).model_dump()] for name in JOBS])
    script = Path(__file__).with_name("distributed.py")
    done = subprocess.run([sys.executable, script, out, jobs], capture_output=True, text=True, timeout=120, env=ENV)
    assert done.returncode == 0, done.stderr
    assert sorted(re.findall(r"(\w+) epoch (\d)/2", done.stdout)) == sorted((name, n) for name in JOBS for n in "12")
    return out


@pytest.fixture(scope="module")
def single_process(
    config: Callable[..., Config], train_digits: Tensor, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], tuple[dict[str, Tensor], list[Epoch]]]:
    """Train a job in this process."""

    def start(name: str) -> tuple[dict[str, Tensor], list[Epoch]]:
        checkpoint = tmp_path_factory.mktemp("single") / "c.safetensors"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loop, "REVIVAL_INTERVAL", 3)
            arguments = (config(name, 32), train_digits[:DIGITS], CPU, checkpoint)
            model, history = loop.train(*arguments, report=lambda _: None)
        return model.state_dict(), history

    return start


@pytest.mark.parametrize("name", JOBS)
def test_two_processes_have_the_codebook_of_one(
    pair: Path, single_process: Callable[[str], tuple[dict[str, Tensor], list[Epoch]]], name: str
) -> None:
    expected, history = single_process(name)
    found = load_file(pair / f"{name}.0.safetensors")
    assert found.keys() == expected.keys()
    for key, tensor in expected.items():
        # Rounding can decide between two codes: their counts then differ by one.
        rtol, atol = (0.03, 2) if "cluster" in key else (1e-3, 2e-4)
        torch.testing.assert_close(found[key], tensor, rtol=rtol, atol=atol, msg=lambda text, key=key: f"{key}: {text}")
    for mine, theirs in zip(json.loads((pair / f"{name}.json").read_text()), history, strict=True):
        for figure in ("reconstruction", "codebook", "commitment", "perplexity", "codes_used", "revived_codes"):
            assert mine[figure] == pytest.approx(getattr(theirs, figure), rel=1e-3), figure
    if name == "ema":
        assert history[0].revived_codes > 0


@pytest.mark.parametrize("name", [*JOBS, "resumed"])
def test_both_processes_have_identical_weights(pair: Path, name: str) -> None:
    first, second = (load_file(pair / f"{name}.{rank}.safetensors") for rank in (0, 1))
    assert all(torch.equal(tensor, second[key]) for key, tensor in first.items())


def test_resumed_run_gives_the_same_weights(pair: Path) -> None:
    whole, resumed = (load_file(pair / f"{name}.0.safetensors") for name in ("ema", "resumed"))
    assert all(torch.equal(tensor, resumed[key]) for key, tensor in whole.items())


def test_resuming_needs_the_same_number_of_processes(
    pair: Path, config: Callable[..., Config], train_digits: Tensor
) -> None:
    kept = pair / "ema.first.safetensors"
    with pytest.raises(UserError, match="with 2 processes, this one has 1"):
        loop.train(config("ema", 16), train_digits[:DIGITS], CPU, kept, resume=True)


def test_shards_of_a_batch() -> None:
    rows = torch.arange(12)
    parts = [DistributedContext(rank, 3).shard(rows) for rank in range(3)]
    assert [len(part) for part in parts] == [4, 4, 4]
    assert torch.equal(torch.cat(parts), rows)
    assert torch.equal(SINGLE_PROCESS.shard(rows), rows)


def test_single_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with process_group(CPU) as context:
        assert context == SINGLE_PROCESS
        assert context.is_main
        tensor, model = torch.ones(2), torch.nn.Linear(1, 1)
        context.all_reduce(tensor)
        context.barrier()
        assert torch.equal(tensor, torch.ones(2))
        assert context.all_gather(tensor) is tensor
        assert context.wrap(model) is model
    assert not torch.distributed.is_initialized()
