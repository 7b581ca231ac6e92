"""Freed memory is kept, so that a training step faults no pages in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# In a process of its own: what the C library is told holds to the end of it.
FAULTS = """
import resource, sys, torch
from vqvae_explainer.training.memory import keep_freed_memory
torch.set_num_threads(1)
if sys.argv[1] == "keep":
    assert keep_freed_memory()
def step():
    [torch.ones(4 << 20) for _ in range(8)]  # 16 MiB each
for _ in range(5):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
# What glibc gives back of itself depends on what happens to lie at the heap's end; so told, it gives all of it back.
GIVES_BACK = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}


@pytest.mark.skipif(not Path("/lib64/ld-linux-x86-64.so.2").exists(), reason="only glibc can be told")
def test_pages_are_kept() -> None:
    def faults(how: str) -> int:
        done = subprocess.run(
            [sys.executable, "-c", FAULTS, how],
            env={**os.environ, **GIVES_BACK},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return int(done.stdout)

    assert faults("keep") < 100 < faults("plain")
