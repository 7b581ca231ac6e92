"""Training on several processes started by torchrun.

Every process holds the same model and trains on its shard of each batch. DistributedDataParallel averages gradients;
codebook statistics and losses are summed here. N processes with batches of B give the same result as one process with
batches of N·B.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel


class DistributedContext(NamedTuple):
    """The rank of this process and the number of processes. With one process, all operations do nothing."""

    rank: int = 0
    world_size: int = 1

    @property
    def is_main(self) -> bool:
        """Whether this is the process that writes files and prints."""
        return self.rank == 0

    def shard(self, rows: Tensor) -> Tensor:
        """This process's part (B,) of the rows (N·B,) of a batch."""
        return rows.chunk(self.world_size)[self.rank]

    def wrap(self, model: nn.Module) -> nn.Module:
        """The module to call in training. All processes start with the parameters and buffers of rank 0."""
        if self.world_size == 1:
            return model
        # All processes update the buffers with the same sums, so they need not be sent at every step.
        return DistributedDataParallel(model, broadcast_buffers=False)

    def barrier(self) -> None:
        if self.world_size > 1:
            distributed.barrier()

    def all_reduce(self, *tensors: Tensor) -> None:
        """Replace each tensor by its sum over all processes."""
        if self.world_size > 1:
            for tensor in tensors:
                distributed.all_reduce(tensor)

    def all_gather(self, rows: Tensor) -> Tensor:
        """Concatenate the rows (n, ...) of all processes in order of rank: (N·n, ...)."""
        if self.world_size == 1:
            return rows
        parts = [torch.empty_like(rows) for _ in range(self.world_size)]
        distributed.all_gather(parts, rows.contiguous())
        return torch.cat(parts)


SINGLE_PROCESS = DistributedContext()


def torchrun_variable(name: str, default: int) -> int:
    return int(os.environ.get(name, default))


def local_rank() -> int:
    return torchrun_variable("LOCAL_RANK", 0)


@contextmanager
def process_group(device: torch.device) -> Iterator[DistributedContext]:
    """Join the process group of torchrun for the duration of the block; without torchrun, SINGLE_PROCESS."""
    if torchrun_variable("WORLD_SIZE", 1) == 1:
        yield SINGLE_PROCESS
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield DistributedContext(distributed.get_rank(), distributed.get_world_size())
    finally:
        distributed.destroy_process_group()
