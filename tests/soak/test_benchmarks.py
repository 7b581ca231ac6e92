"""Every benchmark runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import NAMES
from tests.conftest import DATA_VARIABLE, ROOT


@pytest.mark.parametrize("name", NAMES)
def test_quick_run(name: str, data_dir: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", name]
    environment = os.environ | {DATA_VARIABLE: str(data_dir)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) >= 5  # machine, blank line, name, a figure, the host's share
