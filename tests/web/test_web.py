"""The front end's logic, tested in Deno: everything that needs no page."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DENO = Path(sys.executable).parent / "deno"


def test_front_end_logic(capsys: pytest.CaptureFixture[str]) -> None:
    # `make lint` checks the types. No permissions: these modules use neither files nor the network.
    command = [DENO, "test", "--no-check", "--no-remote", "--no-npm", "--no-prompt", "--reporter=dot"]
    done = subprocess.run(
        command, cwd=ROOT, env={"NO_COLOR": "1"}, capture_output=True, text=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with capsys.disabled():
        print(f"\ndeno test: {done.stdout.strip().splitlines()[-1]}")
