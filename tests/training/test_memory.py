"""Freed memory is kept, so that training steps cause no page faults."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# In a process of its own, because the setting cannot be undone.
FAULTS = """
import resource, torch
from vqvae_explainer.training.memory import keep_freed_memory
torch.set_num_threads(1)

def faults():
    def step():
        [torch.ones(4 << 20) for _ in range(8)]  # 16 MiB each
    for _ in range(5):
        step()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        step()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

default = faults()
assert keep_freed_memory()
print(default, faults())
"""
# By default, what glibc returns to the system depends on the layout of the heap. With these settings it returns all.
RETURN_ALL = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}


@pytest.mark.skipif(not Path("/lib64/ld-linux-x86-64.so.2").exists(), reason="requires glibc")
def test_pages_are_kept() -> None:
    environment = {**os.environ, **RETURN_ALL}
    command = [sys.executable, "-c", FAULTS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    default, kept = map(int, done.stdout.split())
    assert kept < 100 < default
