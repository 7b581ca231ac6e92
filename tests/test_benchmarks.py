"""The benchmarks run, and their helpers compute correctly. Their figures are not tested."""

import itertools
import math

import pytest

from benchmarks.__main__ import main
from benchmarks.measuring import Processors, growing, percentile


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


def test_unknown_benchmark(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["no"])
    assert "unknown benchmark no" in capsys.readouterr().err


def test_quick_run_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick", "frame"])
    machine, blank, title, *rows = capsys.readouterr().out.splitlines()
    assert "cores" in machine
    assert (blank, title) == ("", "frame")
    assert any("KB" in row for row in rows)
    assert "host" in rows[-1]
