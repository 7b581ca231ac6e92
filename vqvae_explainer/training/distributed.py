"""Training on several processes, which torchrun starts: what each has to tell the others.

Every process holds the same model and takes its share of each batch. Gradients are averaged by PyTorch's
DistributedDataParallel; what else is learned or counted from a batch is added up here, so that N processes with
batches of B do what one does with batches of N·B.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel


class DistributedContext(NamedTuple):
    """Which process this is, and of how many."""

    rank: int = 0
    number: int = 1

    @property
    def first(self) -> bool:
        """Whether this is the one that writes and prints."""
        return self.rank == 0

    def shard(self, rows: Tensor) -> Tensor:
        """This process's part of the rows (N·B,) of a batch: (B,)."""
        return rows.chunk(self.number)[self.rank]

    def wrap(self, model: nn.Module) -> nn.Module:
        """The model to call in training; all start from the first process's parameters and buffers."""
        if self.number == 1:
            return model
        # Buffers change by the same sums everywhere, so that they need not be sent at every step.
        return DistributedDataParallel(model, broadcast_buffers=False)

    def wait(self) -> None:
        """Go on when all have come here."""
        if self.number > 1:
            distributed.barrier()

    def all_reduce(self, *tensors: Tensor) -> None:
        """Replace each tensor by the sum of all processes' tensors."""
        if self.number > 1:
            for tensor in tensors:
                distributed.all_reduce(tensor)

    def all_gather(self, rows: Tensor) -> Tensor:
        """All processes' rows (n, ...) below each other, in the order of their ranks: (N·n, ...)."""
        if self.number == 1:
            return rows
        parts = [torch.empty_like(rows) for _ in range(self.number)]
        distributed.all_gather(parts, rows.contiguous())
        return torch.cat(parts)


SINGLE_PROCESS = DistributedContext()


def told_by_torchrun(name: str, default: int) -> int:
    """One of the numbers that torchrun puts into the environment of each process that it starts."""
    return int(os.environ.get(name, default))


def local_rank() -> int:
    """The number of this process among those of its machine."""
    return told_by_torchrun("LOCAL_RANK", 0)


@contextmanager
def joined(device: torch.device) -> Iterator[DistributedContext]:
    """Meet the other processes that torchrun started, if it did, for as long as the block lasts."""
    if told_by_torchrun("WORLD_SIZE", 1) == 1:
        yield SINGLE_PROCESS
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield DistributedContext(distributed.get_rank(), distributed.get_world_size())
    finally:
        distributed.destroy_process_group()
