"""The source itself: linted, formatted, typed, and in files of a size that can be read."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = Path(sys.executable).parent
MAX_LINES = 320
PROSE_AND_CODE = (".py", ".js", ".css", ".html")


@pytest.mark.parametrize(
    "command",
    [
        "ruff check",
        "ruff format --check",
        "mypy",
        "deno check static/",
        "deno lint",
    ],
)
def test_tool_finds_nothing(command: str) -> None:
    tool, *arguments = command.split()
    done = subprocess.run([TOOLS / tool, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_front_end_is_checked_strictly() -> None:
    """Without these the checks above would pass whatever the modules hold."""
    shown = subprocess.run(
        [TOOLS / "deno", "check", "-"], cwd=ROOT, input="const n: number = 'one';", capture_output=True, text=True
    )
    assert shown.returncode != 0
    configuration = (ROOT / "deno.json").read_text()
    assert '"checkJs": true' in configuration
    assert '"strict": true' in configuration
    assert not [path for path in (ROOT / "static").rglob("*.js") if "@ts-nocheck" in path.read_text(encoding="utf-8")]


def test_files_can_be_read_in_one_sitting() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no repository: the list of files is git's")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    paths = [ROOT / name for name in listed if name.endswith(PROSE_AND_CODE) and not name.startswith("tests/notebooks")]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in paths if path.exists()}
    assert len(lengths) > 30
    assert {path: length for path, length in lengths.items() if length > MAX_LINES} == {}
