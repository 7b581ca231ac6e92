"""The benchmarks run, and their helpers compute correctly. Their figures are not tested."""

import itertools
import math
import subprocess
import sys

import pytest

from benchmarks.__main__ import NAMES
from benchmarks.measuring import Processors, growing, percentile
from tests.conftest import ROOT


def test_percentiles() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [percentile(values, share) for share in (0.0, 0.2, 0.5, 0.99, 1.0)] == [1, 1, 3, 5, 5]
    assert math.isnan(percentile([], 0.5))


def test_stolen_time() -> None:
    assert Processors(1100, 35).stolen_since(Processors(1000, 10)) == 0.25
    now = Processors.now()
    assert 0 <= now.stolen <= now.total


def test_drawings_grow() -> None:
    drawings = growing(5)
    assert len(drawings) == 50
    assert {len(drawing) for drawing in drawings} == {784}
    ink = [sum(drawing) for drawing in drawings]
    assert all(before < after for n, (before, after) in enumerate(itertools.pairwise(ink)) if n % 5 < 4)


def test_every_benchmark_can_be_named() -> None:
    for name in NAMES:
        assert (ROOT / "benchmarks" / f"{name}.py").is_file()
    done = subprocess.run([sys.executable, "-m", "benchmarks", "no"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "unknown benchmark no" in done.stderr


@pytest.mark.parametrize(("name", "unit"), [("frame", "KB"), ("start", "MB")])
def test_a_quick_run_prints_its_table(name: str, unit: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", name], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    machine, blank, title, *rows = done.stdout.splitlines()
    assert "cores" in machine
    assert (blank, title) == ("", name)
    assert any(unit in row for row in rows)
    assert "host" in rows[-1]
